#!/usr/bin/env bash
# Every test: unit, vectors, PostgreSQL, virtual readers, token, front, third-party tools. The last line counts them.
# One run a module, so that a suite that measures time or loads the machine disturbs no other.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
export SWIFT_BACKTRACE=enable=no
logs=.build/test-logs
rm -rf $logs
mkdir -p $logs

noise='prohibited flag|^\[[0-9]+/[0-9]+\]|^Building for|^Build complete|Planning build'
echo "building the tests"
swift build --build-tests 2>&1 | { grep -vE "$noise" || true; }

vectors=${CITIZEN_VECTORS:-../shared/vectors}
[[ -d $vectors ]] || echo "no public vectors at $vectors (CITIZEN_VECTORS): their suites are skipped by name below"

passed=0 failed=0 skipped=0
for folder in Tests/*Tests; do
    name=$(basename "$folder")
    log=$logs/$name.log
    status=0
    # Suites in which every test has a database, or a whole stack, of its own run one test after the other.
    case $name in
        OfficeTests | OfficeWebTests | ScenarioTests) order=--no-parallel ;;
        *) order=--parallel ;;
    esac
    swift test --skip-build --disable-xctest $order --filter "^$name\." >"$log" 2>&1 || status=$?
    grep -E '^(✘|➜) ' "$log" || true
    total=$(sed -nE 's/.*Test run with ([0-9]+) tests? .*/\1/p' "$log" | tail -n 1)
    bad=$(grep -E '^✘ Test .* failed after' "$log" | grep -cvE '^✘ Test run' || true)
    left=$(grep -cE '^➜ Test .* skipped' "$log" || true)
    # A run that executed nothing, or that ended badly without naming a test, has not passed.
    if [[ -z $total ]] || ((total == 0)) || { ((status != 0)) && ((bad == 0)); }; then
        tail -n 15 "$log"
        echo "$name did not run to its end (exit $status)"
        total=${total:-0}
        bad=$((bad + 1))
        ((total >= bad)) || total=$bad
    fi
    echo "$name: $((total - left - bad)) passed, $bad failed, $left skipped  $(sed -nE 's/.*(after [0-9.]+ seconds).*/\1/p' "$log" | tail -n 1)"
    passed=$((passed + total - left - bad)) failed=$((failed + bad)) skipped=$((skipped + left))
done

if [[ -z ${CITIZEN_NO_FUZZ:-} ]]; then
    echo "fuzzing each parser for 3 s"
    "$here/fuzz.sh" seconds 3 >$logs/fuzz.log 2>&1 || true
    cat $logs/fuzz.log
    passed=$((passed + $(grep -cE '^ok ' $logs/fuzz.log || true)))
    bad=$(grep -cE '^FAIL ' $logs/fuzz.log || true)
    grep -qE '^(ok|FAIL) ' $logs/fuzz.log || bad=1
    failed=$((failed + bad))
fi

((skipped == 0)) || echo "$skipped skipped (named above)"
echo "$passed passed, $failed failed"
((failed == 0))
