# What bin/borealis and bin/borealis-bench have in common. Sourced, not run; any POSIX shell will do.
# Expects $root, the checkout.

# launch NAME MODULE MAIN-CLASS JAVA-OPTIONS ARGUMENT…: runs a program, built first where that is needed.
launch() {
  name=$1
  module=$2
  main=$3
  options=$4
  shift 4
  libs=$root/$module/target/lib
  # Made by the build once everything is in place.
  marker=$libs/.complete
  find_java
  if needs_build; then build; fi
  use_utf8
  # shellcheck disable=SC2086 # There may be several options.
  exec "$java" -XX:+ExitOnOutOfMemoryError $options -cp "$libs/*" "$main" "$@"
}

say() { echo "$name: $*" >&2; }

fail() {
  say "$@"
  exit 1
}

find_java() {
  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, where there is no bin/java; it must be a JDK, 17 or newer"
  else
    java=$(command -v java) || fail "no Java found; install a JDK, 17 or newer, or set JAVA_HOME"
  fi
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ] ||
    fail "$java is Java ${version:-of an unknown version}; install a JDK, 17 or newer, and set JAVA_HOME to it"
}

# In another locale Java refuses paths with characters beyond ASCII, such as the names of processes.
use_utf8() {
  case $(locale charmap 2>/dev/null) in
    UTF-8 | utf8) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac
}

# Whether there are no jars, or sources that are newer and nobody who still needs the old jars.
needs_build() {
  [ -f "$marker" ] || return 0
  [ -n "$(newer_sources)" ] || return 1
  running=$(pgrep -f "$libs/" 2>/dev/null | tr '\n' ' ' || true)
  [ -n "$running" ] || return 0
  say "the sources are newer than the jars; they are built again once no process runs from them, now ${running% }"
  return 1
}

newer_sources() {
  (cd "$root" && find . \( -name target -o -name test -o -name '.?*' \) -prune -o \
    -type f \( -path '*/src/main/*' -o -name pom.xml \) -newer "$marker" -print)
}

build() {
  mkdir -p "$root/target"
  await_turn
  if needs_build; then
    if [ -f "$marker" ]; then
      say "the sources are newer than the jars, building again"
    else
      say "building, this happens once and takes a minute or two"
    fi
    begun=$root/target/$name.begun
    touch "$begun"
    # Jars of other versions would stay on the class path.
    rm -rf "$libs"
    log=$root/target/$name-build.log
    if ! (cd "$root" && ./mvnw --batch-mode --no-transfer-progress --quiet -pl "$module" -am \
      -Dmaven.test.skip=true -Djacoco.skip=true -Dspotless.check.skip=true package) >"$log" 2>&1; then
      tail -n 40 "$log" >&2
      fail "the build failed, see $log"
    fi
    # What was edited meanwhile is newer.
    touch -r "$begun" "$marker"
  fi
  end_turn
}

# Two Mavens in one checkout would delete each other's files.
await_turn() {
  turn=$root/target/building-by
  told=
  until ln -s $$ "$turn" 2>/dev/null; do
    other=$(readlink "$turn" || true)
    if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
      rm -f "$turn"
    elif [ -n "$other" ]; then
      [ -n "$told" ] || say "process $other is building, waiting for it"
      told=1
      sleep 0.2
    fi
  done
  trap end_turn EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

end_turn() {
  rm -f "$turn"
  trap - EXIT INT TERM
}
