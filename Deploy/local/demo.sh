#!/usr/bin/env bash
# Tells the story of the product on real parts, in a fresh home beside CITIZEN_HOME, and stops what it started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
home=${CITIZEN_HOME:-.citizen}-demo
[[ $home == /* ]] || home=$root/$home

# Only a home that a demo made is ever removed.
if [[ -e $home ]]; then
    real=$(cd "$home" && pwd -P)
    [[ -e $real/demo-home ]] || { echo "demo.sh: $home was not made by a demo; move it away" >&2; exit 1; }
    "$here/stack.sh" down "$home" >/dev/null 2>&1 || true
    find "$real" -mindepth 1 -delete
    touch "$real/demo-home"
fi
# From here on the home is a demo's own, also when the first step fails.
finish() {
    "$here/stack.sh" down "$home" >/dev/null 2>&1 || true
    [[ ! -d $home ]] || touch "$home/demo-home"
}
trap finish EXIT
export CITIZEN_BIN=${CITIZEN_BIN:-$root/.build/release} SWIFT_BACKTRACE=enable=no
python3 "$here/demo.py" "$home"
