#!/usr/bin/env bash
# Renders the front's template with throw-away certificates and lets nginx parse it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
folder=$(mktemp -d /tmp/citizen-front.XXXXXX)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/tls" "$folder/run" "$folder/nginx/tmp"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 1 \
    -keyout "$folder/tls/srv.key" -out "$folder/tls/srv.pem" 2>/dev/null
cp "$folder/tls/srv.pem" "$folder/tls/ca.pem"
for file in "$here"/../nginx/*; do
    name=$(basename "${file%.template}")
    sed -e "s|@DATA@|$folder|g; s|@PORT@|18443|g; s|@MTLS_PORT@|18444|g; s|@HOST@|localhost|g" "$file" >"$folder/nginx/$name"
done
PATH=$PATH:/usr/sbin
nginx -t -q -p "$folder/nginx/" -c nginx.conf -e error.log
