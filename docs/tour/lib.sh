# Helpers of the demonstrations. Sourced, not run; needs curl and awk.

borealis=$(cd "$(dirname "$0")/../.." && pwd)/bin/borealis
here=$(cd "$(dirname "$0")" && pwd)
command -v curl >/dev/null || { echo "this needs curl" >&2; exit 1; }
# Builds, and says so, if that is still to be done.
"$borealis" --help >/dev/null
work=$(mktemp -d)
pids=

say() { printf '\n== %s\n' "$*"; }

# Starts a daemon in the background: start NAME ARGUMENT…
start() {
  name=$1
  shift
  : >"$work/$name.log"
  "$borealis" "$@" >"$work/$name.log" 2>&1 &
  eval "pid_$name=$!"
  pids="$pids $!"
}

# Kills a daemon as a crash would: kill_hard NAME
kill_hard() {
  eval "killed=\$pid_$1"
  kill -9 "$killed"
  # Takes the shell's notice of it.
  wait "$killed" 2>/dev/null || true
}

cleanup() {
  trap '' INT TERM
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  while left=$(of_tasks) && [ -n "$left" ]; do
    # shellcheck disable=SC2086 # There may be several.
    kill -9 $left 2>/dev/null || true
    sleep 0.1
  done
  rm -rf "$work"
}

# The processes of tasks, which outlive their agent: all that work in our directory.
of_tasks() {
  for process in /proc/[0-9]*; do
    case $(readlink "$process/cwd" 2>/dev/null) in
      "$work"/*) echo "${process#/proc/}" ;;
    esac
  done
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Tries a command until it succeeds, for a minute and a half at most: patiently COMMAND…
patiently() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ $tries -gt 450 ]; then
      echo "still not after $tries attempts: $*" >&2
      tail -n 20 "$work"/*.log >&2
      exit 1
    fi
    sleep 0.2
  done
}

# Waits until a log has a line, and prints it: await NAME TEXT
await() {
  patiently logged "$1" "$2"
  grep "$2" "$work/$1.log" | tail -n 1
}
logged() {
  if grep '^borealis [a-z]*: ' "$work/$1.log" >&2; then exit 1; fi
  grep -q "$2" "$work/$1.log"
}

# Calls a method of the API: call PORT METHOD JSON-or-@FILE
call() { curl -sSL -H 'Content-Type: application/json' -d "$3" "http://127.0.0.1:$1/apibeta/$2"; }

# The value of the first field of this name: field NAME <JSON
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

status() { call "$1" getJobUpdateSummaries '{"jobUpdateQuery":{"role":"www"}}' | grep -o '"status":"[A-Z_]*"' | head -n 1 | cut -d'"' -f4; }

running() { call "$1" getTasksWithoutConfigs '{"query":{"role":"www","statuses":["RUNNING"]}}' | grep -o '"taskId"' | wc -l | tr -d ' '; }

# Whether so many tasks run: all_run PORT COUNT
all_run() { [ "$(running "$1")" = "$2" ]; }

# Follows the update until it has ended: follow PORT
follow() {
  last=
  while :; do
    now="$(status "$1"), $(running "$1") tasks running"
    if [ "$now" != "$last" ]; then echo "$now"; fi
    last=$now
    case $now in
      ROLLED_* | FAILED* | ABORTED* | ERROR*) break ;;
    esac
    sleep 0.3
  done
}

# Prints the events of the update and checks them: judge PORT GROUP-SIZE INSTANCES
judge() {
  call "$1" getJobUpdateDetails '{"query":{"role":"www"}}' >"$work/details.json"
  echo "update $(field id <"$work/details.json")"
  grep -o '"instanceId":[0-9]*,"timestampMs":[0-9]*,"action":"[A-Z_]*"' "$work/details.json" |
    tr -d '"' | awk -F '[:,]' -v size="$2" -v all="$3" '
      $6 == "INSTANCE_UPDATING" { begun[$2]++; now++; if (now > most) most = now }
      $6 == "INSTANCE_UPDATED" { now--; done++ }
      END {
        for (i in begun) if (begun[i] > 1) { print "instance " i " was updated " begun[i] " times"; bad = 1 }
        print done " instances updated, each once; at most " most " at a time, " size " allowed"
        exit (bad || most > size || done != all)
      }'
}
