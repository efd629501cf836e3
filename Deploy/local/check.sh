#!/usr/bin/env bash
# Format, warnings, layers, names, lengths, policies, interface description, templates.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
cd "$here/../.."
export SWIFT_BACKTRACE=enable=no
noise='prohibited flag|^\[[0-9]+/[0-9]+\]|^Building for|^Build complete|Planning build'

say() { echo "check: $*"; }

say "format"
swift format lint --strict --recursive --parallel Package.swift Sources Tests

say "build, warnings are errors"
swift build --build-tests 2>&1 | { grep -vE "$noise" || true; }

say "layers, names, lengths, secrets, routes"
swift test --skip-build --filter RepositoryTests --disable-xctest 2>&1 | tee .build/check.log | { grep -E '✘|Test run' || true; }
grep -qE 'Test run with [1-9][0-9]* tests? .* passed' .build/check.log

say "policies and key definitions"
.build/debug/citizend check-policies

say "scripts"
for script in Deploy/local/*.sh Docs/*.sh; do
    case $(head -n 1 "$script") in *bash*) bash -n "$script" ;; *) sh -n "$script" ;; esac
done
python3 -m py_compile Deploy/local/*.py
rm -rf Deploy/local/__pycache__

say "front template"
if command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]]; then
    "$here/check-front.sh"
else
    say "nginx is not installed: template not parsed"
fi
say "all in order"
