#!/bin/sh
# One process that schedules and runs a web server of three instances: it is updated, an update that does not work is
# rolled back, and the process is killed in the middle of an update. Give another port if 18081 is taken.
set -eu
. "$(dirname "$0")/lib.sh"
port=${1:-18081}
pages=$((port + 1))
first=$((port + 100))

command -v python3 >/dev/null || { echo "this needs python3, which is the web server of the tour" >&2; exit 1; }
ports=
web() { "$here/web.py" "$@"; }
code() { grep -o '"responseCode":"[A-Z_]*"' | cut -d'"' -f4; }

run_borealis() {
  : >"$work/up.log"
  start up up --data-dir "$work/data" --http-port "$port" --observer-port "$pages" \
    --resources "cpus:4;ports:[$first-$((first + 49))]"
  await up "leading at"
}

tasks() { call "$port" getTasksWithoutConfigs '{"query":{"role":"www"}}'; }
# Asks each instance itself who it is. Where they are is not asked while nobody knows.
answers() {
  places=$({ tasks | web tasks; } 2>/dev/null | cut -d' ' -f3) || true
  ports=${places:-$ports}
  for at in $ports; do curl -s "http://127.0.0.1:$at/" || echo "nobody answers at $at"; done | sort -t , -k 2
}

# How far the update is, one line each time an instance or the update got another status.
follow_web() {
  last=
  while :; do
    {
      call "$port" getJobUpdateSummaries '{"jobUpdateQuery":{"role":"www"}}'
      tasks
    } | web moment >"$work/moment"
    now=$(cut -f1 "$work/moment")
    if [ "$now" != "$last" ]; then tr '\t' ' ' <"$work/moment"; fi
    last=$now
    case $now in
      ROLLED_* | FAILED* | ABORTED* | ERROR*) break ;;
    esac
    sleep 0.2
  done
  case $now in
    "$1"*) ;;
    *) echo "this should have been $1" >&2; exit 1 ;;
  esac
}

say "borealis up --http-port $port --observer-port $pages"
run_borealis

say "create www/prod/web with three instances"
web create <"$here/web.json" | call "$port" createJob @- | code
patiently all_run "$port" 3
answers

say "version 2, one instance at a time, each healthy before the next"
sed 's/version 1/version 2/' "$here/web.json" | web update "version 2" | call "$port" startJobUpdate @- | code
follow_web ROLLED_FORWARD
answers

say "version 3, which is sick"
sed 's/version 1/version 3/; s/echo ok/echo sick/' "$here/web.json" | web update "version 3" |
  call "$port" startJobUpdate @- | code
follow_web ROLLED_BACK
tasks | web failure
answers

say "the log of instance 1"
id=$(tasks | web tasks | grep '^1 ' | cut -d' ' -f4)
echo "its last 200 bytes: curl -H 'Range: bytes=-200' http://127.0.0.1:$pages/logfile/$id/server/-1/stderr"
curl -s -H 'Range: bytes=-200' "http://127.0.0.1:$pages/logfile/$id/server/-1/stderr" | tail -n 2
log=http://127.0.0.1:$pages/logdata/$id/server/-1/stderr
end=$(curl -s "$log" | web offset)
answers >"$work/asked"
echo "and what is new in it after a visit: curl '$log?offset=$end'"
visited() { curl -s "$log?offset=$end" | web data | grep '"GET / '; }
patiently visited

say "version 4, and kill -9 of the only process in the middle"
sed 's/version 1/version 4/' "$here/web.json" | web update "version 4" | call "$port" startJobUpdate @- | code
has_begun() { answers >"$work/before"; grep -q 'version 4, instance 0' "$work/before"; }
patiently has_begun
kill_hard up
echo "killed; nobody schedules, and the web servers answer all the same:"
answers >"$work/before"
cat "$work/before"

say "start it again"
run_borealis
answers
follow_web ROLLED_FORWARD
answers >"$work/after"
cat "$work/after"
grep 'instance 0' "$work/before" | grep -qxFf - "$work/after" || { echo "instance 0 was started twice" >&2; exit 1; }
echo "instance 0 is the process it was before the kill"

say "the end: tasks outlive the process, so the job is killed first"
call "$port" killTasks '{"job": {"role": "www", "environment": "prod", "name": "web"}}' | code
none_lives() { [ -z "$(tasks | web tasks)" ]; }
patiently none_lives
kill "$pid_up"
wait "$pid_up" || true
left=$(of_tasks)
[ -z "$left" ] || { echo "still running: $left" >&2; exit 1; }
echo "nothing is left running"
