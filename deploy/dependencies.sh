#!/usr/bin/env bash
# The one list of Debian packages that this project needs, and their installer. Every other script calls it, so a
# package is named nowhere else. Made for Debian 12; a minimal root (debootstrap --variant=minbase) is enough.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: deploy/dependencies.sh [--list | --check] [SET ...]

Installs with apt-get those packages of the sets that are missing, and nothing if none is.

  build    compiler, build tools and libraries of the program
  test     what tests/run.sh needs besides
  kafka    Java and Maven, for deploy/local-kafka
  lint     formatter and checkers of C++, shell and YAML
  fuzz     clang with libFuzzer
  all      all of them (also without any SET)

  --list   print the packages, one a line
  --check  print those that are missing; exit 1 if there is one
TEXT
}

packages_of() {
  case $1 in
    build) echo ca-certificates cmake ninja-build g++ pkg-config tzdata \
      libcli11-dev libeigen3-dev libexpected-dev libfmt-dev libhowardhinnant-date-dev libmicrohttpd-dev libre2-dev \
      librdkafka-dev libsimdjson-dev libspdlog-dev libssl-dev libxxhash-dev libyaml-cpp-dev nlohmann-json3-dev \
      prometheus-cpp-dev robin-map-dev ;;
    # prometheus brings promtool and the server that scrapes the daemon in a test; chromium opens the pages of `score`.
    test) echo chromium curl doctest-dev fonts-dejavu-core libbenchmark-dev librapidcheck-dev openssl prometheus python3 \
      python3-jsonschema python3-yaml ;;
    kafka) echo maven openjdk-17-jre-headless ;;
    lint) echo clang-format-14 clang-tidy-14 shellcheck yamllint ;;
    fuzz) echo clang-14 libclang-rt-14-dev ;;
    all) echo "$(packages_of build) $(packages_of test) $(packages_of kafka) $(packages_of lint)" \
      "$(packages_of fuzz)" ;;
    *)
      echo "dependencies.sh: unknown set '$1'; see --help" >&2
      return 64
      ;;
  esac
}

missing_of() {  # PACKAGE ...
  local package
  for package in "$@"; do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) in
      ?i*) ;;
      *) echo "$package" ;;
    esac
  done
}

# Debian starts services on installation. Ours are only tools of tests: a policy file keeps them from starting, and
# where systemd runs they are disabled again.
install() {  # PACKAGE ...
  local as_root=() policy=/usr/sbin/policy-rc.d own_policy=
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "dependencies.sh: installing needs root (or sudo). As root: apt-get install $*" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing: $*"
  if [ ! -e "$policy" ]; then
    own_policy=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  local status=0
  # A failing third-party source must not stop us; if the lists are really missing, the installation says so.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update ||
    echo "dependencies.sh: warning: apt-get update failed, going on with the lists at hand" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "$@" || status=$?
  if [ -n "$own_policy" ]; then "${as_root[@]}" rm -f "$policy"; fi
  if [ -d /run/systemd/system ] && [[ " $* " = *" prometheus "* ]]; then
    "${as_root[@]}" systemctl disable --now prometheus >/dev/null 2>&1 || true
  fi
  return "$status"
}

action=install
sets=()
for argument in "$@"; do
  case $argument in
    --list) action=list ;;
    --check) action=check ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "dependencies.sh: unknown option '$argument'; see --help" >&2; exit 64 ;;
    *) sets+=("$argument") ;;
  esac
done
[ ${#sets[@]} -gt 0 ] || sets=(all)

packages=()
for set in "${sets[@]}"; do
  words=$(packages_of "$set") || exit 64
  read -ra more <<<"$words"
  packages+=("${more[@]}")
done
mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)

if [ "$action" = list ]; then
  printf '%s\n' "${packages[@]}"
  exit 0
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "dependencies.sh: this is no Debian; find the counterparts of these packages: ${packages[*]}" >&2
  exit 1
fi
mapfile -t missing < <(missing_of "${packages[@]}")
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$action" = check ]; then
  printf '%s\n' "${missing[@]}"
  exit 1
fi
install "${missing[@]}"
