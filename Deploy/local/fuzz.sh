#!/usr/bin/env bash
# Runs every fuzz target over its corpus: fuzz.sh seconds N | fuzz.sh runs N. CITIZEN_SEED repeats a run.
# Ends with one line a target; exit 1 when one crashed, hung (over 1 s) or used over 512 MB.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
case ${1:-} in
    seconds) bound=(-max_total_time="$2") ;;
    runs) bound=(-runs="$2") ;;
    *) echo "usage: fuzz.sh seconds N | runs N" >&2; exit 2 ;;
esac
seed=${CITIZEN_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "fuzz: seed $seed (repeat with CITIZEN_SEED=$seed)"
export SWIFT_BACKTRACE=enable=no
scratch=.build/fuzz
# One product at a time: the sanitizer's main function would clash with that of the programs.
for folder in Tests/Fuzz/Fuzz*; do
    CITIZEN_FUZZ=1 swift build -c release --sanitize fuzzer --scratch-path $scratch --product "$(basename "$folder")" 2>&1 |
        { grep -E 'error' || true; }
done
mkdir -p $scratch/crashes
failed=0
for folder in Tests/Fuzz/Fuzz*; do
    name=$(basename "$folder")
    work=$scratch/corpus/$name
    mkdir -p "$work"
    log=$scratch/$name.log
    if $scratch/release/"$name" -seed="$seed" -timeout=1 -rss_limit_mb=512 -max_len=4096 \
        -artifact_prefix="$scratch/crashes/$name-" "${bound[@]}" "$work" "Tests/Fuzz/Corpus/$name" >"$log" 2>&1; then
        echo "ok    $name  $(grep -oE 'Done [0-9]+ runs in [0-9]+ second' "$log" | tail -n 1)"
    else
        echo "FAIL  $name  $(grep -E 'ERROR|Fatal error|SUMMARY' "$log" | head -n 2 | tr '\n' ' ')  input under $scratch/crashes"
        failed=1
    fi
done
exit $failed
