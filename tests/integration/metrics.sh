#!/usr/bin/env bash
# The metrics of a daemon at work pass `promtool check metrics`, and a real Prometheus scrapes them: `up` is 1, and what
# it stored says that records were read and outreach was released.
set -euo pipefail
for tool in curl promtool prometheus; do
  command -v "$tool" >/dev/null || { echo "no $tool here (deploy/dependencies.sh test)"; exit 77; }
done
source tests/integration/support/daemon.sh "$@"
config=config/examples/quickstart-kafka.yaml
prometheus=127.0.0.1:$free_port

cat >"$scratch/prometheus.yml" <<TEXT
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: proactived, static_configs: [{targets: ["$ops"]}]}
TEXT
promtool check config "$scratch/prometheus.yml"

"$binary" check --config "$config" --environment --create-topics --partitions 8 --replication 1
"$binary" simulate --seed 3 --customers 40 --days 14 --to-kafka --config "$config"
start "$scratch/daemon.log" "$binary" run --config "$config"
start "$scratch/prometheus.log" prometheus --config.file="$scratch/prometheus.yml" \
  --storage.tsdb.path="$scratch/tsdb" --web.listen-address="$prometheus"

wait_for 180 "the input to be read" has_read_all 8
curl -sf "http://$ops/metrics" >"$scratch/metrics"
promtool check metrics <"$scratch/metrics"
if grep -E 'customer(_id)?=|entity(_id)?=' "$scratch/metrics"; then
  echo "a metric has a label that names customers or entities"
  exit 1
fi

# Does Prometheus hold a value of this expression that is not empty and not 0?
holds() {
  curl -sf --max-time 5 --get --data-urlencode "query=($1) > 0" "http://$prometheus/api/v1/query" |
    python3 -c 'import json, sys; sys.exit(not json.load(sys.stdin)["data"]["result"])'
}
wait_for 60 "Prometheus to scrape the daemon" holds 'up{job="proactived"}'
wait_for 30 "records in Prometheus" holds 'sum(proactived_kafka_records_total)'
wait_for 30 "outreach in Prometheus" holds 'sum(proactived_outreach_releases_total)'
wait_for 30 "the latency histogram in Prometheus" \
  holds 'histogram_quantile(0.99, sum by (le) (proactived_outreach_latency_seconds_bucket))'
if holds 'proactived_no_such_metric'; then
  echo "the query itself is faulty: it finds what does not exist"
  exit 1
fi
echo "read $(metric proactived_kafka_records_total) records, released $(metric proactived_outreach_releases_total) outreach"
