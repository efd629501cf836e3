"""The story of the product, step by step, on real parts. Called by demo.sh with the home; standard library only."""

import csv, json, os, re, signal, subprocess, sys, time

sys.dont_write_bytecode = True
from demo_purse import purse
from driver import BIN, HERE, ROOT, Failure, Stack, VirtualCard, expect, program, run, wait_for

HOME = sys.argv[1]
# The population and what is read of it are for this account alone.
os.umask(0o077)
counts = {"passed": 0, "failed": 0, "not built": 0, "skipped": 0}


def step(number, words, tell):
    begun = time.monotonic()
    try:
        said = tell()
    except Failure as failure:
        counts["failed"] += 1
        print(f"FAIL  {number}  {words}\n      {failure}", flush=True)
        finish()
    except Exception as fault:  # a part that broke is a failure too, with its name
        counts["failed"] += 1
        print(f"FAIL  {number}  {words}\n      {type(fault).__name__}: {fault}", flush=True)
        finish()
    else:
        counts["passed"] += 1
        print(f"ok  {number}  {words}{': ' + said if said else ''}  ({time.monotonic() - begun:.1f} s)", flush=True)


def not_built(number, words):
    counts["not built"] += 1
    print(f"--  {number}  not built: {words}", flush=True)


def skipped(number, words, reason):
    counts["skipped"] += 1
    print(f"--  {number}  skipped: {reason} ({words})", flush=True)


def finish():
    print(f"demo: {counts['passed']} steps passed, {counts['failed']} failed, "
          f"{counts['not built']} not built, {counts['skipped']} skipped", flush=True)
    print(f"home {HOME}   artefacts {HOME}/artefacts", flush=True)
    sys.exit(1 if counts["failed"] else 0)


# --- the steps -------------------------------------------------------------------------------------------------------

def ceremony():
    run(f"{HERE}/stack.sh", "up", HOME, timeout=300)
    open(f"{HOME}/demo-home", "a").close()
    stack = Stack(HOME)
    listed = json.loads(program("citizend", "key", "list", "--json", env=stack.env).stdout)["keys"]
    shown = dict(re.findall(r"^  (\S+)\s.*KCV (\S+)$", open(f"{HOME}/log/ceremony-root.log").read(), re.M))
    expect(len(shown) >= 20, "every key of the ceremony shown", len(shown))
    for key in listed:
        if key["key"] in shown and key["kcv"]:
            expect(shown[key["key"]] == key["kcv"], f"check value of {key['key']} as in the ceremony", key["kcv"])
    where = sorted({key["custody"] for key in listed})
    os.makedirs(stack.artefacts, exist_ok=True)
    for name in ("ca.root.p256.pem", "ca.issuing.card.pem"):
        with open(f"{HOME}/keys/anchors/{name}") as source, open(f"{stack.artefacts}/{name}", "w") as copy:
            copy.write(source.read())
    root = next(key["kcv"] for key in listed if key["key"] == "root.kek#1")
    return f"{len(listed)} keys in {' and '.join(where)}, root.kek KCV {root}"


def population():
    stack = Stack(HOME)
    source, report = f"{stack.home}/residents.csv", f"{stack.home}/residents.refused.csv"
    program("citizend", "generate", "residents", "--seed", "2026", "--count", "1000", "--bad", "12", "--out", source,
            env=stack.env)
    done = program("citizend", "import", "residents", source, "--report", report, "--json", env=stack.env, check=False)
    answer = json.loads(done.stdout)
    refused = len(open(report, encoding="utf-8").read().strip().splitlines()) - 1
    expect(refused == answer["refused"] and refused > 0, "every refused line in the report", refused)
    held = int(stack.sql("SELECT count(*) FROM resident"))
    expect(held == answer["accepted"] and held >= 1000, "every good line a resident", held)
    return f"{held} residents, {refused} bad lines reported with line and reason, nothing lost"


def issue():
    stack = Stack(HOME)
    stack.sign_in("clerk1")
    name, birth = namesake(stack)
    several = stack.desk("issue", "--name", name, "--reason", "制卡申请", "--reader", READER, check=False)
    expect(several.returncode == 1 and "birth" in several.stderr, "two namesakes told apart before a card is ordered",
           several.stderr.strip())
    # The card is torn out after its 30th command was carried out, and every answer takes 15 ms, so that there is a middle.
    card = VirtualCard(stack, "demo-card", PORT, fault="cut-after:30,slow:15")
    try:
        work = subprocess.Popen([os.path.join(BIN, "citizen-desk"), "issue", "--name", name, "--birth", birth, "--reason",
                                 "制卡申请", "--reader", READER, "--json"], env={**os.environ, **stack.env}, cwd=ROOT,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: stack.sql("SELECT count(*) FROM perso_job WHERE state = 'UNKNOWN' OR resumes = 1") == "1",
                 "the torn card leaves the job unknown")
        wait_for(lambda: stack.sql("SELECT count(*) FROM perso_job WHERE state = 'RUNNING' AND resumes = 1 AND batch > 8")
                 == "1", "the job goes on with the same card")
        os.kill(int(open(f"{HOME}/run/citizend.pid").read().split()[0]), signal.SIGKILL)
        killed = time.monotonic()
        run(f"{HERE}/stack.sh", "service-start", HOME)
        back = time.monotonic() - killed
        said, complaint = work.communicate(timeout=120)
        expect(work.returncode == 0, "the card is finished", complaint.strip().splitlines()[-1:] or said)
        answer = json.loads(said)
        expect(answer["resumes"] == 2, "one resume after the tear, one after the kill", answer["resumes"])
        chips = stack.sql("SELECT count(*), count(DISTINCT csn) FROM card")
        expect(chips == "1|1", "one card with one chip", chips)
        draw(stack, answer["card"])
        stack.desk("activate", "--card", answer["card"], "--reader", READER, env={"CITIZEN_NEW_PIN": PIN})
        live = stack.sql("SELECT count(*) FROM card WHERE state = 5")
        expect(live == "1", "one active card", live)
        STATE["card"], STATE["reference"] = card, answer["card"]
    except BaseException:
        card.end()
        raise
    return (f"card torn out once and service killed once (back in {back:.1f} s), both resumed; "
            "read back, drawn, activated with a PIN")


def namesake(stack):
    """A name that two residents bear, and the birth date of the one who asks for a card."""
    found = stack.sql("SELECT encode(bi, 'hex') FROM name_index WHERE kind = 40 GROUP BY bi HAVING count(*) = 2 LIMIT 50")
    expect(found, "namesakes in the population")
    by_name = {}
    for row in csv.DictReader(open(f"{stack.home}/residents.csv", encoding="utf-8-sig")):
        by_name.setdefault(row.get("name"), []).append(row)
    for name, rows in by_name.items():
        births = {row.get("birth_date") or (row.get("document_number") or "")[6:14] for row in rows}
        good = all(row.get("document_type") == "01" and re.fullmatch(r"[\d]{17}[\dX]", row.get("document_number") or "")
                   for row in rows)
        if name and len(rows) == 2 and len(births) == 2 and good:
            answer = json.loads(stack.desk("find", "--name", name, "--reason", "核对同名", "--json").stdout)["residents"]
            if len(answer) == 2:
                return name, answer[0]["birth"].replace("-", "")
    raise Failure("expected: two namesakes with different birth dates")


def draw(stack, card):
    for ending in ("png", "pdf"):
        stack.desk("artwork", "--card", card, "--out", f"{stack.artefacts}/card-face.{ending}")
    expect(open(f"{stack.artefacts}/card-face.png", "rb").read(8) == b"\x89PNG\r\n\x1a\n", "a PNG of the card")
    expect(open(f"{stack.artefacts}/card-face.pdf", "rb").read(5) == b"%PDF-", "a PDF of the card")


def third_party():
    stack = Stack(HOME)
    listed = stack.tool("opensc-tool", "-l").stdout
    expect(READER in listed, "opensc-tool lists the reader", listed)
    dump = stack.tool("pkcs15-tool", "--reader", READER, "-D").stdout
    expect(dump.count("X.509 Certificate") >= 4, "pkcs15-tool shows four certificates", dump.count("X.509 Certificate"))
    certificate = stack.tool("pkcs15-tool", "--reader", READER, "--read-certificate", "01").stdout
    pem = f"{stack.artefacts}/card.pem"
    open(pem, "w").write(certificate)
    chain = ["openssl", "verify", "-CAfile", f"{stack.artefacts}/ca.root.p256.pem", "-untrusted",
             f"{stack.artefacts}/ca.issuing.card.pem", pem]
    run(*chain)
    wrong = stack.tool("pkcs11-tool", "--slot-index", "0", "-l", "--pin", "000000", "-O", check=False)
    expect(wrong.returncode != 0, "a wrong PIN refused")
    sums = sign_list(stack)
    text, public = f"{stack.artefacts}/SHA256SUMS", f"{stack.home}/card.pub"
    changed = f"{stack.home}/changed"
    open(changed, "w").write(sums.replace("a", "b", 1))
    flipped = run("openssl", "dgst", "-sha256", "-verify", public, "-signature", f"{text}.sig", changed, check=False)
    expect(flipped.returncode != 0, "one changed byte no longer verifies")
    STATE["card"].end()
    return "certificate read and chained, wrong PIN refused, PIN verified, the card's signature checked with openssl"


def sign_list(stack):
    """What the card signs is the list of all other artefacts: one changed byte anywhere shows."""
    names = sorted(name for name in os.listdir(stack.artefacts)
                   if name not in ("SHA256SUMS", "SHA256SUMS.sig") and os.path.isfile(f"{stack.artefacts}/{name}"))
    sums = run("sh", "-c", f"cd '{stack.artefacts}' && sha256sum {' '.join(names)}").stdout
    text = f"{stack.artefacts}/SHA256SUMS"
    open(text, "w").write(sums)
    stack.tool("pkcs11-tool", "--slot-index", "0", "-l", "--pin", PIN, "-s", "-m", "ECDSA-SHA256", "--id", "01", "-f", "openssl",
               "-i", text, "-o", f"{text}.sig")
    public = f"{stack.home}/card.pub"
    open(public, "w").write(run("openssl", "x509", "-in", f"{stack.artefacts}/card.pem", "-pubkey", "-noout").stdout)
    run("openssl", "dgst", "-sha256", "-verify", public, "-signature", f"{text}.sig", text)
    return sums


def check_it_yourself():
    stack = Stack(HOME)
    done = run("bash", f"{ROOT}/Docs/check-it-yourself.sh", HOME)
    lines = [line for line in done.stdout.splitlines() if line.startswith("ok")]
    # And after one changed byte in any of the files, it does not.
    paths = [os.path.join(place, name) for place, _, names in os.walk(stack.artefacts) for name in names]
    for path in sorted(paths):
        name = os.path.relpath(path, stack.artefacts)
        whole = open(path, "rb").read()
        at = len(whole) // 2
        open(path, "wb").write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        altered = run("bash", f"{ROOT}/Docs/check-it-yourself.sh", HOME, check=False)
        open(path, "wb").write(whole)
        expect(altered.returncode != 0, f"a changed byte in {name} is found")
    return f"{len(lines)} checks with openssl, sha256sum and psql hold; a changed byte in any artefact is found"


def evidence():
    """Every act so far is in the log, with a receipt that verifies offline; what the owner edits is found."""
    stack = Stack(HOME)
    wait_for(lambda: stack.sql("SELECT count(*) FROM evidence_pending") == "0", "every act has its index")
    program("citizend", "log", "export", f"{stack.artefacts}/log", env=stack.env)
    rows = stack.sql("SELECT idx, encode(tx, 'hex'), body::jsonb ->> 'act' FROM evidence_entry ORDER BY idx").splitlines()
    trust, folder = f"{HOME}/keys/anchors", f"{stack.home}/receipts"
    os.makedirs(folder, exist_ok=True)
    os.makedirs(f"{stack.artefacts}/log/receipts", exist_ok=True)
    kept = set()
    for row in rows:
        index, tx, act = row.split("|")
        path = f"{folder}/{index}.tlog-proof"
        open(path, "wb").write(receipt(stack, tx))
        found = json.loads(program("citizen", "verify", path, "--trust", trust, "--json").stdout)
        expect(found["index"] == int(index) and found["entry"]["tx"] == tx, f"the receipt of entry {index}", found)
        # The export ends at the checkpoint of before; entries since then are not in its bundles.
        if act not in kept and act != "audit.export":
            kept.add(act)
            with open(f"{stack.artefacts}/log/receipts/{act}.tlog-proof", "wb") as copy:
                copy.write(open(path, "rb").read())
    whole = open(path, "rb").read()
    for at in (len(whole) // 4, len(whole) // 2, len(whole) - 8):
        open(path, "wb").write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        flipped = program("citizen", "verify", path, "--trust", trust, check=False)
        expect(flipped.returncode == 1, "a receipt with a flipped byte refused", flipped.returncode)
    open(path, "wb").write(whole)
    unknown = program("citizen", "verify", path, "--trust", folder, check=False)
    expect(unknown.returncode == 3, "no verdict without the log's key", unknown.returncode)
    clean = json.loads(program("citizend", "log", "fsck", "--full", "--json", env=stack.env).stdout)
    expect(clean["clean"] and clean["entries"] >= len(rows), "a clean log", clean)
    run("python3", f"{ROOT}/Docs/verify-log.py", f"{stack.artefacts}/log")
    public(stack, len(rows))
    return f"{len(rows)} acts, each with a receipt that verifies offline; a flipped byte does not; {edited_row(stack)}"


def public(stack, entries):
    """What anybody may fetch: checkpoint and hash tiles, never the entries."""
    def fetch(path):
        done = run("curl", "-sS", "--cacert", stack.data["ca_file"], "-o", f"{stack.home}/fetched", "-w", "%{http_code}",
                   f"{stack.data['issuer']}/log/{path}")
        return done.stdout, open(f"{stack.home}/fetched", "rb").read()

    status, note = fetch("checkpoint")
    expect(status == "200" and int(note.split(b"\n")[1]) >= entries, "the checkpoint served", status)
    width = min(entries, 256)
    tile = "tile/0/000" + ("" if width == 256 else f".p/{width}")
    status, octets = fetch(tile)
    expect(status == "200" and len(octets) == 32 * width, f"{tile} served", status)
    status, _ = fetch(tile.replace("tile/0", "tile/entries"))
    expect(status == "404", "no entries served", status)


def receipt(stack, tx):
    """The receipt of an act over HTTPS; 202 means that its index is a moment away."""
    for _ in range(50):
        done = run("curl", "-fsS", "--cacert", stack.data["ca_file"], "-w", "\n%{http_code}", f"{stack.data['api']}/receipts/{tx}")
        body, _, status = done.stdout.rpartition("\n")
        if status == "200":
            return body.encode()
        time.sleep(0.1)
    raise Failure(f"expected: a receipt of {tx}; got: {status}")


def edited_row(stack):
    """The owner of the database changes one entry, past every guard of the schema; fsck names it. Then it is put back."""
    index = int(stack.sql("SELECT max(idx) / 2 FROM evidence_entry"))
    body = stack.sql(f"SELECT body FROM evidence_entry WHERE idx = {index}")

    def put(text):
        stack.sql("BEGIN; SET LOCAL session_replication_role = replica; "
                  f"UPDATE evidence_entry SET body = $q${text}$q$ WHERE idx = {index}; COMMIT")

    put(body.replace('"outcome":"done"', '"outcome":"gone"').replace('"outcome":"refused"', '"outcome":"re-used"'))
    try:
        found = program("citizend", "log", "fsck", "--full", "--json", env=stack.env, check=False)
    finally:
        put(body)
    answer = json.loads(found.stdout)
    expect(found.returncode == 1 and answer["index"] == index, f"the edited entry {index} found", answer)
    program("citizend", "log", "fsck", "--full", env=stack.env)
    return f"the one that the database's owner edited was found: entry {index}"


READER, PORT, PIN = "Desk 0 00 00", 35963, "482915"
STATE = {}

step(1, "密钥仪式 key ceremony", ceremony)
readers = Stack(HOME).data["pcscd"]["readers"]
reason = open(f"{HOME}/pcsc.skipped").read().strip() if os.path.exists(f"{HOME}/pcsc.skipped") else "no virtual readers"
step(2, "居民导入 population", population)
if readers:
    PORT = Stack(HOME).data["pcscd"]["ports"][0]
    step(3, "制卡领卡 one card issued", issue)
    step(4, "第三方工具 third-party tools", third_party)
    step(5, "电子钱包 purse", lambda: purse(Stack(HOME), READER, PORT, STATE["reference"], sign_list))
else:
    skipped(3, "one card issued", reason)
    skipped(4, "third-party tools", reason)
    skipped(5, "purse", reason)
not_built(6, "单点登录 sign-on with the card")
not_built(7, "电子证照与电子印章 licences and seals")
not_built(8, "市民码 citizen code")
not_built(9, "内部人员 insiders refused or found")
step(10, "存证 evidence", evidence)
if readers:
    step("check", "自行验证 check it yourself", check_it_yourself)
finish()
