#!/bin/sh
# One process: create a job of ten, change it with a rolling update, and see where it is.
set -eu
. "$(dirname "$0")/lib.sh"
port=${1:-18081}

say "borealis up --cluster simulated --http-port $port"
start up up --cluster simulated --data-dir "$work/data" --http-port "$port"
await up "leading at"

say "create www/prod/hello with ten tasks"
call "$port" createJob "@$here/hello.json"
echo
patiently all_run "$port" 10
echo "10 tasks running"

say "give each task more memory, two at a time"
call "$port" startJobUpdate "@$here/hello-update.json" | grep -o '"responseCode":"[A-Z_]*"'
follow "$port"

say "what happened"
judge "$port" 2 10
