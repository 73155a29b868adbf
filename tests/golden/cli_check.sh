#!/usr/bin/env bash
# What `check`, `config` and `version` print, word for word.
set -euo pipefail
# shellcheck source=tests/golden/cli/compare.sh
source tests/golden/cli/compare.sh
cases=tests/golden/cli/check
chmod 644 "$cases"/id-key "$cases"/password  # a checkout may have other modes; the findings name them

ran "$1" check "$cases/good.yaml" --signals "$cases/signals.yaml" | same check/good.txt
ran "$1" check "$cases/bad.yaml" --signals "$cases/signals.yaml" | same check/bad.txt
ran "$1" check "$cases/bad.yaml" --signals "$cases/signals.yaml" --format json | same check/bad.json
ran "$1" check "$cases/warning.yaml" --signals "$cases/signals.yaml" | same check/warning.txt
ran "$1" check "$cases/warning.yaml" --signals "$cases/signals.yaml" --strict | same check/strict.txt
ran "$1" check --config "$cases/bad-config.yaml" | same check/bad-config.txt
ran "$1" check --config "$cases/config.yaml" | same check/config.txt

# The configuration in force loads again, and holds no secret.
effective=$(mktemp)
trap 'rm -f "$effective"' EXIT
"$1" config --config "$cases/config.yaml" >"$effective" 2>/dev/null
sed "s|$PWD|ROOT|g" "$effective" | same check/effective.yaml
if grep -q canary "$effective"; then
  echo "a secret is in the effective configuration"
  failed=1
fi
"$1" config --defaults | diff -u config/defaults/proactived.yaml - || failed=1

"$1" version | sed -E 's/^(revision|compiler|librdkafka)( +)[^ ].*/\1\2X/' | same version.txt
"$1" version --format json | python3 -c '
import json, sys
names = list(json.load(sys.stdin))
sys.exit(names != ["version", "revision", "compiler", "librdkafka"])' || failed=1
exit "$failed"
