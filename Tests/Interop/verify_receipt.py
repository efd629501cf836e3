#!/usr/bin/env python3
"""A second verifier of our log, written from RFC 9162 and the C2SP specifications alone: hashlib, and the package
`cryptography` for Ed25519 (without it, the program openssl).

  verify_receipt.py receipt VKEY_FILE RECEIPT [ENTRY]     is the entry in the log?
  verify_receipt.py log DIR                               do bundles, tiles and checkpoint of DIR agree?
  verify_receipt.py consistency FILE                      JSON with size1, root1, size2, root2, proof in base64

Exit 0: it holds. Exit 1: it does not, and the first line says why.
"""

import base64, hashlib, json, os, subprocess, sys, tempfile


class Wrong(Exception):
    pass


def demand(condition, words):
    if not condition:
        raise Wrong(words)


def unbase64(text):
    octets = base64.b64decode(text, validate=True)
    demand(base64.b64encode(octets).decode() == text, "base64 with slack")
    return octets


def number(text):
    demand(text.isascii() and text.isdigit() and str(int(text)) == text, f"{text!r} is no number")
    return int(text)


# --- RFC 9162, 2.1 ---------------------------------------------------------------------------------------------------

def leaf(entry, algorithm="sha256"):
    return hashlib.new(algorithm, b"\x00" + entry).digest()


def node(left, right, algorithm="sha256"):
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


def root_of(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node(root_of(hashes[:split]), root_of(hashes[split:]))


def root_by_inclusion(leaf_hash, index, size, path, algorithm="sha256"):
    """2.1.3.2"""
    demand(index < size, "index beyond the tree")
    fn, sn, r = index, size - 1, leaf_hash
    for p in path:
        demand(sn != 0, "path too long")
        if fn & 1 or fn == sn:
            r = node(p, r, algorithm)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p, algorithm)
        fn, sn = fn >> 1, sn >> 1
    demand(sn == 0, "path too short")
    return r


def check_consistency(first, first_root, second, second_root, path):
    """2.1.4.2"""
    demand(0 < first <= second, "sizes")
    if first == second:
        demand(not path and first_root == second_root, "one size, two roots")
        return
    if first & (first - 1) == 0:
        path = [first_root, *path]
    demand(path, "empty path")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        demand(sn != 0, "path too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    demand(sn == 0 and fr == first_root and sr == second_root, "the roots do not follow")


# --- C2SP signed-note and tlog-checkpoint ----------------------------------------------------------------------------

def read_vkey(text):
    name, key_id, key = text.strip().split("+", 2)
    octets = unbase64(key)
    demand(octets[0] == 1 and len(octets) == 33, "no Ed25519 key")
    expected = hashlib.sha256(name.encode() + b"\n" + octets).digest()[:4]
    demand(expected.hex() == key_id, "the key id does not fit the key")
    return name, expected, octets[1:]


def ed25519_holds(key, signature, message):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return ed25519_holds_by_openssl(key, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def ed25519_holds_by_openssl(key, signature, message):
    with tempfile.TemporaryDirectory() as folder:
        def put(name, octets):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(octets)
            return os.path.join(folder, name)
        der = bytes.fromhex("302a300506032b6570032100") + key
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", put("key", der),
             "-sigfile", put("signature", signature), "-in", put("message", message)],
            capture_output=True).returncode == 0


def read_checkpoint(octets, vkey):
    """Size and root of a checkpoint that the key signed."""
    name, key_id, key = vkey
    text, gap, lines = octets.decode().rpartition("\n\n")
    demand(gap and lines.endswith("\n"), "no note")
    text += "\n"
    signed = False
    for line in lines[:-1].split("\n"):
        dash, signer, signature = line.split(" ")
        demand(dash == "—", "no signature line")
        blob = unbase64(signature)
        if signer == name and blob[:4] == key_id:
            demand(ed25519_holds(key, blob[4:], text.encode()), "the log's signature does not hold")
            signed = True
    demand(signed, "no signature of the log")
    origin, size, root, rest = text.split("\n")
    demand(origin == name and rest == "", "checkpoint of another log")
    return number(size), unbase64(root)


# --- C2SP tlog-proof and tlog-tiles ----------------------------------------------------------------------------------

def check_receipt(vkey_file, receipt_file, entry_file=None):
    vkey = read_vkey(open(vkey_file, encoding="utf-8").read())
    octets = open(receipt_file, "rb").read()
    head, gap, note = octets.partition(b"\n\n")
    lines = head.decode().split("\n")
    demand(gap and lines.pop(0) == "c2sp.org/tlog-proof@v1", "no receipt")
    extra = unbase64(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    demand(lines[0].startswith("index "), "no index")
    index = number(lines.pop(0)[6:])
    path = [unbase64(line) for line in lines]
    demand(all(len(hash) == 32 for hash in path), "a hash of another length")
    size, root = read_checkpoint(note, vkey)
    entry = open(entry_file, "rb").read() if entry_file else extra
    demand(entry is not None, "no entry")
    demand(extra is None or extra == entry, "the receipt holds another entry")
    demand(root_by_inclusion(leaf(entry), index, size, path) == root, "the entry is not in this log")
    return f"entry {index} of {size}"


def tile_path(level, index, width):
    groups = []
    rest = index
    while True:
        groups.insert(0, f"{rest % 1000:03d}")
        rest //= 1000
        if not rest:
            break
    return f"tile/{level}/" + "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + (
        "" if width == 256 else f".p/{width}")


def check_log(folder):
    def read(path):
        with open(os.path.join(folder, path), "rb") as file:
            return file.read()

    size, root = read_checkpoint(read("checkpoint"), read_vkey(read("evidence.vkey").decode()))
    hashes, count = [], size
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        bundle, at = read(tile_path("entries", index, width)), 0
        for _ in range(width):
            length = int.from_bytes(bundle[at:at + 2], "big")
            demand(at + 2 + length <= len(bundle), "bundle too short")
            hashes.append(leaf(bundle[at + 2:at + 2 + length]))
            at += 2 + length
        demand(at == len(bundle), "bundle too long")
    demand(root_of(hashes) == root, "the entries do not lead to the root")
    level = 0
    while count:
        for index in range((count + 255) // 256):
            part = hashes[index * 256:index * 256 + 256]
            demand(read(tile_path(level, index, len(part))) == b"".join(part), f"{tile_path(level, index, len(part))}")
        hashes = [root_of(hashes[index * 256:index * 256 + 256]) for index in range(count // 256)]
        count //= 256
        level += 1
    return f"{size} entries"


def main(words):
    if words[:1] == ["receipt"] and len(words) in (3, 4):
        return check_receipt(*words[1:])
    if words[:1] == ["log"] and len(words) == 2:
        return check_log(words[1])
    if words[:1] == ["consistency"] and len(words) == 2:
        proof = json.load(open(words[1], encoding="utf-8"))
        check_consistency(proof["size1"], unbase64(proof["root1"]), proof["size2"], unbase64(proof["root2"]),
                          [unbase64(hash) for hash in proof["proof"]])
        return f"{proof['size1']} is the beginning of {proof['size2']}"
    sys.exit(__doc__)


if __name__ == "__main__":
    try:
        print("holds:", main(sys.argv[1:]))
    except (Wrong, ValueError, OSError, IndexError, KeyError) as fault:
        print("does not hold:", fault)
        sys.exit(1)
