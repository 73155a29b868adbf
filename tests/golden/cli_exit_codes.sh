#!/usr/bin/env bash
# Each exit code that the command line alone can bring about. (70 and 75 need a fault inside; unit and integration tests
# have them.)
set -euo pipefail
binary=$1
cases=tests/golden/cli/check
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

gives() {  # CODE COMMAND ...
  local want=$1 got=0
  shift
  "$@" >"$work/out" 2>&1 </dev/null || got=$?
  if [ "$got" != "$want" ]; then
    echo "exit code $got instead of $want: $*"
    head -n 5 "$work/out"
    failed=1
  fi
}
# shellcheck disable=SC2317  # called through gives
to_full_disk() { "$@" >/dev/full; }

config() {  # RULES: a configuration whose broker nobody is
  cat <<TEXT
version: 1
kafka: {brokers: ["127.0.0.1:1"], instance: one}
rules: {signals: [$PWD/$cases/signals.yaml], packs: [$PWD/$cases/$1]}
privacy: {id_key_file: $PWD/$cases/id-key}
http: {ops: {listen: "127.0.0.1:0"}}
TEXT
}
config good.yaml >"$work/no-broker.yaml"
config bad.yaml >"$work/bad-rules.yaml"
echo "not a state file" >"$work/not-a-state-file"

gives 0 "$binary" --help
gives 0 "$binary" version
gives 0 "$binary" check "$cases/good.yaml" --signals "$cases/signals.yaml"
gives 1 "$binary" healthcheck --address 127.0.0.1:1
gives 1 "$binary" test "$cases/failing.test.yaml" --signals "$cases/signals.yaml"
gives 64 "$binary"
gives 64 "$binary" no-such-command
gives 64 "$binary" run
gives 64 "$binary" simulate
gives 0 "$binary" score tests/golden/cli/score/spike.csv
gives 64 "$binary" score --model no-such-model
gives 65 "$binary" score
gives 65 "$binary" score tests/golden/cli/score/no-value.csv
gives 65 "$binary" score tests/golden/cli/score/spike.csv --strict
gives 65 "$binary" score tests/golden/cli/score/spike.csv --state-in "$work/not-a-state-file"
gives 66 "$binary" score "$work/missing.csv"
gives 74 "$binary" score "$work"
gives 74 to_full_disk "$binary" score tests/golden/cli/score/spike.csv
gives 65 "$binary" state --file "$work/not-a-state-file"
gives 66 "$binary" run --config "$work/missing.yaml"
gives 66 "$binary" replay --config "$cases/config.yaml" --telemetry "$work/missing.ndjson"
gives 66 env PROACTIVED_SHARE="$work/nothing" "$binary" demo --customers 1 --days 1
gives 69 "$binary" check --config "$work/no-broker.yaml" --environment
gives 74 to_full_disk "$binary" version
gives 74 "$binary" replay --config "$cases/config.yaml" --telemetry "$work"
gives 78 "$binary" check "$cases/bad.yaml" --signals "$cases/signals.yaml"
gives 78 "$binary" check "$cases/warning.yaml" --signals "$cases/signals.yaml" --strict
gives 78 "$binary" run --config "$cases/bad-config.yaml"
gives 78 "$binary" run --config "$work/bad-rules.yaml"
exit "$failed"
