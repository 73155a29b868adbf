#!/usr/bin/env bash
# What `score` prints, word for word, and what must be equal however it is called.
set -euo pipefail
# shellcheck source=tests/golden/cli/compare.sh
source tests/golden/cli/compare.sh
cases=tests/golden/cli/score
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

equal() {  # WHAT FILE FILE
  cmp -s "$2" "$3" && return
  echo "$1: the outputs differ"
  diff "$2" "$3" | head -n 5
  failed=1
}

ran "$1" score "$cases/spike.csv" | same score/spike.txt
ran "$1" score "$cases/spike.csv" --profile slim --score level --sensitivity low --explain | same score/explain.txt
ran "$1" score "$cases/rows.ndjson" --format ndjson | same score/ndjson.txt
ran "$1" score "$cases/no-value.csv" | same score/no-value.txt
ran "$1" score "$cases/spike.csv" --strict | tail -n 2 | same score/strict.txt
ran "$1" score "$cases/spike.csv" --model ewna | same score/unknown-model.txt
ran "$1" score "$cases/spike.csv" --time-zone Mars/Base | same score/unknown-zone.txt
ran "$1" score "$work/missing.csv" 2>&1 | sed "s|$work|WORK|" | same score/missing.txt
ran "$1" score /dev/null | same score/empty.txt
ran "$1" score <(echo timestamp,value) | same score/header-only.txt

ran "$1" score "$cases/units.csv" --multivariate --entity unit --train-rows 60 --explain | same score/units.txt
ran "$1" score "$cases/units.csv" --multivariate | same score/text-column.txt
ran "$1" score "$cases/units.csv" --entity unit | same score/entity-alone.txt

# Standard input, a file and --output are one.
"$1" score "$cases/spike.csv" >"$work/file" 2>/dev/null
"$1" score - <"$cases/spike.csv" >"$work/stdin" 2>/dev/null
"$1" score "$cases/spike.csv" --output "$work/output" 2>/dev/null
equal "standard input" "$work/file" "$work/stdin"
equal "--output" "$work/file" "$work/output"

# Two runs with the state between them are one run.
head -n 76 "$cases/spike.csv" >"$work/first.csv"
{ head -n 1 "$cases/spike.csv"; tail -n +77 "$cases/spike.csv"; } >"$work/second.csv"
"$1" score "$work/first.csv" --state-out "$work/state" >"$work/joined" 2>/dev/null
"$1" score "$work/second.csv" --state-in "$work/state" 2>/dev/null | tail -n +2 >>"$work/joined"
equal "--state-out and --state-in" "$work/file" "$work/joined"
exit "$failed"
