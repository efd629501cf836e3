#!/usr/bin/env bash
# A private SoftHSM token below one folder. For demonstrations and tests: its keys are files, it counts and records nothing.
#
#   token.sh start DIR    makes the token citizen-online if need be; last line: SOFTHSM2_CONF=…
#   token.sh status DIR   exit code 0 and that line when the token is there, 3 when not
#   token.sh stop DIR     nothing to stop: the token lives in the process that loads the module
#
# Made: DIR/token (0700) with softhsm2.conf and tokens/, DIR/keys/pin and DIR/keys/so-pin (0600). CITIZEN_PKCS11_MODULE
# names the module. No PIN is ever an argument or a variable of the environment, where the process list would show it:
# the few PKCS #11 calls are made by the Python below, which reads and writes the PIN files itself.
set -euo pipefail
umask 077

readonly LABEL=citizen-online

fail() {
    echo "token.sh: $*" >&2
    exit 1
}

usage() { fail "usage: token.sh start|status|stop DIR"; }

find_module() {
    local file
    for file in ${CITIZEN_PKCS11_MODULE:+"$CITIZEN_PKCS11_MODULE"} /usr/lib/softhsm/libsofthsm2.so \
        /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so; do
        [[ -f $file ]] && MODULE=$file && return
    done
    fail "no SoftHSM module found; install softhsm2 or set CITIZEN_PKCS11_MODULE"
}

# Without surprises in softhsm2.conf: it knows no quoting.
choose_folder() {
    [[ -n ${1:-} ]] || usage
    mkdir -p "$1"
    DIR=$(cd "$1" && pwd -P)
    [[ $DIR != *[[:space:]#]* ]] || fail "the folder $DIR has a blank or # in its name, which softhsm2.conf cannot hold"
    CONF=$DIR/token/softhsm2.conf
}

# calls PURPOSE: `find` exits 3 when there is no finished token; `make` finishes one, whatever was cut short before.
calls() {
    command -v python3 >/dev/null || fail "python3 is needed to make the token"
    SOFTHSM2_CONF=$CONF python3 - "$1" "$MODULE" "$LABEL" "$DIR/keys" <<'PYTHON'
import ctypes, os, secrets, sys

purpose, module, label, keys = sys.argv[1:]
Ulong = ctypes.c_ulong
lib = ctypes.CDLL(module)
LOGGED_SO, INITIALISED, PIN_SET = 0, 0x400, 0x008


def call(name, *arguments):
    code = getattr(lib, name)(*arguments)
    if code:
        sys.exit(f"token.sh: {name} answered 0x{code:X}")


def slots():
    count = Ulong()
    call("C_GetSlotList", ctypes.c_ubyte(1), None, ctypes.byref(count))
    found = (Ulong * count.value)()
    call("C_GetSlotList", ctypes.c_ubyte(1), found, ctypes.byref(count))
    for slot in found[: count.value]:
        about = ctypes.create_string_buffer(512)
        call("C_GetTokenInfo", Ulong(slot), about)
        yield slot, about.raw[:32].rstrip(b" ").decode(), int.from_bytes(about.raw[96:104], sys.byteorder)


def pin(name):
    """The PIN of a file; made of 24 random digits and letters when there is none yet."""
    path = os.path.join(keys, name)
    try:
        with open(path, "rb") as file:
            return file.read().strip()
    except FileNotFoundError:
        text = secrets.token_hex(12).encode()
        part = path + ".part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, path)
        return text


call("C_Initialize", None)
ours = [(slot, flags) for slot, name, flags in slots() if name == label and flags & INITIALISED]
if len(ours) > 1:
    sys.exit(f"token.sh: {len(ours)} tokens have the label {label}")
if purpose == "find":
    sys.exit(0 if ours and ours[0][1] & PIN_SET else 3)
if ours and not (os.path.exists(f"{keys}/pin") and (ours[0][1] & PIN_SET or os.path.exists(f"{keys}/so-pin"))):
    sys.exit(f"token.sh: the token {label} is there, but its PIN files in {keys} are not")
officer, user = pin("so-pin"), pin("pin")
if not ours:
    free = next(slot for slot, _, flags in slots() if not flags & INITIALISED)
    call("C_InitToken", Ulong(free), officer, Ulong(len(officer)), label.ljust(32).encode())
    ours = [(slot, flags) for slot, name, flags in slots() if name == label]
slot, flags = ours[0]
if not flags & PIN_SET:
    session = Ulong()
    call("C_OpenSession", Ulong(slot), Ulong(6), None, None, ctypes.byref(session))
    call("C_Login", session, Ulong(LOGGED_SO), officer, Ulong(len(officer)))
    call("C_InitPIN", session, user, Ulong(len(user)))
    call("C_CloseSession", session)
call("C_Finalize", None)
PYTHON
}

start() {
    choose_folder "${1:-}"
    find_module
    mkdir -p "$DIR/token/tokens" "$DIR/keys"
    chmod 700 "$DIR/token" "$DIR/token/tokens" "$DIR/keys"
    exec 9>"$DIR/token/lock"
    flock -w 30 9 || fail "another token.sh works in $DIR"
    cat >"$CONF.part" <<CONF
directories.tokendir = $DIR/token/tokens
objectstore.backend = file
log.level = ERROR
slots.removable = false
CONF
    mv "$CONF.part" "$CONF"
    calls make
    echo "SOFTHSM2_CONF=$CONF"
}

status() {
    [[ -n ${1:-} ]] || usage
    [[ -d $1 ]] || exit 3
    choose_folder "${1:-}"
    find_module
    [[ -s $CONF ]] && calls find || exit 3
    echo "SOFTHSM2_CONF=$CONF"
}

case ${1:-} in
start) start "${2:-}" ;;
status) status "${2:-}" ;;
stop) [[ -n ${2:-} ]] || usage ;;
*) usage ;;
esac
