# Helpers of the demonstrations. Sourced, not run; needs curl and awk.

borealis=$(cd "$(dirname "$0")/../.." && pwd)/bin/borealis
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
pids=

say() { printf '\n== %s\n' "$*"; }

# Starts a daemon in the background: start NAME ARGUMENT…
start() {
  name=$1
  shift
  "$borealis" "$@" >"$work/$name.log" 2>&1 &
  eval "pid_$name=$!"
  pids="$pids $!"
}

cleanup() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Waits until a log has a line: await NAME TEXT
await() {
  tries=0
  until grep -q "$2" "$work/$1.log" 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ]; then
      echo "'$2' did not come; the log of $1:" >&2
      cat "$work/$1.log" >&2
      exit 1
    fi
    sleep 0.2
  done
  grep "$2" "$work/$1.log" | tail -n 1
}

# Calls a method of the API: call PORT METHOD JSON-or-@FILE
call() { curl -sSL -H 'Content-Type: application/json' -d "$3" "http://127.0.0.1:$1/apibeta/$2"; }

# The value of the first field of this name: field NAME <JSON
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

status() { call "$1" getJobUpdateSummaries '{"jobUpdateQuery":{"role":"www"}}' | grep -o '"status":"[A-Z_]*"' | head -n 1 | cut -d'"' -f4; }

running() { call "$1" getTasksWithoutConfigs '{"query":{"role":"www","statuses":["RUNNING"]}}' | grep -o '"taskId"' | wc -l; }

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

# Prints the events of the update and checks them: judge PORT GROUP-SIZE
judge() {
  call "$1" getJobUpdateDetails '{"query":{"role":"www"}}' >"$work/details.json"
  echo "update $(field id <"$work/details.json")"
  grep -o '"instanceId":[0-9]*,"timestampMs":[0-9]*,"action":"[A-Z_]*"' "$work/details.json" |
    tr -d '"' | awk -F '[:,]' -v size="$2" '
      $6 == "INSTANCE_UPDATING" { begun[$2]++; now++; if (now > most) most = now }
      $6 == "INSTANCE_UPDATED" { now--; done++ }
      END {
        for (i in begun) if (begun[i] > 1) { print "instance " i " was updated " begun[i] " times"; bad = 1 }
        print done " instances updated, each once; at most " most " at a time, " size " allowed"
        exit (bad || most > size)
      }'
}
