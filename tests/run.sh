#!/usr/bin/env bash
# Everything that must hold, in one command, for people and for CI: installs, builds, runs all tests.
#
# What it prints is short; the output of a stage is in build/test-logs/, and the end of it is shown if the stage fails.
# The last line counts every ctest test and every other stage that really ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
logs=$root/build/test-logs

default_stages=(format build unit property simulation golden script fuzz-smoke integration)
slow_stages=(simulation-long sanitize tidy fuzz demo-seeds chaos fresh-debian)
named_stages=(soak)

usage() {
  cat <<TEXT
Usage: tests/run.sh [--all] [--strict] [--no-install] [STAGE ...]

Without a STAGE: ${default_stages[*]}.
--all adds the slow ones: ${slow_stages[*]}. Only by name: ${named_stages[*]}.

  format        clang-format finds nothing to change
  build         release build, all targets, warnings are errors
  unit property simulation golden script fuzz-smoke    the ctest tests of that label
  integration   each script in tests/integration, with a fresh Kafka of its own; integration/NAME runs one
  simulation-long  100,000 further seeds of the simulation
  sanitize      address, undefined-behaviour and thread sanitizers over unit, property, simulation and fuzz-smoke (also: asan, tsan)
  tidy          clang-tidy over the program
  fuzz          each libFuzzer target for \${FUZZ_SECONDS:-60} s
  demo-seeds    the demo's promise over 20 seeds
  chaos         each fault of tests/system/chaos.py in \${CHAOS_ROUNDS:-5} rounds, and 100 kills in one run
  soak          two processes for \${SOAK_MINUTES:-60} min, one of them killed every 30 s
  fresh-debian  deploy/quickstart.sh --kafka in a new, minimal Debian root

  --strict      a skipped stage (a tool is missing) counts as failed
  --no-install  do not install packages
TEXT
}

# ---- what to run ---------------------------------------------------------------------------------------------------

strict='' install=yes all=''
stages=()
for argument in "$@"; do
  case $argument in
    --all) all=yes ;;
    --strict) strict=yes ;;
    --no-install) install= ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "run.sh: unknown option '$argument'; see --help" >&2; exit 64 ;;
    *)
      case " ${default_stages[*]} ${slow_stages[*]} ${named_stages[*]} asan tsan $(cd tests && echo integration/*) " in
        *" $argument "*) stages+=("$argument") ;;
        *" $argument."??" "*) stages+=("$argument") ;;
        *) echo "run.sh: unknown stage '$argument'; see --help" >&2; exit 64 ;;
      esac
      ;;
  esac
done
if [ ${#stages[@]} -eq 0 ]; then stages=("${default_stages[@]}"); fi
if [ -n "$all" ]; then stages+=("${slow_stages[@]}"); fi

wants() {  # NAME ...: is one of them among the stages?
  local name
  for name in "$@"; do
    case " ${stages[*]} " in *" $name "*) return 0 ;; esac
  done
  return 1
}

jobs=$(nproc)
if command -v ccache >/dev/null; then
  # Equal sources in two checkouts share what they compile to.
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
fi

# ---- results -------------------------------------------------------------------------------------------------------

passed=0 failed=0
skips=() failures=()

pass() { passed=$((passed + 1)); printf 'ok    %-32s %4d s\n' "$1" $((SECONDS - began)); }

fail() {  # NAME LOG
  failed=$((failed + 1))
  failures+=("$1")
  printf 'FAIL  %-32s %4d s   %s\n' "$1" $((SECONDS - began)) "${2#"$root"/}"
  tail -n 60 "$2" | sed 's/^/      | /'
}

skip() {  # NAME REASON
  skips+=("$1: $2")
  echo "SKIP $1: $2"
}

# A command with a time limit. It runs in the background, so that Ctrl-C reaches this script at once, which then ends it.
child=''
limited() {  # SECONDS COMMAND ...
  local status=0
  timeout --kill-after=20 "$@" </dev/null &
  child=$!
  wait "$child" || status=$?
  child=''
  return "$status"
}

# Runs a command as one stage. Exit code 77 means skipped, its last line saying why.
stage() {  # NAME SECONDS COMMAND ...
  local name=$1 seconds=$2 log=$logs/$1.log status=0
  shift 2
  began=$SECONDS
  limited "$seconds" "$@" >"$log" 2>&1 || status=$?
  case $status in
    0) pass "$name" ;;
    77) skip "$name" "$(tail -n 1 "$log")" ;;
    124 | 137)
      echo "run.sh: ended after its time limit of $seconds s" >>"$log"
      fail "$name" "$log"
      ;;
    *) fail "$name" "$log" ;;
  esac
  return "$status"
}

# Configures a preset and builds targets of it; counts nothing unless it fails.
build() {  # NAME PRESET ARGUMENTS-OF-CONFIGURE -- TARGET ...
  local name=$1 preset=$2 log=$logs/$1.log settings=()
  shift 2
  while [ "$1" != -- ]; do settings+=("$1"); shift; done
  shift
  began=$SECONDS
  if ! { limited 300 cmake --preset "$preset" "${settings[@]}" &&
    limited 3000 cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}; } >"$log" 2>&1; then
    fail "$name" "$log"
    return 1
  fi
  printf '      %-32s %4d s\n' "$name built" $((SECONDS - began))
}

# Runs the ctest tests of some labels; each counts by itself.
ctests() {  # NAME PRESET LABELS-AS-REGEX
  local name=$1 preset=$2 labels=$3 log=$logs/$1.log bad=() good status=0 line
  began=$SECONDS
  rm -f "$logs/$name.xml"
  limited 2400 ctest --test-dir "build/$preset" -L "^($labels)\$" --output-on-failure -j "$jobs" \
    --no-tests=ignore --output-junit "$logs/$name.xml" >"$log" 2>&1 || status=$?
  if ! python3 tests/support/ctest_summary.py "$logs/$name.xml" >"$logs/$name.summary" 2>>"$log"; then
    fail "$name" "$log"
    return
  fi
  if [ ! -s "$logs/$name.summary" ] && [ "$status" -eq 0 ]; then
    skip "$name" "no such tests"
    return
  fi
  good=$(grep -c '^passed ' "$logs/$name.summary")
  mapfile -t bad < <(sed -n 's/^failed //p' "$logs/$name.summary")
  while read -r line; do skip "${line%%: *}" "${line#*: }"; done < <(sed -n 's/^skipped //p' "$logs/$name.summary")
  passed=$((passed + good))
  failed=$((failed + ${#bad[@]}))
  for line in ${bad[@]+"${bad[@]}"}; do failures+=("$name: $line"); done
  if [ "${#bad[@]}" -gt 0 ]; then
    printf 'FAIL  %-32s %4d s   %d of %d   %s\n' "$name" $((SECONDS - began)) "${#bad[@]}" \
      $((good + ${#bad[@]})) "${log#"$root"/}"
    tail -n 80 "$log" | sed 's/^/      | /'
  elif [ "$status" -ne 0 ]; then
    fail "$name" "$log"
  else
    printf 'ok    %-32s %4d s   %d tests\n' "$name" $((SECONDS - began)) "$good"
  fi
}

# ---- a broker and ports of our own -------------------------------------------------------------------------------------

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Ten ports in a row that nobody listens on: broker, controller, and eight for the script under test.
free_ports() {
  local base offset
  for base in $(seq 19500 20 19900); do
    for offset in 0 1 2 3 4 5 6 7 8 9; do
      port_free $((base + offset)) || continue 2
    done
    echo "$base"
    return
  done
  echo "run.sh: no ten free ports in a row from 19500 on" >&2
  return 1
}

port_base=
end_all() {
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; wait "$child"; fi
  if [ -n "$port_base" ]; then
    deploy/local-kafka/kafka.sh down --port-base "$port_base" >>"$logs/kafka.log" 2>&1
    port_base=
  fi
}
trap end_all EXIT
trap 'exit 130' INT TERM

# A new data folder: what one script leaves behind is no other's input. False if there is no broker, which is then said.
fresh_broker() {  # NAME
  began=$SECONDS
  if limited 300 deploy/local-kafka/kafka.sh reset --port-base "$port_base" >"$logs/kafka.log" 2>&1; then return; fi
  if grep -q -e 'no Java' -e 'no Maven' "$logs/kafka.log"; then
    skip "$1" "$(tail -n 1 "$logs/kafka.log")"
  else
    fail "$1" "$logs/kafka.log"
  fi
  return 1
}

integration() {
  local script name=''
  began=$SECONDS
  port_base=$(free_ports) || { fail integration /dev/null; return; }
  for script in tests/integration/*.sh tests/integration/*.py; do
    [ -e "$script" ] || continue
    local short=${script#tests/}
    wants integration "$short" "${short%.*}" || continue
    name=integration_$(basename "${script%.*}")
    fresh_broker "$name" || continue
    case $script in
      *.py) stage "$name" 1200 python3 "$script" "$root/build/release/proactived" "$port_base" ;;
      *) stage "$name" 1200 bash "$script" "$root/build/release/proactived" "$port_base" ;;
    esac
  done
  if [ -z "$name" ]; then skip integration "no scripts in tests/integration"; fi
  end_all
}

# A long test of tests/system on a broker of its own; its log is shown, for what it counts.
on_broker() {  # NAME SECONDS ARGUMENTS ...
  local name=$1 seconds=$2
  shift 2
  began=$SECONDS
  port_base=$(free_ports) || { fail "$name" /dev/null; return; }
  if fresh_broker "$name"; then
    stage "$name" "$seconds" python3 "tests/system/$name.py" "$root/build/release/proactived" "$port_base" "$@"
    grep -v '^{' "$logs/$name.log"
  fi
  end_all
}

# ---- the stages --------------------------------------------------------------------------------------------------------

asan() {
  build asan-build asan -- tests-unit tests-property tests-fuzz-smoke tests-simulation || return
  # Fewer rounds per property: the release build runs them all, this one looks at each step more closely.
  RC_PARAMS='max_success=20' ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1 ctests asan asan 'unit|property|fuzz-smoke'
  UBSAN_OPTIONS=print_stacktrace=1 stage asan-simulation 1200 build/asan/tests/simulation --seeds 200
}

tsan() {
  build tsan-build tsan -- tests-threads || return
  RC_PARAMS='max_success=5' TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1 ctests tsan tsan threads
}

format() {
  local files=()
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' ':!tests/data')
  clang-format-14 --dry-run -Werror "${files[@]}"
}

mkdir -p "$logs"
if [ -n "$install" ]; then
  sets=(build test kafka lint)
  if wants fuzz tidy; then sets+=(fuzz); fi
  began=$SECONDS
  if deploy/dependencies.sh --check "${sets[@]}" >/dev/null; then
    :
  elif ! deploy/dependencies.sh "${sets[@]}" >"$logs/install.log" 2>&1; then
    tail -n 20 "$logs/install.log"
    skip install "packages are missing and could not be installed ($(deploy/dependencies.sh --check "${sets[@]}" | tr '\n' ' '))"
  else
    printf '      %-32s %4d s\n' 'packages installed' $((SECONDS - began))
  fi
fi

if wants format; then
  if command -v clang-format-14 >/dev/null; then
    export -f format
    stage format 120 bash -c format
  else
    skip format "no clang-format-14 here (deploy/dependencies.sh lint)"
  fi
fi

binary=
integration_wanted=''
case " ${stages[*]}" in *" integration"*) integration_wanted=yes ;; esac
if [ -n "$integration_wanted" ] || wants build unit property simulation golden script fuzz-smoke demo-seeds simulation-long chaos soak; then
  # A folder that deploy/quickstart.sh configured lacks the tests, hence the explicit settings.
  if build build release -DPROACTIVE_TESTS=ON -DPROACTIVE_BENCH=ON --; then
    binary=yes
    passed=$((passed + 1))
  fi
fi

if [ -n "$binary" ]; then
  for label in unit property simulation golden script fuzz-smoke; do
    if wants "$label"; then ctests "$label" release "$label"; fi
  done
  if [ -n "$integration_wanted" ]; then integration; fi
fi

if wants simulation-long && [ -n "$binary" ]; then
  stage simulation-long 3600 build/release/tests/simulation --first 1001 --seeds 100000 --jobs "$(nproc)"
fi
if wants sanitize asan; then asan; fi
if wants sanitize tsan; then tsan; fi

if wants tidy; then
  if command -v clang-tidy-14 >/dev/null; then
    stage tidy 5400 bash -c "cmake --preset tidy && cmake --build --preset tidy -j $jobs -- -k 0"
  else
    skip tidy "no clang-tidy-14 here (deploy/dependencies.sh lint)"
  fi
fi
if wants fuzz; then
  if command -v clang++-14 >/dev/null; then
    if build fuzz-build fuzz "-DPROACTIVE_FUZZ_SECONDS=${FUZZ_SECONDS:-60}" -- tests-fuzz; then ctests fuzz fuzz fuzz; fi
  else
    skip fuzz "no clang++-14 here (deploy/dependencies.sh fuzz)"
  fi
fi
if wants demo-seeds && [ -n "$binary" ]; then
  stage demo-seeds 3600 python3 tests/system/demo_seeds.py "$root/build/release/proactived"
  [ -e "$logs/demo-seeds.log" ] && cat "$logs/demo-seeds.log"
fi
if wants chaos && [ -n "$binary" ]; then on_broker chaos 7200 --rounds "${CHAOS_ROUNDS:-5}"; fi
if wants soak && [ -n "$binary" ]; then
  on_broker soak $((${SOAK_MINUTES:-60} * 60 + 1200)) --minutes "${SOAK_MINUTES:-60}"
fi
if wants fresh-debian; then
  fresh_port=$(free_ports) &&
    stage fresh-debian 3600 tests/system/fresh_debian.sh deploy/quickstart.sh --kafka --port-base "$fresh_port"
fi

# ---- the end -------------------------------------------------------------------------------------------------------------

echo
for line in ${skips[@]+"${skips[@]}"}; do echo "SKIP $line"; done
for line in ${failures[@]+"${failures[@]}"}; do echo "FAILED $line"; done
if [ -n "$strict" ]; then
  failed=$((failed + ${#skips[@]}))
  skips=()
fi
printf 'took %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
tail=
if [ ${#skips[@]} -gt 0 ]; then tail=", ${#skips[@]} skipped"; fi
echo "$passed passed, $failed failed$tail"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
