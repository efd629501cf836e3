#!/usr/bin/env python3
"""Checks a log that was exported, and its receipts, with nothing of ours: Python's own library and the program openssl.

  verify-log.py DIR      DIR holds evidence.vkey, checkpoint, tile/…, receipts/*.tlog-proof

Written from RFC 6962 (the tree) and the C2SP pages signed-note, tlog-checkpoint, tlog-tiles, tlog-proof. Exit 0: every
entry lies under the signed root, every tile is its hashes, every receipt holds.
"""

import base64, glob, hashlib, os, subprocess, sys, tempfile

if not __debug__:
    sys.exit("the checks below are assertions: run without -O")
folder = sys.argv[1]
wide = 256


def read(*path):
    with open(os.path.join(folder, *path), "rb") as file:
        return file.read()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def top(hashes):
    """The root over hashes: split at the largest power of two below their number (RFC 6962, 2.1)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha()
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha(b"\1", top(hashes[:half]), top(hashes[half:]))


def climb(hash, index, count, path):
    """The root over a leaf and its path, which is given from the bottom up (RFC 6962, 2.1.1)."""
    if count == 1:
        assert not path, "the path is too long"
        return hash
    assert path, "the path is too short"
    half = 1 << ((count - 1).bit_length() - 1)
    if index < half:
        return sha(b"\1", climb(hash, index, half, path[:-1]), path[-1])
    return sha(b"\1", path[-1], climb(hash, index - half, count - half, path[:-1]))


def decode(text):
    octets = base64.b64decode(text, validate=True)
    assert base64.b64encode(octets) == (text if isinstance(text, bytes) else text.encode()), "loose base64"
    return octets


def openssl_holds(key, signature, text):
    with tempfile.TemporaryDirectory() as place:
        paths = {}
        for name, octets in (("key", bytes.fromhex("302a300506032b6570032100") + key), ("sig", signature), ("text", text)):
            paths[name] = os.path.join(place, name)
            with open(paths[name], "wb") as file:
                file.write(octets)
        words = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key"], "-rawin",
                 "-in", paths["text"], "-sigfile", paths["sig"]]
        return subprocess.run(words, capture_output=True).returncode == 0


name, key_id, key = read("evidence.vkey").decode().removesuffix("\n").split("+", 2)
key = decode(key)
assert key[:1] == b"\1" and len(key) == 33, "no Ed25519 key"
assert sha(name.encode(), b"\n", key)[:4].hex() == key_id, "the key id is not the key's"


def checkpoint(note):
    """Size and root of a note that the log's key signed alone."""
    text, _, line = note.decode().partition("\n\n")
    text += "\n"
    origin, size, root, end = text.split("\n")
    dash, signer, blob = line.removesuffix("\n").split(" ")
    assert line.endswith("\n") and dash == "—" and signer == origin == name and end == "", "another log's checkpoint"
    blob = decode(blob)
    assert blob[:4].hex() == key_id and openssl_holds(key[1:], blob[4:], text.encode()), "the signature does not hold"
    assert str(int(size)) == size, "a loose number"
    return int(size), decode(root)


def tile(level, number, width):
    digits = str(number)
    digits = "0" * (-len(digits) % 3) + digits
    groups = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    groups = ["x" + group for group in groups[:-1]] + groups[-1:]
    return os.path.join("tile", str(level), *groups) + ("" if width == wide else f".p/{width}")


size, root = checkpoint(read("checkpoint"))
leaves, entries = [], []
for number in range(-(-size // wide)):
    bundle = read(tile("entries", number, min(wide, size - wide * number)))
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        assert len(bundle) >= 2 + length, "a bundle was cut"
        entries.append(bundle[2:2 + length])
        leaves.append(sha(b"\0", entries[-1]))
        bundle = bundle[2 + length:]
assert len(leaves) == size, "not as many entries as the checkpoint says"
assert top(leaves) == root, "the entries do not lead to the signed root"
level, hashes = 0, leaves
while hashes:
    for number in range(-(-len(hashes) // wide)):
        part = hashes[wide * number:wide * (number + 1)]
        assert read(tile(level, number, len(part))) == b"".join(part), f"tile {level}/{number} is not its hashes"
    hashes = [top(hashes[start:start + wide]) for start in range(0, len(hashes) - wide + 1, wide)]
    level += 1

receipts = sorted(glob.glob(os.path.join(folder, "receipts", "*.tlog-proof")))
assert receipts, "no receipts"
for path in receipts:
    head, _, note = read(path if os.path.isabs(path) else os.path.abspath(path)).partition(b"\n\n")
    first, extra, index, *hashes = head.split(b"\n")
    assert first == b"c2sp.org/tlog-proof@v1" and extra[:6] == b"extra " and index[:6] == b"index ", "no receipt"
    at = int(index[6:])
    assert str(at).encode() == index[6:], "a loose number"
    count, signed = checkpoint(note)
    assert at < count, "an index beyond the tree"
    entry = decode(extra[6:])
    assert climb(sha(b"\0", entry), at, count, [decode(hash) for hash in hashes]) == signed, "the entry is not in the log"
    assert entries[at] == entry, "the bundle has another entry there"
print(f"{size} entries, {len(receipts)} receipts")
