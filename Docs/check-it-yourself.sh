#!/usr/bin/env bash
# Checks what the demo left, with none of our programs: openssl, sha256sum, opensc-tool, pkcs11-tool, curl, psql, python3.
# Usage: Docs/check-it-yourself.sh [HOME]   (the demo prints its home at the end). Exit 0: everything checks.
set -uo pipefail
home=${1:-.citizen-demo}
artefacts=$home/artefacts
failed=0

check() { # WORDS COMMAND...
    if "${@:2}" >/dev/null 2>&1; then
        echo "ok    $1"
    else
        echo "FAIL  $1"
        failed=1
    fi
}
skip() { echo "--    $1: skipped, $2"; }

[[ -d $artefacts ]] || { echo "no artefacts in $home: run make demo first" >&2; exit 4; }
docs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$artefacts" || exit 4

check "the root's own signature" openssl verify -check_ss_sig -CAfile ca.root.p256.pem ca.root.p256.pem
check "the card's certificate chains to our root" \
    openssl verify -check_ss_sig -CAfile ca.root.p256.pem -untrusted ca.issuing.card.pem card.pem
signed() { openssl dgst -sha256 -verify <(openssl x509 -in card.pem -pubkey -noout) -signature SHA256SUMS.sig SHA256SUMS; }
check "the list of artefacts was signed by the card" signed
check "every artefact is as the list says" sha256sum --strict --check SHA256SUMS
listed() { for file in *; do [[ -d $file || $file == SHA256SUMS* ]] || grep -q "  $file\$" SHA256SUMS || return 1; done; }
check "no artefact is missing from the list" listed

if [[ -d log ]]; then
    check "the evidence log leads to its signed checkpoint, and every receipt is in it" python3 "$docs/verify-log.py" log
else
    skip "the evidence log" "not exported"
fi

if [[ -s $home/stack.json ]]; then
    read_stack() { python3 -c "import json,sys; d=json.load(open('$home/stack.json')); print($1)"; }
    check "the service answers over TLS" curl -fsS --cacert "$(read_stack 'd["ca_file"]')" "$(read_stack 'd["issuer"]')/healthz"
    once() { [[ $(psql -X -tA -d "$(read_stack 'd["database"]')" -c \
        "SELECT count(*) FROM (SELECT resident_id, kind FROM card WHERE state IN (5, 6, 8) GROUP BY 1, 2 HAVING count(*) > 1) x") == 0 ]]; }
    check "nobody has two live cards of a kind" once
else
    skip "the live service" "the stack is down"
fi
exit $failed
