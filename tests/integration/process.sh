#!/usr/bin/env bash
# The process around the lanes, on a real broker: it refuses to run without its topics, keeps the old rules when new ones
# are wrong, swaps good ones, stops in an orderly way with nothing left uncommitted, does not wait longer than it may for a
# broker that hangs, and its state can be printed.
set -euo pipefail
command -v curl >/dev/null || { echo "no curl here (deploy/dependencies.sh test)"; exit 77; }
source tests/integration/support/daemon.sh "$@"

config=$scratch/config.yaml
cp -r rules/packs "$scratch/packs"
sed "s|\.\./\.\./rules/packs|$scratch/packs|g" config/examples/quickstart-kafka.yaml >"$config"

code=0
"$binary" run --config "$config" >"$scratch/refused.log" 2>&1 || code=$?
[ "$code" = 78 ] || { echo "without topics: exit code $code instead of 78"; cat "$scratch/refused.log"; exit 1; }
grep -q 'topic proactived.changelog' "$scratch/refused.log"

"$binary" check --config "$config" --environment --create-topics --partitions 8 --replication 1
"$binary" simulate --seed 5 --customers 20 --days 10 --to-kafka --config "$config"
start "$scratch/daemon.log" "$binary" run --config "$config"
daemon=$started
ready() { "$binary" healthcheck --ready --config "$config" >/dev/null 2>&1; }
wait_for 60 "the daemon to be ready" ready
wait_for 180 "the input to be read" has_read_all 8
rules_hash() { curl -sf "http://$ops/metrics" | sed -nE 's/^proactived_config_info\{rules_hash="([0-9a-f]+)"\} 1$/\1/p'; }
lanes_use() { curl -sf "http://$ops/api/v1/status" | python3 -c '
import json, sys
lanes = json.load(sys.stdin)["lanes"]
sys.exit(not all(lane["rules_hash"] == sys.argv[1] for lane in lanes))' "$1"; }
before=$(rules_hash)
lanes_use "$before"

# A bad set changes nothing but the metric and the log; a good one is in use by every lane.
rule=$scratch/packs/reliability/api_error_ratio.yaml
sed -i 's/above: 25%/abov: 25%/' "$rule"
kill -HUP "$daemon"
wait_for 10 "the refusal of the reload" metric_is 'proactived_config_reloads_total{outcome="refused"}' 1
metric_is proactived_config_last_reload_successful 0
grep -q "E201: unknown key 'abov'" "$scratch/daemon.log"
[ "$(rules_hash)" = "$before" ] && lanes_use "$before"
sed -i 's/abov: 25%/above: 26%/' "$rule"
kill -HUP "$daemon"
wait_for 10 "the reload" metric_is 'proactived_config_reloads_total{outcome="replaced"}' 1
metric_is proactived_config_last_reload_successful 1
after=$(rules_hash)
[ "$after" != "$before" ]
wait_for 10 "all lanes to use the new rules" lanes_use "$after"
promtool check metrics < <(curl -sf "http://$ops/metrics")

# What was read is committed when the daemon has ended: a second life reads nothing again.
kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
[ "$code" = 0 ] || { echo "after TERM: exit code $code"; tail -n 5 "$scratch/daemon.log"; exit 1; }
start "$scratch/second.log" "$binary" run --config "$config"
wait_for 60 "the second life to be ready" ready
wait_for 10 "its lag to be known" metric_is proactived_kafka_lag_records 0
metric_is 'proactived_kafka_records_total{topic="telemetry.events"}' 0
kill -TERM "$started"
wait "$started"

# A broker that hangs: past the deadline the process just ends, and asks to be started again; asked twice, it ends at once.
echo 'shutdown: {deadline: 2s}' >>"$config"
broker_pid=$(kafka status | sed -nE 's/.*pid ([0-9]+).*/\1/p')
trap 'kill -CONT "$broker_pid" 2>/dev/null || true; end_all' EXIT
ends_with() {  # CODE SIGNALS: of a daemon whose broker hangs in the middle of its work
  local code=0 i producer
  start "$scratch/producer.log" "$binary" simulate --seed 6 --customers 100 --days 28 --to-kafka --config "$config"
  producer=$started
  start "$scratch/frozen.log" "$binary" run --config "$config"
  wait_for 60 "the daemon to be ready" ready
  wait_for 60 "the daemon to be at work" metric_at_least proactived_kafka_records_total 10000
  kill -STOP "$broker_pid"
  for ((i = 0; i < $2; i++)); do
    kill -TERM "$started"
    wait_for 10 "the signal to be seen" seen_stop
  done
  wait "$started" || code=$?
  kill -CONT "$broker_pid"
  kill -KILL "$producer" 2>/dev/null || true
  [ "$code" = "$1" ] || { echo "with a frozen broker: exit code $code instead of $1"; cat "$scratch/frozen.log"; exit 1; }
  rm "$scratch/frozen.log"
}
seen_stop() { grep -q 'asked to stop' "$scratch/frozen.log"; }
ends_with 75 1
ends_with 1 2

# Every state record of the changelog prints as JSON.
"$binary" state --config "$config" >"$scratch/state.jsonl"
python3 - "$scratch/state.jsonl" <<'PYTHON'
import collections, json, sys

types = collections.Counter(json.loads(line)["type"] for line in open(sys.argv[1]))
print(dict(types))
sys.exit(not (types["meta"] >= 8 and types["customer"] >= 20 and types["series"] > 20))
PYTHON
