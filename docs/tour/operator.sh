#!/bin/sh
# A day of an operator, in one process: take a host out of service, run a cron job, set a quota, lose everything and
# get it back from a backup.
set -eu
. "$(dirname "$0")/lib.sh"
port=${1:-18081}

code() { grep -o '"responseCode":"[A-Z_]*"' | cut -d'"' -f4; }
message() { grep -o '"message":"[^"]*"' | head -n 1 | cut -d'"' -f4; }
mode() { call "$port" maintenanceStatus '{"hosts":{"hostNames":["host-1"]}}' | grep -o '"mode":"[A-Z]*"' | cut -d'"' -f4; }
has_mode() { [ "$(mode)" = "$1" ]; }

say "borealis up --cluster simulated --http-port $port"
start up up --cluster simulated --data-dir "$work/data" --http-port "$port"
await up "leading at"

say "ten tasks"
call "$port" createJob "@$here/hello.json" | code
patiently all_run "$port" 10

say "host-1 goes out of service, and its tasks elsewhere"
call "$port" drainHosts '{"hosts":{"hostNames":["host-1"]}}' | code
patiently has_mode DRAINED
patiently all_run "$port" 10
echo "host-1 is $(mode), $(running "$port") tasks running"
call "$port" endMaintenance '{"hosts":{"hostNames":["host-1"]}}' | code

say "a cron job, run now"
call "$port" scheduleCronJob '{"description": {"key": {"role": "www", "environment": "prod", "name": "report"},
  "owner": {"user": "ann"}, "cronSchedule": "0 4 * * MON-FRI", "cronCollisionPolicy": "KILL_EXISTING", "instanceCount": 2,
  "taskConfig": {"job": {"role": "www", "environment": "prod", "name": "report"}, "owner": {"user": "ann"},
    "resources": [{"numCpus": 0.1}, {"ramMb": 64}, {"diskMb": 64}], "container": {"mesos": {}},
    "executorConfig": {"name": "AuroraExecutor", "data": "{}"}}}}' | code
call "$port" startCronJob '{"job": {"role": "www", "environment": "prod", "name": "report"}}' | code
patiently all_run "$port" 12
echo "12 tasks running"

say "production needs a quota"
production=$(sed 's/"hello"/"shop"/g; s/"isService": true/"isService": true, "tier": "preferred"/' "$here/hello.json")
call "$port" createJob "$production" | message
call "$port" setQuota '{"ownerRole": "www", "quota": {"resources": [{"numCpus": 8}, {"ramMb": 4096}, {"diskMb": 4096}]}}' | code
call "$port" createJob "$production" | code
patiently all_run "$port" 22
echo "22 tasks running"

say "a backup, and then a mistake"
call "$port" performBackup '{}' | code
backup=$(call "$port" listBackups '{}' | grep -o 'scheduler-backup-[0-9-]*' | tail -n 1)
echo "$backup"
for job in hello report shop; do
  call "$port" killTasks "{\"job\": {\"role\": \"www\", \"environment\": \"prod\", \"name\": \"$job\"}}" | code
done
patiently all_run "$port" 0
echo "no task is running"

say "back from the backup"
call "$port" stageRecovery "{\"backupId\": \"$backup\"}" | code
call "$port" commitRecovery '{}' | code
patiently all_run "$port" 22
echo "22 tasks running"
