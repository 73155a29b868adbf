#!/usr/bin/env bash
# The pages of `score --html` in a real browser: something is drawn, nothing is said on the console. Exit 77: no browser.
set -euo pipefail
binary=$1
cases=tests/golden/cli/score
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
sparse=

shows() {  # NAME TEXT ...: page NAME.html is drawn, and shows each text
  local name=$1 code=0
  shift
  python3 tests/golden/browser/page_check.py ${sparse:+--sparse} "$work/$name.html" "$work" "$@" || code=$?
  if [ "$code" = 77 ]; then exit 77; fi
  if [ "$code" != 0 ]; then failed=1; fi
}
page() {  # NAME FILE FLAGS ...
  local name=$1
  shift
  "$binary" score "$@" --html "$work/$name.html" >/dev/null 2>&1
}

page spike "$cases/spike.csv"
shows spike "149 rows" "1 anomaly" "2026-03-02 14:20:00"
page zone "$cases/spike.csv" --time-zone Asia/Kolkata
shows zone "2026-03-02 14:20:00" "Asia/Kolkata"
page units "$cases/units.csv" --multivariate --entity unit --train-rows 60
shows units "180 rows" "pressure:"

# A million rows; the page stays small.
awk 'BEGIN{print "timestamp,value"; for (i = 0; i < 1000000; ++i) print 1700000000 + 60 * i "," 20 + i % 97 + (i == 700000 ? 900 : 0)}' >"$work/long.csv"
page long "$work/long.csv"
shows long "1,000,000 rows"
if [ "$(stat -c %s "$work/long.html")" -gt 1000000 ]; then
  echo "the page of a million rows has $(stat -c %s "$work/long.html") bytes"
  failed=1
fi

# Names that would be markup, times that go back, one row.
hostile="$work/<img src=x onerror=fail()>&amp;.csv"
{ echo 'timestamp,unit,<b>a</b>,"c"",d"'; for i in $(seq 60); do echo "$((i % 7)),</script><script>fail()</script>,$((i * 7 % 11)),$((i > 40 ? i * i : i * 5 % 13))"; done; } >"$hostile"
page hostile "$hostile" --multivariate --entity unit --train-rows 30
shows hostile "&lt;img src=x onerror=fail()&gt;&amp;amp;.csv" "&lt;/script&gt;&lt;script&gt;fail()&lt;/script&gt;"
{ head -n 1 "$cases/spike.csv"; for i in $(seq 60); do echo "$((i * i % 59)),$((i * 7 % 11))"; done; } >"$work/back.csv"
page back "$work/back.csv"
shows back "60 rows"
printf 'timestamp,value\n2026-03-01 00:00:00,5\n' >"$work/one.csv"
page one "$work/one.csv"
sparse=yes
shows one "1 row,"
head -n 1 "$cases/spike.csv" >"$work/none.csv"
page none "$work/none.csv"
shows none "0 rows"

# The check must be able to fail.
sed 's/^fillTable();$/noSuchFunction();/' "$work/spike.html" >"$work/broken.html"
if python3 tests/golden/browser/page_check.py "$work/broken.html" "$work" >/dev/null; then
  echo "a broken page passes"
  failed=1
fi
exit "$failed"
