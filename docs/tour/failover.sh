#!/bin/sh
# Three schedulers on three ZooKeeper servers, and an agent; the leader is killed in the middle of an update.
set -eu
. "$(dirname "$0")/lib.sh"
base=${1:-19000}

servers=
connect=
for i in 1 2 3; do
  servers="$servers,$i=127.0.0.1:$((base + 10 + i)):$((base + 20 + i))"
  connect="$connect,127.0.0.1:$((base + i))"
done
servers=${servers#,}
connect=${connect#,}

say "three ZooKeeper servers"
for i in 1 2 3; do
  start "zk$i" zookeeper --data-dir "$work/zk$i" --port $((base + i)) --id $i --servers "$servers"
done
for i in 1 2 3; do await "zk$i" "ZooKeeper listens at"; done

say "three schedulers"
for i in 1 2 3; do
  start "s$i" scheduler --zk-endpoints "$connect" --http-port $((base + 80 + i)) --zk-session-timeout 4s
done

# Which scheduler leads: 1, 2 or 3.
leader() {
  for i in 1 2 3; do
    if [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$((base + 80 + i))/leaderhealth")" = 200 ]; then
      echo $i
      return
    fi
  done
}
find_leader() {
  patiently somebody_leads
}
somebody_leads() {
  first=$(leader)
  [ -n "$first" ]
}
find_leader
port=$((base + 80 + first))
echo "scheduler $first leads at http://127.0.0.1:$port"

say "an agent"
first_port=$((base + 100))
start agent agent --zk-endpoints "$connect" --work-dir "$work/agent" --observer-port $((base + 90)) \
  --zk-session-timeout 4s --resources "cpus:8;mem:8192;disk:4096;ports:[$first_port-$((first_port + 49))]"
await agent "registered with"

say "a job of ten, and an update two at a time"
call "$port" createJob "@$here/hello.json" | grep -o '"responseCode":"[A-Z_]*"'
patiently all_run "$port" 10
call "$port" startJobUpdate "@$here/hello-update.json" >"$work/started.json"
echo "update $(field id <"$work/started.json") begins"
some_are_updated() {
  call "$port" getJobUpdateDetails '{"query":{"role":"www"}}' | grep -q INSTANCE_UPDATED
}
patiently some_are_updated
echo "$(status "$port"), $(running "$port") tasks running"

say "kill -9 of scheduler $first"
kill_hard "s$first"
find_leader
port=$((base + 80 + first))
echo "scheduler $first leads at http://127.0.0.1:$port and goes on with the update"
follow "$port"

say "what happened, as the new leader tells it"
judge "$port" 2 10
