"""Searches a stack for secrets that must not be there: canaries.py HOME WORK EXTRA...  Standard library only.

Every secret is looked for raw, in hex of both cases, in base64 at three alignments, in base64url and in UTF-16. The places:
every file below the home (logs, database files, WAL, front), what the commands said, a dump of the database, environment
and command line of every process of the stack. Allowed, and named here: keys/ and token/ (sealed or 0600), staff.jsonl,
stack.json, the desk's session. A planted copy must be found, or the search proves nothing.
"""

import base64, json, os, subprocess, sys

home, work = sys.argv[1], sys.argv[2]
allowed = [f"{home}/{name}" for name in ("keys/", "token/", "staff.jsonl", "stack.json", "desk/session")]
said = f"{work}/said"  # what every command of the session printed


def read(path):
    with open(path, "rb") as file:
        return file.read()


def session(user):
    return read(f"{home}/desk/session").strip()


staff = {}
for line in open(f"{home}/staff.jsonl", encoding="utf-8"):
    member = json.loads(line)
    staff[member["user"]] = member
secret = staff["clerk1"]["totp_secret"]
token = read(f"{home}/desk/session").strip()
lot = bytes.fromhex(read(f"{home}/keys/lot-master").decode().strip())
secrets = {
    "lot master": lot,
    "token PIN": read(f"{home}/keys/pin").strip(),
    "staff password": staff["clerk1"]["password"].encode(),
    "TOTP secret": secret.encode(),
    "TOTP secret, raw": base64.b32decode(secret + "=" * (-len(secret) % 8)),
    "session token": token,
    "session token, raw": base64.urlsafe_b64decode(token + b"=" * (-len(token) % 4)),
    "holder's PIN": os.environ["CANARY_PIN"].encode(),
    "ID number": os.environ["CANARY_NUMBER"].encode(),
    "name": os.environ["CANARY_NAME"].encode(),
    "phone": os.environ["CANARY_PHONE"].encode(),
    "address": os.environ["CANARY_ADDRESS"].encode(),
}
if os.path.exists(f"{work}/photo.jpg"):
    secrets["photo"] = read(f"{work}/photo.jpg")[40:72]


def forms(value):
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for shift in range(3):
        # The part of the text that does not depend on what stands before and after it.
        text = base64.b64encode(b"\0" * shift + value + b"\0" * 3)
        first, last = (shift * 8 + 5) // 6, (shift + len(value)) * 8 // 6
        core = text[first:last]
        if len(core) >= 8:
            yield core
            yield core.replace(b"+", b"-").replace(b"/", b"_")
    try:
        text = value.decode()
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")
        if not text.isascii():
            yield text.encode("gb18030")
            yield json.dumps(text)[1:-1].encode()
    except UnicodeDecodeError:
        pass


patterns = [(name, form) for name, value in secrets.items() for form in dict.fromkeys(forms(value))]


def hits(octets):
    return sorted({name for name, form in patterns if form in octets})


def places():
    for folder, _, files in os.walk(home):
        for file in files:
            path = os.path.join(folder, file)
            if any(path.startswith(prefix) for prefix in allowed) or not os.path.isfile(path):
                continue
            try:
                yield path, read(path)
            except OSError:
                continue
    yield "what the commands said", read(said)
    database = open(f"{home}/database").read().strip()
    yield "dump", subprocess.run(["pg_dump", "-d", database], capture_output=True, check=True).stdout
    bodies = subprocess.run(["psql", "-X", "-tA", "-d", database, "-c", "SELECT body FROM evidence_pending UNION ALL SELECT body FROM evidence_entry"],
                            capture_output=True, check=True).stdout
    assert bodies.count(b"\n") > 8, "the evidence is there to be searched"
    yield "evidence", bodies
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            line, environ = read(f"/proc/{number}/cmdline"), read(f"/proc/{number}/environ")
        except OSError:
            continue
        # What the session itself started beside the stack (virtual cards, this search) is no part of the product.
        if home.encode() in line + environ and b"session.bash" not in line and f"{work}".encode() not in line \
                and int(number) != os.getpid() and b".script" not in line:
            processes.append(line.split(b"\0")[0].decode(errors="replace"))
            yield f"process {number} {line[:60]!r}", line + b"\0" + environ


processes = []
found, count = [], 0
for place, octets in places():
    count += 1
    for name in hits(octets):
        found.append(f"{name} in {place}")
assert any("citizend" in name for name in processes) and any("postgres" in name for name in processes), processes
assert count > 500, count
# The control: each form of each secret, between other octets, is found.
for name, form in patterns:
    assert name in hits(b"\x01\x02" + form + b"\x03"), f"the control for {name} was not found"
with open(f"{home}/log/planted", "wb") as file:
    file.write(b"a line with " + base64.b64encode(b"xy" + lot + b"z"))
assert hits(read(f"{home}/log/planted")) == ["lot master"], "the planted secret was not found"
os.remove(f"{home}/log/planted")
for line in found:
    print("FOUND", line)
print(f"{len(secrets)} secrets, {len(patterns)} forms, {len(found)} hits; the planted ones were found")
sys.exit(1 if found else 0)
