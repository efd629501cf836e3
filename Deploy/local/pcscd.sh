#!/bin/bash
# A private pcscd with virtual readers, in a network and mount namespace of its own.
#
#   pcscd.sh start DIR READERS     1..16 readers "Desk 0 00 00", "Desk 1 00 00", ...; idempotent
#   pcscd.sh stop DIR              stops what start began; idempotent
#   pcscd.sh status DIR            exit code 0 running, 1 not running
#
# DIR/pcscd.json tells how to run a program inside: {"enter":[...],"pid":...,"ports":[...],"readers":[...]}.
# vpcd binds its ports on all interfaces; inside the namespace there is only loopback, so no port opens on the host.
# Exit codes: 0 done, 1 refused, 2 wrong usage, 3 namespaces not allowed here, 4 a part is missing or does not start.
set -euo pipefail

base_port=35963

fail() { # CODE TEXT
    echo "pcscd.sh: $2" >&2
    exit "$1"
}

# The start time of a process (field 22 of its stat line): a pid alone may have been given to another one since.
# No file, no process: prints nothing.
birth() { # PID
    local line fields
    read -r line 2>/dev/null <"/proc/$1/stat" || return 0
    read -ra fields <<<"${line##*) }"
    # A zombie has ended: only its parent has not looked yet.
    [[ ${fields[0]} == [ZX] ]] || echo "${fields[19]}"
}

# The pid in a file written by `remember`, when that very process still runs; nothing otherwise.
remembered() { # FILE
    local pid born
    [[ -r $1 ]] || return 0
    read -r pid born <"$1" || return 0
    [[ $pid =~ ^[0-9]+$ && -n $born && $(birth "$pid") == "$born" ]] && echo "$pid"
    return 0
}

remember() { # FILE PID
    echo "$2 $(birth "$2")" >"$1"
}

end() { # FILE
    local pid
    pid=$(remembered "$1")
    if [[ -n $pid ]]; then
        # A caller that blocks signals hands the block down: what does not end at a word is ended by force. Nothing is
        # lost, all that pcscd keeps lies in the namespace.
        kill "$pid" 2>/dev/null || true
        for _ in {1..6}; do
            [[ -z $(remembered "$1") ]] && break
            sleep 0.05
        done
        pid=$(remembered "$1")
        if [[ -n $pid ]]; then kill -KILL "$pid" 2>/dev/null || true; fi
        for _ in {1..100}; do
            [[ -z $(remembered "$1") ]] && break
            sleep 0.02
        done
    fi
    rm -f "$1"
}

driver() {
    local found
    for found in /usr/lib/pcsc/drivers/serial/libifdvpcd.so.* /usr/lib/pcsc/drivers/*/libifdvpcd.so.* \
        /usr/lib/*/pcsc/drivers/*/libifdvpcd.so.* /usr/lib64/pcsc/drivers/*/libifdvpcd.so.* \
        /usr/lib/pcsc/drivers/serial/libifdvpcd.so /usr/local/lib/pcsc/drivers/*/libifdvpcd.so*; do
        if [[ -f $found ]]; then
            echo "$found"
            return 0
        fi
    done
    return 1
}

# For what outlives this script: a descriptor left open would keep the caller waiting for our end.
close_inherited() {
    local fd
    for fd in /proc/self/fd/*; do
        fd=${fd##*/}
        if ((fd > 2 && fd != 255)); then eval "exec $fd>&-"; fi
    done
}

# The words of `unshare` for this user: root needs no user namespace.
namespace_words() {
    if [[ $(id -u) == 0 ]]; then echo "-n -m"; else echo "-r -n -m"; fi
}

enter_words() { # HOLDER
    local words=(nsenter -t "$1")
    [[ $(id -u) == 0 ]] || words+=(-U --preserve-credentials)
    # The root of the namespace's own first process: inside a chroot the namespace's root is another one.
    words+=(-n -m --root="/proc/$1/root")
    printf '%s\n' "${words[@]}"
}

write_configuration() { # DIR READERS DRIVER
    local i port
    rm -rf "$1/readers" "$1/drivers"
    mkdir -p "$1/readers" "$1/drivers"
    for ((i = 0; i < $2; i++)); do
        port=$((base_port + 2 * i))
        # The driver's globals are indexed by slot alone: each entry needs a copy of its own.
        cp "$3" "$1/drivers/libifdvpcd_$i.so"
        {
            echo "FRIENDLYNAME \"Desk $i\""
            printf 'DEVICENAME   /dev/null:0x%X\n' "$port"
            echo "LIBPATH      $1/drivers/libifdvpcd_$i.so"
            printf 'CHANNELID    0x%X\n' "$port"
        } >"$1/readers/desk_$i.conf"
    done
}

write_description() { # DIR READERS HOLDER PCSCD
    local i enter="" ports="" readers="" word
    while read -r word; do enter+="\"$word\","; done < <(enter_words "$3")
    for ((i = 0; i < $2; i++)); do
        ports+="$((base_port + 2 * i)),"
        readers+="\"Desk $i 00 00\","
    done
    # nsenter -m moves to /: a program inside starts in DIR.
    printf '{"enter":[%s"--wd=%s"],"pid":%s,"ports":[%s],"readers":[%s]}\n' \
        "$enter" "$1" "$4" "${ports%,}" "${readers%,}" >"$1/pcscd.json.new"
    mv "$1/pcscd.json.new" "$1/pcscd.json"
}

start() { # DIR READERS
    [[ $2 =~ ^[0-9]+$ ]] && (($2 >= 1 && $2 <= 16)) || fail 2 "READERS is 1 to 16"
    local dir library holder pcscd reason words tool
    mkdir -p "$1"
    dir=$(cd "$1" && pwd -P)
    [[ $dir != *[\"\\]* ]] || fail 2 "DIR must not hold quotes or backslashes"
    exec 9>"$dir/lock"
    flock 9
    for tool in pcscd unshare nsenter ip mount; do
        command -v "$tool" >/dev/null || fail 4 "$tool is not installed"
    done
    library=$(driver) || fail 4 "libifdvpcd is not installed (package vsmartcard-vpcd)"
    if [[ -n $(remembered "$dir/pcscd.pid") && -n $(remembered "$dir/holder.pid") ]]; then
        [[ $(cat "$dir/count" 2>/dev/null) == "$2" ]] && return 0
    fi
    halt "$dir"

    read -ra words <<<"$(namespace_words)"
    if ! reason=$(unshare "${words[@]}" true 2>&1); then fail 3 "no private namespaces here: ${reason//$'\n'/ }"; fi
    rm -f "$dir/ready"
    # shellcheck disable=SC2016
    (
        close_inherited
        exec setsid unshare "${words[@]}" bash -c '
        set -e
        mount --make-rprivate / 2>/dev/null || true
        ip link set lo up
        if [[ ! -d /run/pcscd ]]; then
            mkdir -p /run/pcscd 2>/dev/null || { mount -t tmpfs none /run && mkdir -p /run/pcscd; }
        fi
        mount -t tmpfs none /run/pcscd
        : >"$0/ready"
        exec sleep infinity' "$dir"
    ) </dev/null >/dev/null 2>"$dir/holder.log" &
    holder=$!
    remember "$dir/holder.pid" "$holder"
    for _ in {1..100}; do
        [[ -e $dir/ready ]] && break
        [[ -n $(remembered "$dir/holder.pid") ]] || break
        sleep 0.05
    done
    if [[ ! -e $dir/ready ]]; then
        reason=$(tail -n 1 "$dir/holder.log" 2>/dev/null || true)
        halt "$dir"
        fail 3 "the namespace could not be furnished: $reason"
    fi

    write_configuration "$dir" "$2" "$library"
    readarray -t words < <(enter_words "$holder")
    # nsenter without -p execs the program: the pid is pcscd's own. Never -a: it logs the bodies of commands.
    (
        close_inherited
        exec setsid "${words[@]}" --wd="$dir" pcscd -f -c "$dir/readers"
    ) </dev/null >"$dir/pcscd.log" 2>&1 &
    pcscd=$!
    remember "$dir/pcscd.pid" "$pcscd"
    for _ in {1..100}; do
        "${words[@]}" test -S /run/pcscd/pcscd.comm 2>/dev/null && break
        [[ -n $(remembered "$dir/pcscd.pid") ]] || break
        sleep 0.05
    done
    if [[ -z $(remembered "$dir/pcscd.pid") ]] ||
        ! "${words[@]}" test -S /run/pcscd/pcscd.comm 2>/dev/null || ! listening "$2" "${words[@]}"; then
        reason=$(tail -n 1 "$dir/pcscd.log" 2>/dev/null || true)
        halt "$dir"
        fail 4 "pcscd did not start: $reason"
    fi
    echo "$2" >"$dir/count"
    write_description "$dir" "$2" "$holder" "$pcscd"
}

# Waits until the last reader's port listens.
listening() { # READERS ENTER...
    local port count=$1
    shift
    printf -v port ':%04X 00000000:0000 0A' $((base_port + 2 * (count - 1)))
    for _ in {1..100}; do
        "$@" cat /proc/self/net/tcp 2>/dev/null | grep -q "$port" && return 0
        sleep 0.05
    done
    return 1
}

halt() { # DIR
    end "$1/pcscd.pid"
    end "$1/holder.pid"
    rm -f "$1/pcscd.json" "$1/count" "$1/ready"
}

status() { # DIR
    local pcscd holder
    pcscd=$(remembered "$1/pcscd.pid")
    holder=$(remembered "$1/holder.pid")
    if [[ -n $pcscd && -n $holder && -r $1/pcscd.json ]]; then
        cat "$1/pcscd.json"
        return 0
    fi
    echo "pcscd.sh: not running" >&2
    return 1
}

case "${1-} $#" in
"start 3") start "$2" "$3" ;;
"stop 2")
    [[ -d $2 ]] || exit 0
    exec 9>"$2/lock"
    flock 9
    halt "$(cd "$2" && pwd -P)"
    ;;
"status 2") status "$2" ;;
*) fail 2 "usage: pcscd.sh start DIR READERS | stop DIR | status DIR" ;;
esac
