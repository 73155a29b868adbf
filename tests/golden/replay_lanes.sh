#!/usr/bin/env bash
# The same input gives the same outreach, byte for byte: replayed twice, and with one lane or four.
set -euo pipefail
binary=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'golden-test-key\n' >"$scratch/id-key"
chmod 600 "$scratch/id-key"
cat >"$scratch/replay.yaml" <<TEXT
version: 1
kafka: {inputs: {profiles: {topic: customers.profiles}}}
rules: {signals: ["$PWD/rules/packs/signals.yaml"], packs: ["$PWD/tests/integration/rules"]}
outreach: {enabled: true}
privacy: {id_key_file: "$scratch/id-key"}
TEXT
"$binary" simulate --seed 11 --customers 25 --days 6 --out "$scratch/fleet"

replay() { # NAME FLAGS ...
  local name=$1
  shift
  "$binary" replay --config "$scratch/replay.yaml" --telemetry "$scratch/fleet/telemetry.ndjson" \
    --profiles "$scratch/fleet/profiles.ndjson" --decisions "$scratch/$name.decisions" "$@" \
    >"$scratch/$name.outreach" 2>/dev/null
}
replay once --partitions 8
replay again --partitions 8
replay lanes --partitions 8 --lanes 4

lines=$(wc -l <"$scratch/once.outreach")
if [ "$lines" -lt 30 ]; then
  echo "only $lines outreach events: too little to compare"
  exit 1
fi
for name in again lanes; do
  cmp "$scratch/once.outreach" "$scratch/$name.outreach"
  cmp "$scratch/once.decisions" "$scratch/$name.decisions"
done

echo "$lines outreach events, equal in three replays"
