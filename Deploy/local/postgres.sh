#!/usr/bin/env bash
# A private PostgreSQL cluster below one folder: Unix socket only, peer login, checksums.
#
#   postgres.sh start DIR    makes the cluster if need be and starts it; last line: the connection string
#   postgres.sh stop DIR     stops it (fast)
#   postgres.sh status DIR   exit code 0 and the connection string when it runs, 3 when not
#   postgres.sh database DIR NAME [TEMPLATE]   makes a further database; its connection string
#   postgres.sh watch DIR PID   waits for the end of process PID, then stops the cluster and removes DIR; only for a
#                            cluster made with CITIZEN_PG_THROWAWAY
#
# PG_BIN names the folder of initdb, pg_ctl and postgres. CITIZEN_PG_THROWAWAY=1 switches fsync off when the cluster is
# made: for unit tests alone, a power cut would destroy it.
set -euo pipefail
umask 077

readonly PORT=5432
readonly SOCKET_LIMIT=107

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

usage() { fail "usage: postgres.sh start|stop|status DIR | database DIR NAME [TEMPLATE] | watch DIR PID"; }

# --- who and where ---------------------------------------------------------------------------------------------------

find_binaries() {
    local folder
    if [[ -n ${PG_BIN:-} ]]; then
        BIN=$PG_BIN
    else
        BIN=$(pg_config --bindir 2>/dev/null || true)
        if [[ ! -x $BIN/initdb ]]; then
            BIN=
            for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
                [[ -x $folder/initdb ]] && BIN=$folder
            done
        fi
    fi
    [[ -n $BIN && -x $BIN/initdb && -x $BIN/pg_ctl ]] || fail "no PostgreSQL server found; install postgresql or set PG_BIN"
}

# Started by root, everything that the server touches runs as the user postgres: the server refuses user 0.
choose_user() {
    if [[ $(id -u) -eq 0 ]]; then
        id postgres >/dev/null 2>&1 || fail "root needs the system user postgres to run the server"
        OWNER=postgres
        DROP=(setpriv --reuid=postgres --regid=postgres --init-groups --reset-env)
    else
        OWNER=$(id -un)
        DROP=()
    fi
}

# The server outlives this script and must hold none of the caller's files: neither our lock nor the socket by which a
# parent process watches us.
as_owner() {
    (
        cd "$DIR"
        for file in /proc/self/fd/*; do
            file=${file##*/}
            ((file <= 2)) || eval "exec $file>&-" 2>/dev/null || true
        done
        exec ${DROP[@]+"${DROP[@]}"} "$@"
    )
}

# Every folder above must let the server's user through.
check_reach() {
    [[ ${#DROP[@]} -eq 0 ]] && return
    local folder=$DIR closed=
    while [[ $folder != / ]]; do
        folder=$(dirname "$folder")
        "${DROP[@]}" test -x "$folder" || closed=$folder
    done
    [[ -z $closed ]] ||
        fail "the user postgres cannot pass through the folder $closed (mode $(stat -c %a "$closed")); choose another place"
}

# The socket's path is limited to 107 octets; a deep folder gets a short one in the temporary folder instead.
choose_socket() {
    if [[ -s $DIR/socket ]]; then
        SOCKET=$(cat "$DIR/socket")
        [[ -d $SOCKET ]] && return
    fi
    local name="/.s.PGSQL.$PORT"
    SOCKET=$DIR/run
    if ((${#SOCKET} + ${#name} > SOCKET_LIMIT)); then
        SOCKET=${TMPDIR:-/tmp}/cz-$(printf %s "$DIR" | sha256sum | cut -c1-16)
        ((${#SOCKET} + ${#name} <= SOCKET_LIMIT)) || SOCKET=/tmp/${SOCKET##*/}
    fi
    [[ ! -L $SOCKET ]] || fail "the socket folder $SOCKET is a link"
    mkdir -p "$SOCKET"
    [[ $(stat -c %U "$SOCKET") == "$OWNER" || $(stat -c %U "$SOCKET") == "$(id -un)" ]] ||
        fail "the socket folder $SOCKET belongs to somebody else"
    chmod 700 "$SOCKET"
    [[ ${#DROP[@]} -eq 0 ]] || chown "$OWNER": "$SOCKET"
    printf '%s\n' "$SOCKET" >"$DIR/socket"
}

conninfo() { echo "host=$SOCKET user=citizen dbname=citizen"; }

ask() { PGCONNECT_TIMEOUT=2 PGOPTIONS= "$BIN/psql" -X -A -t -q -h "$SOCKET" -p $PORT -U citizen -d "$1" -c "$2"; }

# --- the postmaster --------------------------------------------------------------------------------------------------

# Line 1 of the pid file counts only when that process is no zombie, is postgres and works in our data folder.
postmaster_pid() {
    local pid exe cwd
    [[ -s $DIR/data/postmaster.pid ]] || return 1
    pid=$(head -n 1 "$DIR/data/postmaster.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ && -d /proc/$pid ]] || return 1
    ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null || return 1
    exe=$(readlink "/proc/$pid/exe" 2>/dev/null || true)
    cwd=$(readlink "/proc/$pid/cwd" 2>/dev/null || true)
    [[ ${exe%% *} == */postgres && $cwd == "$DIR/data" ]] || return 1
    echo "$pid"
}

# Whether any process still works in the data folder: a backend that outlives a killed postmaster does.
data_in_use() {
    local link
    for link in /proc/[0-9]*/cwd; do
        [[ $(readlink "$link" 2>/dev/null || true) == "$DIR/data" ]] && return 0
    done
    return 1
}

is_ready() { ask postgres 'SELECT 1' >/dev/null 2>&1; }

# --- making and starting ---------------------------------------------------------------------------------------------

make_cluster() {
    rm -rf "$DIR/data.tmp"
    as_owner "$BIN/initdb" -D "$DIR/data.tmp" -U citizen --auth-local=peer --auth-host=scram-sha-256 \
        -E UTF8 --locale=C.UTF-8 --data-checksums ${CITIZEN_PG_THROWAWAY:+--no-sync} >"$DIR/initdb.log" 2>&1 ||
        fail "initdb failed; see $DIR/initdb.log"
    {
        echo "local all citizen,cz_app,cz_append,cz_audit peer map=cz"
        echo "local replication citizen peer map=cz"
    } >"$DIR/data.tmp/pg_hba.conf"
    local person role
    for person in $(printf '%s\n' root postgres "$(id -un)" | sort -u); do
        for role in citizen cz_app cz_append cz_audit; do echo "cz $person $role"; done
    done >"$DIR/data.tmp/pg_ident.conf"
    cat >>"$DIR/data.tmp/postgresql.conf" <<'CONF'
listen_addresses = ''
unix_socket_permissions = 0700
shared_buffers = 128MB
max_connections = 50
wal_compression = lz4
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_statement = none
CONF
    if [[ -n ${CITIZEN_PG_THROWAWAY:-} ]]; then
        touch "$DIR/throwaway"
        printf '%s\n' 'fsync = off' 'full_page_writes = off' 'max_connections = 500' >>"$DIR/data.tmp/postgresql.conf"
    fi
    [[ ${#DROP[@]} -eq 0 ]] || chown -R "$OWNER": "$DIR/data.tmp"
    mv "$DIR/data.tmp" "$DIR/data"
}

launch() {
    as_owner "$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/pg.log" -w -t 30 \
        -o "-c unix_socket_directories='$SOCKET' -c port=$PORT" start >"$DIR/pg_ctl.log" 2>&1
}

# A killed postmaster may stay a zombie for a second or two, and its lock files with it.
launch_with_patience() {
    local end=$((SECONDS + 10))
    while true; do
        if ! postmaster_pid >/dev/null && ! data_in_use; then
            rm -f "$DIR/data/postmaster.pid" "$SOCKET/.s.PGSQL.$PORT" "$SOCKET/.s.PGSQL.$PORT.lock"
            launch && return
        elif postmaster_pid >/dev/null && is_ready; then
            return
        fi
        ((SECONDS < end)) || fail "the server does not start; see $DIR/pg.log"
        sleep 0.2
    done
}

# We never write into somebody else's server.
check_identity() {
    local identity
    identity=$(ask postgres 'SELECT system_identifier FROM pg_control_system()')
    if [[ -s $DIR/system_identifier ]]; then
        [[ $(cat "$DIR/system_identifier") == "$identity" ]] ||
            fail "the server behind $SOCKET is not the cluster of $DIR"
    else
        printf '%s\n' "$identity" >"$DIR/system_identifier"
    fi
}

make_database() {
    [[ $(ask postgres "SELECT count(*) FROM pg_database WHERE datname = 'citizen'") == 1 ]] ||
        ask postgres 'CREATE DATABASE citizen'
}

# --- commands --------------------------------------------------------------------------------------------------------

enter() {
    [[ -n ${1:-} ]] || usage
    mkdir -p "$1"
    DIR=$(cd "$1" && pwd -P)
    find_binaries
    choose_user
    if [[ ${#DROP[@]} -gt 0 ]]; then
        chown "$OWNER": "$DIR"
        check_reach
    fi
    chmod 700 "$DIR"
    exec 9>"$DIR/lock"
}

start() {
    enter "$1"
    flock 9
    choose_socket
    [[ -d $DIR/data ]] || make_cluster
    if ! postmaster_pid >/dev/null || ! is_ready; then launch_with_patience; fi
    check_identity
    make_database
    conninfo
}

stop() {
    [[ -d ${1:-} ]] || return 0
    enter "$1"
    flock 9
    postmaster_pid >/dev/null || return 0
    as_owner "$BIN/pg_ctl" -D "$DIR/data" -m "${2:-fast}" -w -t 30 stop >/dev/null || fail "the server does not stop"
}

status() {
    [[ -d ${1:-} ]] || exit 3
    enter "$1"
    [[ -s $DIR/socket ]] || exit 3
    SOCKET=$(cat "$DIR/socket")
    postmaster_pid >/dev/null && is_ready || exit 3
    conninfo
}

database() {
    enter "$1"
    local name=$2 template=${3:-template0}
    [[ $name =~ ^[a-z][a-z0-9_]{0,62}$ && $template =~ ^[a-z][a-z0-9_]{0,62}$ ]] || usage
    SOCKET=$(cat "$DIR/socket")
    ask postgres "CREATE DATABASE $name TEMPLATE $template"
    echo "host=$SOCKET user=citizen dbname=$name"
}

watch() {
    local pid=$2
    [[ -f $1/throwaway ]] || fail "$1 is not a throw-away cluster"
    local socket
    socket=$(cat "$1/socket")
    [[ $pid =~ ^[0-9]+$ ]] || usage
    while [[ -d /proc/$pid ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" 2>/dev/null; do sleep 0.5; done
    stop "$1" immediate
    [[ $socket == "$1"/* || ${socket##*/} != cz-* ]] || rm -rf "$socket"
    rm -rf "$1"
}

case ${1:-} in
start) start "${2:-}" ;;
stop) stop "${2:-}" ;;
status) status "${2:-}" ;;
database) database "${2:-}" "${3:-}" "${4:-}" ;;
watch) watch "${2:-}" "${3:-}" ;;
*) usage ;;
esac
