# Sourced by the golden tests of the command line: compares exact output with a file beside this one.
# UPDATE_GOLDEN=1 rewrites the files; the diff is then reviewed.
#
# shellcheck shell=bash
here=$(dirname "${BASH_SOURCE[0]}")
failed=0

# Output of a command as it stands on a terminal, its exit code last.
ran() {  # COMMAND ...
  local code=0
  "$@" 2>&1 || code=$?
  echo "exit code $code"
}

same() {  # FILE: standard input equals it
  local file=$here/$1 got
  got=$(cat; echo .)
  if [ -n "${UPDATE_GOLDEN:-}" ]; then printf '%s' "${got%.}" >"$file"; fi
  if ! diff -u "$file" <(printf '%s' "${got%.}"); then
    echo "tests/golden/cli/$1 differs"
    # shellcheck disable=SC2034  # the script that sources this ends with it
    failed=1
  fi
}
