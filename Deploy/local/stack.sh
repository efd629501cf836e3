#!/usr/bin/env bash
# The whole stack below one home: PostgreSQL, token, service, front, virtual readers.
#
#   stack.sh up [HOME]        starts what is not running; makes what is not there; writes HOME/stack.json
#   stack.sh down [HOME]      stops everything and leaves no process
#   stack.sh status [HOME]    what runs and its health; exit 0 when all is well, 3 when something is down
#   stack.sh service-start|service-stop [HOME]    the service alone
#
# CITIZEN_HOME (.citizen), CITIZEN_HTTPS_PORT (a free pair from 8443 on, kept), CITIZEN_CUSTODY (pkcs11 or file),
# CITIZEN_BIN (folder of the programs), CITIZEN_READERS (4).
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
command=${1:-}
given=${2:-${CITIZEN_HOME:-.citizen}}
bin=${CITIZEN_BIN:-$root/.build/release}
custody=${CITIZEN_CUSTODY:-pkcs11}
hall=hall-1
desk=desk-1

fail() {
    echo "stack.sh: $1" >&2
    exit "${2:-1}"
}

# --- where -----------------------------------------------------------------------------------------------------------

# A folder that other users cannot pass (a checkout below /root) does not serve PostgreSQL and nginx, which drop root: the
# home is then made elsewhere and linked.
place_home() {
    [[ $given == /* ]] || given=$PWD/$given
    if [[ ! -e $given && $(id -u) -eq 0 ]] && ! passable "$(dirname "$given")"; then
        local elsewhere
        elsewhere=/var/lib/citizen-$(printf '%s' "$given" | sha256sum | cut -c1-12)
        mkdir -p "$elsewhere"
        chmod 0711 "$elsewhere"
        ln -s "$elsewhere" "$given"
    fi
    mkdir -p "$given"
    home=$(cd "$given" && pwd -P)
    chmod 0711 "$home"
    mkdir -p "$home/run" "$home/log" "$home/keys"
    chmod 0700 "$home/log" "$home/keys"
}

passable() {
    local folder=$1
    while [[ $folder != / ]]; do
        [[ -d $folder ]] && { (( 0$(stat -c %a "$folder") & 1 )) || return 1; }
        folder=$(dirname "$folder")
    done
}

environment() {
    export CITIZEN_HOME=$home CITIZEN_SHARE=$root CITIZEN_CUSTODY=$custody
    [[ $custody != pkcs11 ]] || export SOFTHSM2_CONF=$home/token/softhsm2.conf
    # What a clerk typed for one command is no business of what runs on.
    unset CITIZEN_PASSWORD CITIZEN_CODE CITIZEN_NEW_PIN CITIZEN_PIN CITIZEN_DOCUMENT
    # A crash of a program with keys in it writes no trace of its memory.
    export SWIFT_BACKTRACE=enable=no
}

# --- ports -----------------------------------------------------------------------------------------------------------

listening() {
    local hex
    hex=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$hex\$" '$4 == "0A" && $2 ~ port { found = 1 } END { exit !found }'
}

has_front() { "$here/nginx.sh" status "$home" >/dev/null 2>&1; }

choose_port() {
    local ours=
    if has_front; then
        ours=1
    else
        # The workers of a front that was killed still hold its ports.
        "$here/nginx.sh" stop "$home" >/dev/null 2>&1 || true
    fi
    if [[ -n ${CITIZEN_HTTPS_PORT:-} ]]; then
        port=$CITIZEN_HTTPS_PORT
        [[ $port =~ ^[0-9]+$ ]] && ((port > 0 && port < 65535)) || fail "CITIZEN_HTTPS_PORT=$port is no port" 2
        if [[ -z $ours ]]; then
            for taken in "$port" $((port + 1)); do
                ! listening "$taken" || fail "port $taken is taken (CITIZEN_HTTPS_PORT=$port); name another or stop its owner"
            done
        fi
    else
        # A home keeps its pair, as long as nobody took it while we were down.
        port=8443
        [[ ! -s $home/port ]] || port=$(<"$home/port")
        while [[ -z $ours ]] && { listening "$port" || listening $((port + 1)); }; do
            port=$((port + 2))
            ((port < 9443)) || fail "no free pair of ports between 8443 and 9443"
        done
    fi
    echo "$port" >"$home/port"
}

# --- the service -----------------------------------------------------------------------------------------------------

# The pid of our service, when that very process still runs.
service() {
    local pid started
    [[ -r $home/run/citizend.pid ]] || return 1
    read -r pid started <"$home/run/citizend.pid" || return 1
    [[ -r /proc/$pid/stat ]] && [[ $(birth "$pid") == "$started" ]] && [[ $(state "$pid") != Z ]] && echo "$pid"
}

fields() { local line; line=$(<"/proc/$1/stat") 2>/dev/null || return 1; echo "${line##*) }"; }
birth() { set -- $(fields "$1"); echo "${20}"; }
state() { set -- $(fields "$1"); echo "$1"; }

answers() { curl -fsS --max-time 2 --unix-socket "$home/run/private.sock" http://localhost/readyz >/dev/null 2>&1; }

start_service() {
    service >/dev/null && answers && return 0
    stop_service
    local group=()
    [[ $(id -u) -ne 0 ]] || group=(--group www-data)
    ( cd "$root" && exec setsid nohup "$bin/citizend" serve "${group[@]}" ) >>"$home/log/citizend.out" 2>>"$home/log/citizend.log" </dev/null &
    local pid=$!
    echo "$pid $(birth "$pid")" >"$home/run/citizend.pid"
    for _ in $(seq 200); do
        answers && return 0
        service >/dev/null || break
        sleep 0.05
    done
    tail -n 5 "$home/log/citizend.log" >&2
    fail "the service did not come up; see $home/log/citizend.log" 4
}

stop_service() {
    local pid
    pid=$(service) || { rm -f "$home/run/citizend.pid"; return 0; }
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 200); do
        service >/dev/null || break
        sleep 0.05
    done
    service >/dev/null && kill -KILL "$pid" 2>/dev/null
    rm -f "$home/run/citizend.pid"
}

# --- up --------------------------------------------------------------------------------------------------------------

prepare() {
    "$here/postgres.sh" start "$home/pg" | tail -n 1 >"$home/database.new"
    mv "$home/database.new" "$home/database"
    [[ $custody != pkcs11 ]] || "$here/token.sh" start "$home" >/dev/null
    "$bin/citizend" migrate >>"$home/log/setup.log"
    "$bin/citizend" key ceremony root >"$home/log/ceremony.new"
    grep -q KCV "$home/log/ceremony.new" && mv "$home/log/ceremony.new" "$home/log/ceremony-root.log"
    if [[ ! -s $home/keys/lot-master ]]; then
        (umask 077 && openssl rand -hex 16 >"$home/keys/lot-master")
    fi
    "$bin/citizend" key ceremony lot --from "$home/keys/lot-master" >>"$home/log/setup.log"
    "$bin/citizend" key export-anchors "$home/keys/anchors" >>"$home/log/setup.log"
    [[ -s $home/tls/srv.pem ]] || "$bin/citizend" certificate server --host localhost --out "$home/tls" >>"$home/log/setup.log"
    add_desk
    if [[ ! -s $home/staff.jsonl ]]; then
        (umask 077 && : >"$home/staff.new")
        for member in clerk1:clerk clerk2:clerk supervisor1:supervisor supervisor2:supervisor hotline1:hotline \
            operator1:operator officer1:key-officer officer2:key-officer officer3:key-officer sysadmin1:system-admin \
            secadmin1:security-admin auditor1:auditor; do
            "$bin/citizend" staff add --user "${member%%:*}" --role "${member#*:}" --hall $hall >>"$home/staff.new"
        done
        mv "$home/staff.new" "$home/staff.jsonl"
    fi
}

# The desk's folder names the ports, so that it follows when they change.
add_desk() {
    if [[ ! -s $home/desk/desk.json ]] || ! grep -q ":$port\"" "$home/desk/desk.json"; then
        "$bin/citizend" desk add --id $desk --hall $hall --service "https://localhost:$port" \
            --relay "https://localhost:$((port + 1))" --out "$home/desk" >>"$home/log/setup.log"
    fi
}

# Another stack may have taken the pair since it was chosen: the next free one is tried then.
front() {
    local said tries
    for tries in 1 2 3 4 5; do
        said=$("$here/nginx.sh" start "$home" "$port" $((port + 1)) 2>&1) && { echo "$said" >>"$home/log/setup.log"; return; }
        [[ $said == *taken* && -z ${CITIZEN_HTTPS_PORT:-} ]] || break
        choose_port
        add_desk
    done
    fail "$said" 4
}

readers() {
    local code=0
    "$here/pcscd.sh" start "$home/pcsc" "${CITIZEN_READERS:-4}" >>"$home/log/setup.log" 2>"$home/log/pcscd.err" || code=$?
    if ((code == 3)); then
        rm -f "$home/pcsc/pcscd.json"
        tail -n 1 "$home/log/pcscd.err" >"$home/pcsc.skipped"
        echo "card part skipped: $(<"$home/pcsc.skipped")" >&2
    elif ((code != 0)); then
        cat "$home/log/pcscd.err" >&2
        fail "the virtual readers did not start" 4
    else
        rm -f "$home/pcsc.skipped"
    fi
}

write_stack() {
    (umask 077 && python3 - "$home" "$port" "$custody" "$(service)" <<'PY' >"$home/stack.json.new"
import json, os, sys
home, port, custody, pid = sys.argv[1:]
port = int(port)
def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")] if os.path.exists(path) else []
pcsc = os.path.join(home, "pcsc", "pcscd.json")
pcscd = json.load(open(pcsc)) if os.path.exists(pcsc) else {"enter": [], "readers": []}
stack = {
    "issuer": f"https://localhost:{port}", "mtls": f"https://localhost:{port + 1}",
    "ca_file": f"{home}/tls/ca.pem", "console": f"https://localhost:{port}/console/",
    "api": f"https://localhost:{port}/api/v1", "openapi": f"https://localhost:{port}/api/openapi.json",
    "database": open(f"{home}/database").read().strip(), "service_pid": int(pid), "desk": f"{home}/desk",
    "pcscd": {"enter": pcscd["enter"], "readers": pcscd["readers"], "ports": pcscd.get("ports", [])},
    "staff": lines(f"{home}/staff.jsonl"), "log_vkey": open(f"{home}/keys/anchors/evidence.vkey").readline().strip(),
}
if custody == "pkcs11":
    stack["pkcs11"] = {"module": os.environ.get("CITIZEN_PKCS11_MODULE", "/usr/lib/softhsm/libsofthsm2.so"),
                       "token": "citizen-online", "conf": f"{home}/token/softhsm2.conf"}
print(json.dumps(stack, ensure_ascii=False, indent=1))
PY
    )
    mv "$home/stack.json.new" "$home/stack.json"
}

up() {
    [[ -x $bin/citizend ]] || fail "no programs in $bin: run make build" 4
    exec 9>"$home/run/stack.lock"
    flock -w 120 9 || fail "another up or down of $home is under way"
    choose_port
    prepare 9>&-
    readers 9>&-
    start_service 9>&-
    front 9>&-
    write_stack
    echo "console https://localhost:$port/console/   stack $home/stack.json"
}

down() {
    "$here/nginx.sh" stop "$home" >/dev/null 2>&1 || true
    stop_service
    [[ ! -d $home/pcsc ]] || "$here/pcscd.sh" stop "$home/pcsc" >/dev/null 2>&1 || true
    [[ ! -d $home/pg ]] || "$here/postgres.sh" stop "$home/pg" >/dev/null
    rm -f "$home/stack.json"
}

status() {
    local code=0
    report() { if "${@:2}" >/dev/null 2>&1; then echo "up    $1"; else echo "down  $1"; code=3; fi; }
    report "PostgreSQL" "$here/postgres.sh" status "$home/pg"
    report "service" answers
    report "front" "$here/nginx.sh" status "$home"
    if [[ -s $home/pcsc.skipped ]]; then
        echo "--    readers skipped: $(<"$home/pcsc.skipped")"
    else
        report "readers" "$here/pcscd.sh" status "$home/pcsc"
    fi
    return $code
}

case $command in
    up | down | status | service-start | service-stop) ;;
    *) fail "usage: stack.sh up|down|status|service-start|service-stop [HOME]" 2 ;;
esac
if [[ $command == down || $command == status ]]; then
    [[ -e $given ]] || { echo "nothing at $given"; [[ $command == down ]] && exit 0 || exit 3; }
fi
place_home
environment
case $command in
    up) up ;;
    down) down ;;
    status) status ;;
    service-start) start_service ;;
    service-stop) stop_service ;;
esac
