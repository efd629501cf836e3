#!/usr/bin/env bash
# The benchmarks, each beside its peer or limit in the same run: a table here, the figures in bench.json.
# bench.sh [AREA...]   all areas unless named
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
bench=${CITIZEN_BIN:-.build/release}/citizen-bench
areas=("$@")
((${#areas[@]})) || areas=(all)
code=0
for area in "${areas[@]}"; do
    "$bench" "$area" --json >bench.json.new || code=$?
    ((code <= 1)) || exit $code
    mv bench.json.new bench.json
    python3 - <<'PY'
import json
answer = json.load(open("bench.json"))
print(f"{answer['machine']['cpu']}, {answer['machine']['cores']} cores, {answer['date']}")
for one in answer["results"]:
    met = "met" if one["met"] else "MISSED"
    print(f"{one['name']:24} {one['value']:>12} {one['unit']}\n    beside {one['beside']}: {one['beside_value']}   ratio {one['ratio']}"
          f"   goal {one['goal']}: {met}   {one['runs']} runs, spread {one['spread']}")
PY
done
exit $code
