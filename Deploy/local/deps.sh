#!/usr/bin/env bash
# Installs the Debian packages that building, running and testing need. Idempotent; quick when all are there.
# Packages that would start a service on install are kept from doing so; ours are started by our own scripts.
set -euo pipefail

build="build-essential git pkg-config libncurses6 libssl-dev libargon2-dev libp11-kit-dev libpq-dev libpcsclite-dev
    libmicrohttpd-dev libcurl4-openssl-dev libpango1.0-dev libjpeg62-turbo-dev"
run="ca-certificates openssl curl nginx-light postgresql-15 pcscd vsmartcard-vpcd softhsm2 python3 util-linux
    fonts-wqy-zenhei fonts-babelstone-han fonts-hanazono"
test="opensc pcsc-tools yubico-piv-tool poppler-utils iproute2 procps python3-markdown"

missing=()
for package in $build $run $test; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if [[ $(id -u) -eq 0 ]]; then
    sudo=()
elif command -v sudo >/dev/null; then
    sudo=(sudo)
else
    echo "deps.sh: missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
    exit 4
fi

echo "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
guard=/usr/sbin/policy-rc.d
made_guard=
if [[ ! -e $guard ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $guard >/dev/null
    "${sudo[@]}" chmod 0755 $guard
    made_guard=1
fi
finish() {
    [[ -z $made_guard ]] || "${sudo[@]}" rm -f $guard
    rm -f "$log"
}
trap finish EXIT

# No cluster of the distribution's own: ours lives in the data folder.
if [[ ! -d /etc/postgresql/15/main ]]; then
    "${sudo[@]}" mkdir -p /etc/postgresql-common
    if ! grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf; then
        echo 'create_main_cluster = false' | "${sudo[@]}" tee -a /etc/postgresql-common/createcluster.conf >/dev/null
    fi
fi
export DEBIAN_FRONTEND=noninteractive
apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold)
if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "deps.sh: apt-get could not install the packages; the lines above say why" >&2
    exit 4
fi
