#!/usr/bin/env bash
# A daemon whose brokers are away serves its ops listener, is healthy but not ready, tells the service manager what it
# does, and stops in an orderly way.
set -euo pipefail
binary=$1
cases=$PWD/tests/golden/cli/check
work=$(mktemp -d)
daemon='' manager=''
end() {
  if [ -n "$manager" ]; then kill -KILL "$manager" 2>/dev/null || true; fi
  if [ -n "$daemon" ]; then kill -KILL "$daemon" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT

cat >"$work/config.yaml" <<TEXT
version: 1
kafka: {brokers: ["127.0.0.1:1"], instance: one}
rules: {signals: [$cases/signals.yaml], packs: [$cases/good.yaml]}
privacy: {id_key_file: $cases/id-key}
http: {ops: {listen: "127.0.0.1:0"}}
log: {format: logfmt}
TEXT
# The service manager's end of the notification socket.
python3 -u - "$work/notify" >"$work/notified" <<'PYTHON' &
import socket, sys

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print("listening")
while True:
    print(manager.recv(4096).decode().split("\n")[0])
PYTHON
manager=$!
disown "$manager"

wait_for() {  # WHAT COMMAND ...
  local what=$1 deadline=$((SECONDS + 60))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "waited in vain for $what"
      cat "$work/log" "$work/notified"
      exit 1
    fi
    sleep 0.1
  done
}
logged() { grep -q "$1" "$work/log"; }
notified() { grep -qsx "$1" "$work/notified"; }

wait_for "the notification socket" notified listening
NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=2000000 "$binary" run --config "$work/config.yaml" 2>"$work/log" &
daemon=$!

wait_for "the listener" logged 'component=http .*port='
address=127.0.0.1:$(sed -nE 's/.*component=http .*port=([0-9]+).*/\1/p' "$work/log")
[ "$("$binary" healthcheck --address "$address")" = '{"status":"ok"}' ]
not_ready=$("$binary" healthcheck --ready --address "$address" 2>/dev/null) && { echo "ready without brokers"; exit 1; }
[ "${not_ready:0:14}" = '{"ready":false' ]
wait_for "the brokers to be missed" logged 'component=kafka'
kill -USR1 "$daemon"
kill -HUP "$daemon"
wait_for "the reload" logged 'component=reload msg="rules reloaded'

for state in READY=1 WATCHDOG=1 RELOADING=1; do wait_for "$state" notified "$state"; done

kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
daemon=''
if [ "$code" != 0 ] || ! logged 'msg=stopped exit_code=0'; then
  echo "ended with $code"
  cat "$work/log"
  exit 1
fi
wait_for STOPPING=1 notified STOPPING=1
