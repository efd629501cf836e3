#!/usr/bin/env bash
# The long runs, with seeds: fuzz, kills, tears at every command, address and thread sanitizers. Writes a dated result
# under Docs/soak/; exit 0 when every part passed.
#
# CITIZEN_SOAK_RUNS (10000000 a fuzz target), CITIZEN_SOAK_KILLS (3000), CITIZEN_SOAK_STEP (1: every command is torn),
# CITIZEN_SOAK_SUITES (a filter of swift test), CITIZEN_SEED (random). Any of the first four makes it the short form,
# which the result says.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
cd "$root"
form=long
[[ -z ${CITIZEN_SOAK_RUNS:-}${CITIZEN_SOAK_KILLS:-}${CITIZEN_SOAK_STEP:-}${CITIZEN_SOAK_SUITES:-} ]] || form=short
runs=${CITIZEN_SOAK_RUNS:-10000000}
kills=${CITIZEN_SOAK_KILLS:-3000}
step=${CITIZEN_SOAK_STEP:-1}
suites=${CITIZEN_SOAK_SUITES:-OctetsTests|EncodingsTests|TokensTests|CryptographyTests|CertificatesTests|CardsTests|IdentityTests|CardEngineTests|KeyHierarchyTests|HTTPTests|DatabaseTests|OfficeTests}
export CITIZEN_SEED=${CITIZEN_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
export SWIFT_BACKTRACE=enable=no CITIZEN_CUSTODY=file CITIZEN_READERS=4
export CITIZEN_BIN=${CITIZEN_SOAK_BIN:-$root/.build/debug}
date=$(date -u +%Y-%m-%d)
mkdir -p Docs/soak .build/soak
result=Docs/soak/$date$([[ $form == long ]] || echo "-short").md
home=$(mktemp -d /tmp/czsoak-XXXXXX)
chmod 0711 "$home"
finish() {
    "$here/stack.sh" down "$home" >/dev/null 2>&1 || true
    find "$home" -delete
}
trap finish EXIT
failed=0
echo "soak: $form form, seed $CITIZEN_SEED (repeat with CITIZEN_SEED=$CITIZEN_SEED)"

{
    echo "# 长时检验 Soak of $date, $form form"
    echo
    [[ $form == long ]] || echo "**This is the short form**: it shows that every part runs; its figures are no proof of endurance."
    echo "Commit $(git rev-parse --short HEAD), $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r), seed $CITIZEN_SEED."
    echo
    echo "| part | asked for | result | seconds | figures |"
    echo "|---|---|---|---|---|"
} >"$result"

# part NAME ASKED COMMAND...: one line of the table; the figures are the last lines that FIGURES picks from the log.
part() {
    local name=$1 asked=$2 log=.build/soak/$1.log begun=$SECONDS word=pass figures
    shift 2
    echo "soak: $name"
    "$@" >"$log" 2>&1 || { word=**FAIL** failed=1; tail -n 5 "$log"; }
    figures=$(grep -aE "${pick:-.}" "$log" | tail -n "${lines:-1}" | tr '|\n' '/;' | cut -c1-900 || true)
    echo "| $name | $asked | $word | $((SECONDS - begun)) | $figures |" >>"$result"
}

people() {
    "$here/stack.sh" up "$home"
    export CITIZEN_HOME=$home CITIZEN_SHARE=$root
    "$CITIZEN_BIN/citizend" generate residents --seed "$((CITIZEN_SEED % 100000))" --count $((kills + 400)) --out "$home/people.csv"
    "$CITIZEN_BIN/citizend" import residents "$home/people.csv"
}

sanitized() { swift test --sanitize "$1" --scratch-path ".build/$1" --disable-xctest --filter "$suites"; }

export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=0
pick='^(ok|FAIL) ' lines=99 part fuzz "$runs runs a target" "$here/fuzz.sh" runs "$runs"
part build "the programs" swift build
part population "$((kills + 400)) residents" people
pick='^\{' part kills "$kills kills" python3 "$here/kills.py" "$home" $((kills + 4)) "$kills" "$CITIZEN_SEED"
pick='^\{' part tears "every command, step $step, before and after" python3 "$here/tears.py" "$home" "$step"
pick='Test run with|^SUMMARY' lines=3 part address "$suites" sanitized address
pick='Test run with|^SUMMARY' lines=3 part thread "$suites" sanitized thread
((failed == 0)) && echo "soak: every part passed; $result" || echo "soak: a part failed; $result"
exit $failed
