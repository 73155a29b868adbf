#!/usr/bin/env bash
# From a fresh Debian 12 to explained outreach on the screen: installs, builds, runs the demo.
# With --kafka the same through a real Kafka on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$root/build/quickstart
kafka_sh=$root/deploy/local-kafka/kafka.sh

usage() {
  cat <<'TEXT'
Usage: deploy/quickstart.sh [--kafka] [--port-base N]

Installs the packages that are missing (apt-get, root or sudo), builds the release binary, and runs
`proactived demo`: a simulated fleet of customers through the shipped rules, faster than real time, no broker needed.

  --kafka        instead: start a local Kafka, create the topics, let the simulator produce, run the daemon on it,
                 read the outreach events back, and stop everything again
  --port-base N  Kafka on N, its controller on N+1, the daemon's metrics on N+2 (default 19092)
TEXT
}

with_kafka='' port=19092
while [ $# -gt 0 ]; do
  case $1 in
    --kafka) with_kafka=yes; shift ;;
    --port-base) port=${2:?--port-base needs a number}; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "quickstart.sh: unknown argument '$1'; see --help" >&2; exit 64 ;;
  esac
done

say() { printf '\n== %s\n' "$*"; }

mkdir -p "$work"
sets=(build)
if [ -n "$with_kafka" ]; then sets+=(kafka); fi
if ! deploy/dependencies.sh --check "${sets[@]}" >"$work/missing"; then
  say "Installing $(wc -l <"$work/missing") packages; what apt-get says is in build/quickstart/install.log"
  deploy/dependencies.sh "${sets[@]}" >"$work/install.log" 2>&1 || {
    tail -n 20 "$work/install.log" >&2
    exit 1
  }
fi

say "Building build/release/proactived (a few minutes the first time)"
# A build folder that already has the tests keeps them.
if [ ! -f build/release/CMakeCache.txt ]; then
  cmake --preset release -DPROACTIVE_TESTS=OFF -DPROACTIVE_BENCH=OFF >"$work/configure.log" 2>&1 || {
    tail -n 20 "$work/configure.log" >&2
    exit 1
  }
fi
cmake --build --preset release --target proactived -j "$(nproc)"
proactived=$root/build/release/proactived

if [ -z "$with_kafka" ]; then
  say "proactived demo"
  exec "$proactived" demo
fi

# ---- through Kafka -------------------------------------------------------------------------------------------------

ops=127.0.0.1:$((port + 2))
config=$root/config/examples/quickstart-kafka.yaml
export PROACTIVED_BROKERS=127.0.0.1:$port PROACTIVED_OPS_LISTEN=$ops PROACTIVED_ID_KEY_FILE=$work/id-key
daemon_pid='' broker_started=''

# Ends what this script started, and nothing else.
stop_all() {
  if [ -n "$daemon_pid" ] && kill -TERM "$daemon_pid" 2>/dev/null; then wait "$daemon_pid" || true; fi
  daemon_pid=''
  if [ -n "$broker_started" ]; then "$kafka_sh" down --port-base "$port" --data "$work/kafka"; fi
  broker_started=''
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# The daemon's metrics, as served now; without curl, which a minimal system lacks.
metrics() {
  (exec 3<>"/dev/tcp/${ops%:*}/${ops#*:}" && printf 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3 && cat <&3) 2>/dev/null
}

# The lag of each of the 8 partitions is known and 0.
has_read_all() { [ "$(metrics | tr -d '\r' | grep -c '^proactived_kafka_lag_records{topic="telemetry.events",.*} 0$')" = 8 ]; }

# Names of customers and rules become ids by a keyed hash; a key of one's own keeps them one's own.
if [ ! -s "$work/id-key" ]; then
  (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/id-key")
fi

say "Starting a Kafka on 127.0.0.1:$port"
broker_started=yes
"$kafka_sh" reset --port-base "$port" --data "$work/kafka"

say "Creating the topics"
"$proactived" check --config "$config" --environment --create-topics --partitions 8 --replication 1

say "Producing four weeks of telemetry of 40 customers, with faults in it"
"$proactived" simulate --seed 7 --customers 40 --days 28 --to-kafka --config "$config"

say "Running the daemon until it has read everything; its log is build/quickstart/proactived.log"
"$proactived" run --config "$config" >"$work/proactived.log" 2>&1 &
daemon_pid=$!
deadline=$((SECONDS + 300))
until has_read_all; do
  if ! kill -0 "$daemon_pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
    tail -n 20 "$work/proactived.log" >&2
    echo "quickstart.sh: the daemon did not read its input to the end" >&2
    exit 1
  fi
  sleep 0.5
done
kill -TERM "$daemon_pid"
wait "$daemon_pid"
daemon_pid=''

say "Reading the topic outreach.events back, committed records only"
"$kafka_sh" consume outreach.events --port-base "$port" --data "$work/kafka" >"$work/outreach.jsonl"
if [ ! -s "$work/outreach.jsonl" ]; then
  echo "quickstart.sh: the topic is empty" >&2
  exit 1
fi
# Compact JSON of a known form, so sed will do; a minimal system has no jq.
sed -nE 's/.*"subject":"customer\/([^"]*)","time":"([^".Z]*).*"status":"([^"]*)".*"rule_id":"([^"]*)".*"summary":"(([^"\\]|\\.)*)".*/\2  \1  \4 \3\n    \5/p' \
  "$work/outreach.jsonl" | awk "NR <= 24"
echo "$(wc -l <"$work/outreach.jsonl") outreach events, in full in build/quickstart/outreach.jsonl"
