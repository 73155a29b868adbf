#!/usr/bin/env bash
# The help of every subcommand, word for word: flags, defaults, examples.
set -euo pipefail
# shellcheck source=tests/golden/cli/compare.sh
source tests/golden/cli/compare.sh
"$1" --help | same help/overview.txt
for command in check config demo healthcheck replay run score simulate state test version; do
  "$1" "$command" --help | same "help/$command.txt"
done
exit "$failed"
