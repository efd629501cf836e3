#!/usr/bin/env bash
# Every test: unit, vectors, PostgreSQL, virtual readers, token, front, third-party tools. The last line counts them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
export SWIFT_BACKTRACE=enable=no
log=.build/test.log
mkdir -p .build

noise='prohibited flag|^\[[0-9]+/[0-9]+\]|^Building for|^Build complete|Planning build'
echo "building the tests"
swift build --build-tests 2>&1 | { grep -vE "$noise" || true; }

vectors=${CITIZEN_VECTORS:-../shared/vectors}
[[ -d $vectors ]] || echo "no public vectors at $vectors (CITIZEN_VECTORS): their suites are skipped by name below"

status=0
swift test --skip-build 2>&1 | tee "$log" | { grep -E '✘|➜|Test run|Executed|error:|^\*\*' || true; } || status=$?

# A run that executed nothing has not passed.
total=$(sed -nE 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
failed=$(grep -cE '^✘ Test .* failed after' "$log" || true)
run_failed=$(grep -cE '^✘ Test run with' "$log" || true)
((run_failed == 0)) || failed=$((failed - run_failed))
skipped=$(grep -cE '^➜ Test .* skipped' "$log" || true)
xctest=$(sed -nE 's/.*Executed ([0-9]+) tests?, with ([0-9]+) failures?.*/\1 \2/p' "$log" | tail -n 1)
read -r x_total x_failed <<<"${xctest:-0 0}"
if [[ -z $total ]] || ((total == 0)); then
    tail -n 20 "$log"
    echo "no test was run"
    echo "0 passed, 1 failed"
    exit 1
fi
if ((run_failed > 0 && failed == 0)); then failed=1; fi
failed=$((failed + x_failed))

# A short run of every fuzz target; each counts as one test.
echo "fuzzing each parser for 3 seconds"
"$here/fuzz.sh" seconds 3 2>&1 | tee .build/fuzz.log || status=$?
fuzzed=$(grep -cE '^(ok|FAIL)  ' .build/fuzz.log || true)
fuzz_failed=$(grep -cE '^FAIL  ' .build/fuzz.log || true)
((fuzzed > 0)) || { echo "✘ no fuzz target was run"; fuzzed=1 fuzz_failed=1; }
total=$((total + fuzzed))
failed=$((failed + fuzz_failed))
((skipped == 0)) || echo "$skipped skipped (named above)"
echo "$((total + x_total - skipped - failed)) passed, $failed failed"
((failed == 0 && status == 0))
