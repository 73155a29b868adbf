# Sourced by the integration tests in shell. Expects `set -euo pipefail`, and BINARY and PORT_BASE as arguments of the
# script. Gives a temporary folder, a broker address, ports, and functions that start, watch and end one daemon.
#
#   source tests/integration/support/daemon.sh "$@"
#
# shellcheck shell=bash

# shellcheck disable=SC2034  # for the scripts that source this
binary=$1
port_base=$2
broker=127.0.0.1:$port_base
# shellcheck disable=SC2034  # for the scripts that source this
free_port=$((port_base + 3))  # and the six after it
ops=127.0.0.1:$((port_base + 2))
scratch=$(mktemp -d)
processes=()
export PROACTIVED_BROKERS=$broker PROACTIVED_OPS_LISTEN=$ops PROACTIVED_ID_KEY_FILE=$scratch/id-key
printf '%064d' 7 >"$scratch/id-key"
chmod 600 "$scratch/id-key"

kafka() { deploy/local-kafka/kafka.sh "$@" --port-base "$port_base"; }

# Runs at exit: whatever start() began is ended, by process id.
end_all() {
  local pid
  for pid in ${processes[@]+"${processes[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap end_all EXIT
trap 'exit 130' INT TERM

start() {  # LOG COMMAND ...: in the background; its process id is in $started
  local log=$1
  shift
  "$@" >>"$log" 2>&1 </dev/null &
  started=$!
  processes+=("$started")
}

# Waits for a condition (a command), never for a time.
wait_for() {  # SECONDS WHAT COMMAND ...
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "waited in vain for: $what"
      tail -n 20 "$scratch"/*.log 2>/dev/null
      return 1
    fi
    sleep 0.2
  done
}

# The sum of all series of a metric, or of those with exactly these labels; fails if there is none.
metric() {  # SERIES
  curl -sf --max-time 5 "http://$ops/metrics" |
    awk -v name="$1" 'index($0, name "{") == 1 || index($0, name " ") == 1 { sum += $NF; seen = 1 }
                      END { if (seen) printf "%d\n", sum; else exit 1 }'
}

metric_is() { [ "$(metric "$1")" = "$2" ]; }           # SERIES VALUE
metric_at_least() { [ "$(metric "$1")" -ge "$2" ]; }   # SERIES VALUE

# All partitions run, and the lag of each on the telemetry topic is known and 0. (It is absent until first measured.)
has_read_all() {  # PARTITIONS
  metric_is 'proactived_kafka_partitions{state="running"}' "$1" || return
  [ "$(curl -sf --max-time 5 "http://$ops/metrics" | grep -c '^proactived_kafka_lag_records{topic="telemetry.events",.*} 0$')" = "$1" ]
}
