#!/usr/bin/env bash
# A replay ends with what a person wants to know: dead letters by reason, rules by what they did, signals that never came.
set -euo pipefail
binary=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'golden-test-key\n' >"$scratch/id-key"
chmod 600 "$scratch/id-key"
cat >"$scratch/signals.yaml" <<TEXT
version: 1
signals: { latency: { kind: gauge, unit: ms }, calls: { type: http.calls, kind: count } }
TEXT
cat >"$scratch/rules.yaml" <<TEXT
version: 1
rules:
- name: slow
  per: customer
  measures: { latency: { max: latency, over: 10m, step: 1m } }
  when: { measure: latency, above: 100 }
  severity: low
  outreach: { audience: support, title: "\${latency}", cooldown: 1m }
- name: busy
  per: customer
  measures: { calls: { count: calls, over: 10m, step: 1m } }
  when: { measure: calls, above: 100 }
  severity: low
TEXT
cat >"$scratch/replay.yaml" <<TEXT
version: 1
rules: {signals: ["$scratch/signals.yaml"], packs: ["$scratch/rules.yaml"]}
privacy: {id_key_file: "$scratch/id-key"}
TEXT
reading() { # MINUTE CUSTOMER VALUE
  printf '{"event_time":"2026-01-05T%02d:%02d:00Z","customer_id":"%s","signal":"latency","kind":"gauge","value":%s}\n' \
    $(($1 / 60)) $(($1 % 60)) "$2" "$3"
}
{
  for minute in $(seq 0 5 200); do
    reading "$minute" calm 50
    # Two separate problems of one customer, one of another.
    case $minute in 20 | 100) reading "$minute" often 150 ;; *) reading "$minute" often 60 ;; esac
    case $minute in 40) reading "$minute" once 150 ;; *) reading "$minute" once 60 ;; esac
  done
  echo '[1, 2]'
  echo '"text"'
  reading 30 calm 70
  reading 200 '' 1
} >"$scratch/telemetry.ndjson"

"$binary" replay --config "$scratch/replay.yaml" --telemetry "$scratch/telemetry.ndjson" >"$scratch/shadow.out" 2>"$scratch/shadow.err"
"$binary" replay --config "$scratch/replay.yaml" --telemetry "$scratch/telemetry.ndjson" --rollout live >"$scratch/live.out" 2>"$scratch/live.err"

expect() { # FILE TEXT
  grep -qF -- "$2" "$scratch/$1" && return
  echo "not in $1: $2"
  cat "$scratch/$1"
  exit 1
}
expect shadow.err '2 dead letters unknown_shape, first telemetry.events record 123: '
expect shadow.err '1 dead letter missing_field, first telemetry.events record 126: customer_id'
expect shadow.err '1 records came later than kafka.inputs.telemetry.lateness (2m)'
expect shadow.err 'slow  shadow         3         2        0  2 (often)'
expect shadow.err 'busy  shadow         0         0        0'
expect shadow.err "no record of signal 'http.calls', which busy read"
expect shadow.err '--rollout live what would have been sent'
expect live.err 'slow  live           3         2        3  2 (often)'
if [ -s "$scratch/shadow.out" ] || [ "$(grep -c '"opened"' "$scratch/live.out")" -ne 3 ]; then
  echo "outreach: none in shadow, three as live were expected"
  exit 1
fi
