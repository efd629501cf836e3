# What the sessions use beside the product's own commands. CITIZEN_HOME, CITIZEN_BIN and CITIZEN_ROOT are set.
PATH=$CITIZEN_BIN:$CITIZEN_ROOT/Deploy/local:$PATH
export PATH LC_ALL=C.UTF-8 CITIZEN_DESK=$CITIZEN_HOME/desk CITIZEN_SHARE=$CITIZEN_ROOT SWIFT_BACKTRACE=enable=no
export CITIZEN_READERS=2
work=$CITIZEN_HOME.work
mkdir -p "$work"
cd "$work" || exit 1
enter=()

# make up, make down, make status, as in the checkout.
make() {
    stack.sh "$1" "$CITIZEN_HOME" || return
    [[ $1 != up ]] || readers_here
}

# Lets our programs and others reach the private readers, as stack.json tells.
readers_here() {
    [[ -s $CITIZEN_HOME/pcsc/pcscd.json ]] || return 0
    mapfile -t enter < <(python3 -c 'import json, sys
print("\n".join(w for w in json.load(open(sys.argv[1]))["enter"] if not w.startswith("--wd=")))' "$CITIZEN_HOME/pcsc/pcscd.json")
    local holder
    read -r holder _ <"$CITIZEN_HOME/pcsc/holder.pid"
    export PCSCLITE_CSOCK_NAME=/proc/$holder/root/run/pcscd/pcscd.comm
    [[ ! -s $CITIZEN_HOME/token/softhsm2.conf ]] || export SOFTHSM2_CONF=$CITIZEN_HOME/token/softhsm2.conf
}

# A third-party program where it sees the readers.
at_desk() { "${enter[@]}" "$@"; }

# Password and one-time password of a member of staff, as from their safe and telephone: USER [STEPS AHEAD].
credentials() {
    local said
    said=$(python3 - "$CITIZEN_HOME/staff.jsonl" "$1" "${2:-0}" <<'PY'
import base64, hashlib, hmac, json, struct, sys, time
member = next(m for m in map(json.loads, open(sys.argv[1])) if m["user"] == sys.argv[2])
secret = member["totp_secret"]
key = base64.b32decode(secret + "=" * (-len(secret) % 8))
tag = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + int(sys.argv[3])), hashlib.sha1).digest()
at = tag[19] & 15
print(member["password"], "%06d" % ((struct.unpack(">I", tag[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000))
PY
    ) || return
    read -r CITIZEN_PASSWORD CITIZEN_CODE <<<"$said"
    export CITIZEN_PASSWORD CITIZEN_CODE
}

# Puts a virtual card into a reader: NUMBER FILE [options of card-simulator].
insert_card() {
    local port=$((35963 + 2 * $1)) log=$work/card-$1.out pid
    local state=$2
    shift 2
    "${enter[@]}" "$CITIZEN_BIN/card-simulator" --port "$port" --state "$work/$state" \
        --lot-master-file "$CITIZEN_HOME/keys/lot-master" "$@" >"$log" 2>&1 &
    pid=$!
    disown "$pid"
    echo "$pid" >"$work/card-$(((port - 35963) / 2)).pid"
    wait_until grep -q inserted "$log" && wait_until card_in "$(((port - 35963) / 2))"
}

# Whether a card lies in a reader: NUMBER.
card_in() { citizen-desk readers --json | grep -q "\"Desk $1 00 00\",\"card\":true"; }

# Takes the card out of a reader: NUMBER.
remove_card() {
    local pid
    [[ -s $work/card-$1.pid ]] || return 0
    pid=$(<"$work/card-$1.pid")
    rm -f "$work/card-$1.pid"
    kill "$pid" 2>/dev/null
    wait_until eval "! kill -0 $pid 2>/dev/null"
    wait_until eval "! card_in $1"
}

# Waits until a command succeeds, thirty seconds at most.
wait_until() {
    local _
    for _ in {1..600}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "not within thirty seconds: $*"
    return 1
}

# A question to the database of the home.
sql() { psql -X -tA -d "$(<"$CITIZEN_HOME/database")" -c "$1"; }

# kill -9 of one of our processes, by the file that holds its pid.
kill_hard() { local pid; read -r pid _ <"$CITIZEN_HOME/$1" && kill -KILL "$pid"; }

# The reference of the newest card.
newest_card() { sql "SELECT encode(reference, 'hex') FROM card ORDER BY card_id DESC LIMIT 1"; }

leave() {
    remove_card 0
    remove_card 1
    stack.sh down "$CITIZEN_HOME"
}
