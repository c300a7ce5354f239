#!/bin/sh
# Installs the Debian packages that building or testing needs, and says so first.
# usage: install-packages.sh build|test
set -eu

build="libsystemd-dev pkg-config"
# Real servers, a real journal and real tools: the tests use no stand-ins for them.
test="$build nginx-light haproxy openssl curl jq systemd python3-jsonschema python3-yaml util-linux"

case "${1:-}" in
build) wanted=$build ;;
test) wanted=$test ;;
*) echo "usage: $0 build|test" >&2; exit 64 ;;
esac

if ! command -v swift >/dev/null; then
    echo "No Swift toolchain was found. Install Swift 6.2 or later from swift.org, then try again." >&2
    exit 69
fi
if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian; please see that these are there: $wanted" >&2
    exit 0
fi

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    case "$status" in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "Installing with apt-get:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words, on purpose
install() { $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
install || { $sudo apt-get update -qq && install; }
