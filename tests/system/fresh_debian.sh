#!/usr/bin/env bash
# Runs a command in a new, minimal Debian 12 root that holds nothing but a copy of this source tree at /src: the proof
# that deploy/dependencies.sh names every package and that no step leans on what a developer's machine has.
#
# Usage: tests/system/fresh_debian.sh [--keep DIR] COMMAND [ARGUMENTS]      e.g. ... deploy/quickstart.sh --kafka
#
# Needs root, debootstrap and unshare. The root has its own mount and process namespaces (whatever the command leaves
# running ends with it) and this machine's network, so ports must not collide. Exit code: the command's; 77 if
# something that this script itself needs is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=
if [ "${1:-}" = --keep ]; then
  target=$2
  shift 2
fi
[ $# -gt 0 ] || { sed -n '2,9p' "${BASH_SOURCE[0]}" >&2; exit 64; }

[ "$(id -u)" -eq 0 ] || { echo "fresh_debian.sh: needs root"; exit 77; }
for tool in debootstrap unshare chroot; do
  command -v "$tool" >/dev/null || { echo "fresh_debian.sh: no $tool here"; exit 77; }
done

if [ -z "$target" ]; then
  target=$(mktemp -d)
  trap 'rm -rf --one-file-system "$target"' EXIT
fi

if [ ! -e "$target/etc/debian_version" ]; then
  mkdir -p "$target"
  if ! debootstrap --variant=minbase bookworm "$target" >"$target/debootstrap.out" 2>&1; then
    tail -n 5 "$target/debootstrap.out" "$target/debootstrap/debootstrap.log" 2>/dev/null
    echo "fresh_debian.sh: debootstrap failed"
    exit 77
  fi
fi
# What any host of this network has: name service, and certificate authorities of its own.
cp -L /etc/resolv.conf /etc/hosts "$target/etc/"
if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
  mkdir -p "$target/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$target/usr/local/share/ca-certificates/"
fi

rm -rf "$target/src"
mkdir -p "$target/src"
# Tracked files and new ones that are not ignored, as they are now. (A file deleted but not yet committed is skipped.)
(cd "$root" && git ls-files -z --cached --others --exclude-standard | sort -zu |
  while IFS= read -rd '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
  tar -c --null -T -) | tar -x -C "$target/src"

# shellcheck disable=SC2016  # these expand inside
enter='
  mount -t proc proc "$0/proc"
  mount --rbind /dev "$0/dev"
  exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=dumb \
    /bin/bash -c "cd /src && exec \"\$@\"" command "$@"'
unshare --mount --pid --fork --kill-child --propagation private /bin/bash -c "$enter" "$target" "$@"
