#!/bin/bash
# Runs one command, waits for it, and appends what became of it to the stream of its process.
# Outlives the agent that started it. It is three programs, one after the other:
#
#   coordinate  leads a session of its own. Waits for its word, writes RUNNING, waits for the
#               command and writes its end.
#   launch      leads a second session, below setsid. Has the agent's rights, enters the cgroups.
#   outfit      has the rights of the command: opens the logs, and becomes the command.
#
# Arguments are key=value, and values are escaped as printf's %b reads them, since they may hold any
# byte. All that is kept lies in variables whose names begin with "run", because other names may be
# the environment of the command.

unset run run_cgroups run_become run_limit run_rotator run_command
declare -A run=()
declare -a run_cgroups=() run_become=() run_limit=() run_rotator=()
run_command=

read_arguments() {
  local word value
  for word; do
    printf -v value '%b' "${word#*=}"
    case ${word%%=*} in
      cgroup) run_cgroups+=("$value") ;;
      become) run_become+=("$value") ;;
      limit) run_limit+=("$value") ;;
      rotator) run_rotator+=("$value") ;;
      # A long command comes in pieces, as one argument has a greatest length.
      command) run_command+=$value ;;
      *) run[${word%%=*}]=$value ;;
    esac
  done
}

# Two ends of a new pipe, as run[NAME_read] and run[NAME_write].
make_pipe() {
  local both read write
  exec {both}<> <(:)
  # Else whoever the command runs as could not open its own /dev/stdout.
  [[ ${run[uid]} ]] && chown "${run[uid]}" "/dev/fd/$both"
  exec {read}<"/dev/fd/$both" {write}>"/dev/fd/$both" {both}>&-
  run[$1_read]=$read run[$1_write]=$write
}

# ---- coordinate

# hex DIGITS: sets REPLY to them in the notation of printf.
hex() {
  local digits=$1
  REPLY=
  while [[ $digits ]]; do
    REPLY+="\\x${digits:0:2}"
    digits=${digits:2}
  done
}

# double MICROSECONDS: sets REPLY to the hex digits of that many seconds as an IEEE 754 double, which
# is the nearest there is. From 2004 to 2038 the binary exponent of the time is 30, then 31.
double() {
  local micros=$1 shift=22 exponent=1053
  if ((micros >= (1 << 31) * 1000000)); then
    shift=21 exponent=1054
  fi
  local seconds=$((micros / 1000000)) rest=$((micros % 1000000))
  local fraction=$(((seconds << shift) + ((rest << shift) + 500000) / 1000000 - (1 << 52)))
  printf -v REPLY '%016x' $(((exponent << 52) + fraction))
}

# append SEQ STATE TIME_FIELD MICROSECONDS NUMBER_FIELD NUMBER: appends one record. Nobody else knows
# what is in it, so it is tried until it succeeds or the stream is gone.
append() {
  local LC_ALL=C REPLY time size format
  double "$4"
  time=$REPLY
  size=$((48 + ${#run[process]}))
  printf -v REPLY '%08x0c00020a0001%016x0b0003%08x' "$size" "$1" "${#run[process]}"
  hex "$REPLY"
  format=$REPLY%s
  printf -v REPLY '080005%08x0400%02x%s0800%02x%08x0000' \
    "$2" "$3" "$time" "$5" $(($6 & 0xffffffff))
  hex "$REPLY"
  format+=$REPLY
  [[ -e ${run[stream]} ]] || exit 1
  until printf "$format" "${run[process]}" >>"${run[stream]}"; do
    read -r -t 2 -u "${run[never]}"
    [[ -e ${run[stream]} ]] || exit 1
    # A part of the record may have been written. To make a file shorter takes no space.
    truncate -s "${run[length]}" -- "${run[stream]}"
  done
  run[length]=$((run[length] + 4 + size))
}

start_rotator() {
  make_pipe out
  make_pipe err
  (
    unset HOME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    export LC_ALL=C.UTF-8
    exec 3<&"${run[err_read]}" <&"${run[out_read]}"
    close_pipes
    # A session of its own: what kills the rest of a run lets it write down what it has.
    exec "${run_become[@]}" setsid "${run_rotator[@]}"
  ) &
}

close_pipes() {
  local fd
  for fd in "${run[out_read]}" "${run[err_read]}" "${run[out_write]}" "${run[err_write]}"; do
    exec {fd}>&-
  done
}

coordinate() {
  local word line pid status code state from to
  # Before that the command must not start, as nobody would know of it.
  IFS=' ' read -r -t 60 word run[length] && [[ $word == go ]] || exit 0
  exec </dev/null >/dev/null 2>&1 {run[never]}<> <(:)
  trap '' HUP INT QUIT TERM

  ((${#run_rotator[@]})) && start_rotator
  coproc {
    trap - HUP INT QUIT TERM
    exec 2>&1 {run[never]}>&-
    [[ ${run[out_read]} ]] && exec {run[out_read]}<&- {run[err_read]}<&-
    exec setsid --fork --wait "$BASH" -p "$0" launch "$@" \
      "out_write=${run[out_write]}" "err_write=${run[err_write]}"
  }
  pid=$COPROC_PID
  exec {from}<&"${COPROC[0]}" {to}>&"${COPROC[1]}"
  [[ ${run[out_read]} ]] && close_pipes

  # Its pid comes first; without one, what there is to tell is that setsid failed.
  read -r run[pid] <&"$from"
  append $((run[seq] + 1)) 2 6 "${EPOCHREALTIME//[!0-9]/}" 7 $((run[pid] > 0 ? run[pid] : pid))
  echo go >&"$to"
  exec {to}>&-

  # setsid ends with the code of the command, or with the number of the signal that ended it; the
  # two are told apart by what setsid says, and it says something only for a signal.
  local signalled=
  while read -r line <&"$from"; do
    [[ $line == setsid:* ]] && signalled=yes
  done
  wait "$pid"
  status=$?
  if [[ $signalled ]]; then
    # The highest bit says whether it left a core.
    state=4 code=$((-(status & 127)))
  elif ((status == 0)); then
    state=3 code=0
  elif ((status > 128)) && kill -0 "${run[pid]}"; then
    # Not the command ended but setsid was killed. How the command ends can no longer be known.
    exit 1
  else
    state=5 code=$status
  fi
  append $((run[seq] + 2)) "$state" 8 "${EPOCHREALTIME//[!0-9]/}" 9 "$code"
  exit 0
}

# ---- launch

launch() {
  local word file
  echo $$
  read -r word && [[ $word == go ]] || exit 126
  ((${#run_become[@]})) || open_logs
  for file in "${run_cgroups[@]}"; do
    echo $$ >"$file" || exit 126
  done
  if ((${#run_become[@]})); then
    exec "${run_become[@]}" "$BASH" -p "$0" outfit "$@"
  fi
  outfit
}

# ---- outfit

open_logs() {
  exec </dev/null
  if [[ ${run[out_write]} ]]; then
    exec >&"${run[out_write]}" 2>&"${run[err_write]}" {run[out_write]}>&- {run[err_write]}>&-
  else
    [[ ! ${run[directory]} || -d ${run[directory]} ]] || mkdir -p -- "${run[directory]}"
    exec >>"${run[out]}" 2>>"${run[err]}" || exit 126
  fi
}

# Leaves only the three standard ones open.
close_others() {
  local file fd
  for file in /proc/self/fd/*; do
    fd=${file##*/}
    ((fd > 2)) && exec {fd}>&-
  done
}

outfit() {
  close_others
  cd -- "${run[sandbox]}" || exit 126
  export HOME=${run[sandbox]} USER=${run[user]} LOGNAME=${run[user]}
  [[ -e $HOME/.thermos_profile ]] && export BASH_ENV=$HOME/.thermos_profile
  # Bash tells its own variables to what it starts, but not arrays; exec would count SHLVL.
  unset PWD OLDPWD SHLVL
  declare -a SHLVL=()
  export -n SHELLOPTS BASHOPTS
  # Only what is bound more tightly already cannot be bound.
  ((${#run_limit[@]})) && "${run_limit[@]}" $$ 2>/dev/null
  exec /bin/bash -c "$run_command"
  exit 126
}

run_stage=$1
shift
read_arguments "$@"
case $run_stage in
  coordinate) coordinate "$@" ;;
  launch) launch "$@" ;;
  outfit)
    open_logs
    outfit
    ;;
esac
exit 125
