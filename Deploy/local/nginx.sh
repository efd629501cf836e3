#!/bin/sh
# The private front: nginx in DIR/nginx, unprivileged, on loopback.
#
#   nginx.sh start DIR PORT MTLS_PORT    render, test, start (or reload, when it runs already)
#   nginx.sh reload DIR                  render with the same ports, test, reload
#   nginx.sh status DIR                  exit 0 when it runs, 3 when not
#   nginx.sh stop DIR                    drain, then end; nothing to stop is no fault
#
# DIR/tls holds srv.pem, srv.key, ca.pem; the service's sockets are in DIR/run, mode 0660. As root, nginx runs as
# www-data, which owns DIR/nginx, reads the key by group, and is the group of DIR/run. CITIZEN_HOST names the host
# (localhost unless set).
set -eu
umask 077

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
templates=$here/../nginx
host=${CITIZEN_HOST:-localhost}
user=www-data

die() { echo "nginx.sh: $*" >&2; exit "${code:-1}"; }
usage() { code=2 die "usage: nginx.sh start DIR PORT MTLS_PORT | reload DIR | status DIR | stop DIR"; }

# Runs a command as the front's user, from the front's folder; the folder also marks its processes.
front() { (cd "$dir/nginx" && exec $as "$@"); }

# Processes of this front: the program nginx with our folder as its working directory. Workers that outlived a killed
# master are found too; a pid that was given to another program is not.
processes() {
    [ -d "$dir/nginx" ] || return 0
    front sh -c '
        for process in $(find /proc/[0-9]*/cwd -maxdepth 0 -printf "%h %l\\n" 2>/dev/null |
            awk -v folder="$1" '"'"'substr($0, index($0, " ") + 1) == folder { print $1 }'"'"'); do
            case $(readlink "$process/exe" 2>/dev/null) in */nginx | */nginx\ \(deleted\)) echo "${process#/proc/}" ;; esac
        done' sh "$dir/nginx" || true
}

# The master, when the pid file names a process of ours.
master() {
    pid=$(cat "$dir/nginx/nginx.pid" 2>/dev/null || true)
    [ -n "$pid" ] && processes | grep -qx "$pid" && echo "$pid"
}

has_listener() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$(printf '%04X' "$1")" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }'
}

is_port() { case $1 in '' | *[!0-9]*) return 1 ;; esac; [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; }

quoted() { printf '%s' "$1" | sed 's/[\\&|]/\\&/g'; }

folders() {
    mkdir -p "$dir/nginx/tmp" "$dir/run"
    for file in srv.pem srv.key ca.pem; do [ -s "$dir/tls/$file" ] || die "$dir/tls/$file is missing"; done
    [ "$(id -u)" = 0 ] || return 0
    getent passwd $user >/dev/null || die "the user $user is missing (package nginx-light brings it)"
    chown -R $user:$user "$dir/nginx"
    chgrp $user "$dir/run" "$dir/tls" "$dir/tls/srv.key" "$dir/tls/srv.pem" "$dir/tls/ca.pem"
    chmod 0750 "$dir/run" "$dir/tls"
    chmod 0640 "$dir/tls/srv.key" "$dir/tls/srv.pem" "$dir/tls/ca.pem"
    chmod a+x "$dir"
}

# As root: www-data without any privilege. Where a folder above DIR is closed to it (a home of mode 0700), one privilege
# is left: to pass closed folders for reading.
choose_user() {
    as=
    [ "$(id -u)" = 0 ] || return 0
    as="setpriv --reuid $user --regid $user --clear-groups --no-new-privs"
    # By entering, not by test -x: that asks without the privilege.
    if ! $as ls "$dir/nginx/." >/dev/null 2>&1; then
        as="$as --inh-caps +dac_read_search --ambient-caps +dac_read_search"
        $as ls "$dir/nginx/." >/dev/null 2>&1 || die "$user cannot enter $dir: open the folders above it (chmod a+x)"
    fi
}

render() {
    for file in front.inc public.inc desk.inc; do cat "$templates/$file" >"$dir/nginx/$file"; done
    sed -e "s|@DATA@|$(quoted "$dir")|g" -e "s|@HOST@|$(quoted "$host")|g" \
        -e "s|@PORT@|$1|g" -e "s|@MTLS_PORT@|$2|g" "$templates/nginx.conf.template" >"$dir/nginx/nginx.conf"
    [ "$(id -u)" != 0 ] || chown -R $user:$user "$dir/nginx"
    said=$(front nginx -t -q -p "$dir/nginx/" -c nginx.conf -e error.log 2>&1) || die "the rendered file is refused: $said"
}

# Ends what is left of this front: politely, then not.
finish() {
    for signal in QUIT TERM KILL; do
        left=$(processes)
        [ -n "$left" ] || break
        # Workers heed their master; with a dead master each is told.
        if [ $signal = QUIT ] && pid=$(master); then kill -QUIT "$pid" || true; else kill -$signal $left 2>/dev/null || true; fi
        wait_until_gone 50 && break
    done
    [ -z "$(processes)" ] || die "processes of $dir/nginx do not end: $(processes | tr '\n' ' ')"
    rm -f "$dir/nginx/nginx.pid"
}

wait_until_gone() {
    tries=$1
    while [ "$tries" -gt 0 ]; do
        [ -n "$(processes)" ] || return 0
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

start() {
    is_port "$1" && is_port "$2" || code=2 die "not a pair of ports: $1 $2"
    [ "$1" != "$2" ] || code=2 die "the two ports must differ: $1"
    command -v nginx >/dev/null || die "nginx is missing (package nginx-light)"
    [ "$(printf '%s/run/private.sock' "$dir" | wc -c)" -le 107 ] || die "the path $dir is too long for a Unix socket"
    running=$(master || true)
    # Workers of a master that was killed still hold the ports.
    [ -n "$running" ] || finish
    ports=$(cat "$dir/nginx/ports" 2>/dev/null || true)
    for port in "$1" "$2"; do
        case " ${running:+$ports} " in *" $port "*) continue ;; esac
        ! has_listener "$port" || die "port $port is taken by another program"
    done
    render "$1" "$2"
    if [ -n "$running" ]; then
        kill -HUP "$running"
    else
        said=$(front nginx -p "$dir/nginx/" -c nginx.conf -e error.log 2>&1 </dev/null) || die "nginx does not start: $said"
        tries=50
        until master >/dev/null; do
            tries=$((tries - 1))
            [ $tries -gt 0 ] || die "nginx did not come up: see $dir/nginx/error.log"
            sleep 0.1
        done
    fi
    echo "$1 $2" >"$dir/nginx/ports"
    echo "nginx runs: https://$host:$1 and, with a client certificate, https://$host:$2"
}

[ $# -ge 2 ] || usage
command=$1
[ "$command" != start ] || mkdir -p "$2"
[ -d "$2" ] || { [ "$command" = stop ] && exit 0; } || { echo "no folder $2" >&2; exit 3; }
dir=$(CDPATH= cd -- "$2" && pwd -P)
case $command in
start)
    [ $# = 4 ] || usage
    folders
    choose_user
    start "$3" "$4"
    ;;
reload)
    [ $# = 2 ] || usage
    choose_user
    master >/dev/null || die "nginx does not run in $dir"
    folders
    set -- $(cat "$dir/nginx/ports")
    start "$1" "$2"
    ;;
status)
    [ $# = 2 ] || usage
    choose_user
    if pid=$(master); then echo "nginx runs: pid $pid, ports $(cat "$dir/nginx/ports" 2>/dev/null)"; else echo "nginx does not run in $dir"; exit 3; fi
    ;;
stop)
    [ $# = 2 ] || usage
    choose_user
    finish
    echo "nginx does not run in $dir"
    ;;
*) usage ;;
esac
