"""Check a Wardledger bundle without Wardledger: `python3 verify.py BUNDLE.zip --key VKEY`.

Needs Python 3.9 and nothing else; where the package `cryptography` is there it checks the signatures, and a
slower check in this file does otherwise. Prints one line a check; exit status 0 if all hold, 1 if one does not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "wardledger/1 bundle"
MANIFEST = "manifest.json"
SET_PROOF = "wardledger/1 set-proof"
CHUNK = 1024 * 1024
Read = Callable[[str], Iterable[bytes]]


class Check(NamedTuple):
    """One thing that was looked at."""

    ok: bool
    what: str
    words: str


class Bad(Exception):
    """Something does not hold."""


def sha256(raw: bytes) -> str:
    """Return the digest in hex."""
    return hashlib.sha256(raw).hexdigest()


# -- signatures ---------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _x_of(y: int, sign: int) -> int:
    if y >= P:
        raise Bad("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise Bad("not a point")
    return P - x if x & 1 != sign else x


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def _times(n: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = _add(found, point)
        point, n = _add(point, point), n >> 1
    return found


def _point(raw: bytes) -> Point:
    number = int.from_bytes(raw, "little")
    y = number & ((1 << 255) - 1)
    x = _x_of(y, number >> 255)
    return x, y, 1, x * y % P


def slow_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature holds (RFC 8032 section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    try:
        key, r = _point(public), _point(signature[:32])
        base_y = 4 * pow(5, P - 2, P) % P
        base_x = _x_of(base_y, 0)
    except Bad:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left = _times(s, (base_x, base_y, 1, base_x * base_y % P))
    right = _add(r, _times(k, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature holds."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return slow_ed25519(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def unb64u(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# -- the tree (RFC 6962) and its signed head (C2SP) ---------------------------------------------------------------


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root to which a path leads from a leaf's hash (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Bad("no such place")
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if sn == 0 or len(sibling) != 32:
            raise Bad("the path is too long")
        if fn & 1 or fn == sn:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Bad("the path is too short")
    return node


def head_of(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Return (log, size, root) of a checkpoint that the verifier key signed; raises Bad."""
    body, _, rows = note.partition("\n\n")
    said = body.split("\n")
    if len(said) != 3:
        raise Bad("not a checkpoint")
    name, mark, encoded = vkey.strip().split("+", 2)
    raw = base64.b64decode(encoded)
    if raw[:1] != b"\x01" or hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != mark:
        raise Bad("the verifier key does not fit its own hash")
    if said[0] != name:
        raise Bad(f"the checkpoint is of {said[0]}, the key of {name}")
    for row in rows.splitlines():
        words = row.split(" ")
        if len(words) == 3 and words[0] == "\u2014" and words[1] == name:
            signed = base64.b64decode(words[2])
            if signed[:4].hex() == mark and ed25519(raw[1:], (body + "\n").encode(), signed[4:]):
                return name, int(said[1]), base64.b64decode(said[2])
    raise Bad("no signature of this key holds")


# -- the bundle -------------------------------------------------------------------------------------------------


class Bundle:
    """The files of a bundle, from a zip or from a folder into which one was unpacked."""

    def __init__(self, place: Path):
        self._zip = None if place.is_dir() else zipfile.ZipFile(place)
        self._folder = place

    def names(self) -> list[str]:
        """Return all names, in order."""
        if self._zip is not None:
            return sorted(self._zip.namelist())
        return sorted(p.relative_to(self._folder).as_posix() for p in self._folder.rglob("*") if p.is_file())

    def parts(self, name: str) -> Iterable[bytes]:
        """Yield a file piece by piece."""
        file = self._zip.open(name) if self._zip is not None else (self._folder / name).open("rb")
        with file:
            while part := file.read(CHUNK):
                yield part

    def read(self, name: str) -> bytes:
        """Return a small file whole."""
        return b"".join(self.parts(name))


def check_bundle(place: Path, key: str | None = None) -> list[Check]:
    """Return every check of a bundle. key: the verifier key to trust; None: the one in the bundle."""
    found: list[Check] = []

    def look(what: str, about: Callable[[], str]) -> bool:
        try:
            found.append(Check(True, what, about()))
        except (Bad, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError,
                zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:  # fmt: skip
            found.append(Check(False, what, str(error) or type(error).__name__))
            return False
        except Exception as error:  # a damaged archive: zlib has an error of its own
            if type(error).__module__ != "zlib":
                raise
            found.append(Check(False, what, str(error)))
            return False
        return True

    opened: dict[str, Any] = {}

    def open_it() -> str:
        bundle = opened["bundle"] = Bundle(place)
        said = opened["manifest"] = json.loads(bundle.read(MANIFEST))
        if said["format"] != FORMAT:
            raise Bad(f"not of the format {FORMAT}")
        return f"{said['about']['type']} {said['about']['id']}, {len(said['entries'])} entries"

    if not look("manifest", open_it):
        return found
    bundle, manifest = opened["bundle"], opened["manifest"]
    look("files", lambda: _files(bundle, manifest))
    if look("checkpoint", lambda: _head(bundle, manifest, key, opened)):
        look("entries", lambda: _entries(bundle, manifest, opened))
        look("changes", lambda: _changes(bundle, opened))
        look("private lines", lambda: _private(bundle, opened))
        look("originals", lambda: _originals(bundle, opened))
        if look("phones", lambda: _phones(bundle, opened)):
            look("sets", lambda: _sets(bundle, opened))
    return found


def _files(bundle: Bundle, manifest: dict[str, Any]) -> str:
    """Every file is the one that the manifest names, and there is no other."""
    listed = {each["path"]: each for each in manifest["files"]}
    there = set(bundle.names()) - {MANIFEST}
    if odd := sorted(there ^ set(listed)):
        raise Bad(f"not as the manifest says: {odd[0]}")
    for name, each in listed.items():
        digest, size = hashlib.sha256(), 0
        for part in bundle.parts(name):
            digest.update(part)
            size += len(part)
        if (digest.hexdigest(), size) != (each["sha256"], each["size"]):
            raise Bad(f"altered: {name}")
    return f"{len(listed)} files, each as the manifest says"


def _head(bundle: Bundle, manifest: dict[str, Any], key: str | None, opened: dict[str, Any]) -> str:
    """The ledger's key has signed the head."""
    note = opened["note"] = bundle.read("checkpoint").decode()
    trusted = (key or bundle.read("key").decode()).strip()
    name, size, root = opened["head"] = head_of(note, trusted)
    if (manifest["log"], manifest["size"], manifest["root"]) != (name, size, root.hex()):
        raise Bad("the manifest names another head")
    given = (
        "the key given" if key else "the key IN THE BUNDLE: compare it with the one that the bureau publishes"
    )
    return f"{name}, {size} entries, signed by {given}"


def _entries(bundle: Bundle, manifest: dict[str, Any], opened: dict[str, Any]) -> str:
    """Each entry's line stands at its place in the tree."""
    _, size, root = opened["head"]
    opened["entries"] = {}
    for index in manifest["entries"]:
        line = bundle.read(f"entries/{index}.line")
        proof = bundle.read(f"entries/{index}.proof").decode()
        top, _, note = proof.partition("\n\n")
        rows = top.split("\n")
        if rows[:2] != ["c2sp.org/tlog-proof@v1", f"index {index}"] or note != opened["note"]:
            raise Bad(f"entry {index}: not a proof under this checkpoint")
        path = [base64.b64decode(row, validate=True) for row in rows[2:]]
        if root_from(hashlib.sha256(b"\x00" + line).digest(), index, size, path) != root:
            raise Bad(f"entry {index}: does not lead to the signed root")
        opened["entries"][index] = json.loads(line)
    return f"{len(opened['entries'])} entries stand in the signed tree"


def _changes(bundle: Bundle, opened: dict[str, Any]) -> str:
    """Each change line that is shown is the one that its entry commits to."""
    opened["changes"], there = {}, set(bundle.names())
    for index, entry in opened["entries"].items():
        if (name := f"entries/{index}.change") in there:
            line = bundle.read(name)
            if sha256(line) != entry["change"]:
                raise Bad(f"entry {index}: another change than was entered")
            opened["changes"][index] = json.loads(line)
    hidden = len(opened["entries"]) - len(opened["changes"])
    return f"{len(opened['changes'])} changes are those that were entered" + (
        f", {hidden} not shown" if hidden else ""
    )


def _private(bundle: Bundle, opened: dict[str, Any]) -> str:
    """Each private line that is shown is one that its change commits to."""
    shown, committed = 0, sum(len(each.get("private", ())) for each in opened["changes"].values())
    for name in bundle.names():
        if name.startswith("entries/") and name.endswith(".private"):
            index = int(name.split("/")[1].split(".")[0])
            if sha256(bundle.read(name)) not in opened["changes"][index].get("private", ()):
                raise Bad(f"entry {index}: a private line that its change does not commit to")
            shown += 1
    return f"{shown} shown, {committed - shown} withheld or erased (their digests stand in the changes)"


def _originals(bundle: Bundle, opened: dict[str, Any]) -> str:
    """Each original has the digest that was signed at its capture."""
    digests = {str(each.get("set", {}).get("digest")) for each in opened["changes"].values()}
    names = [name for name in bundle.names() if name.startswith("files/")]
    for name in names:
        digest = hashlib.sha256()
        for part in bundle.parts(name):
            digest.update(part)
        if digest.hexdigest() not in digests or digest.hexdigest() not in name:
            raise Bad(f"{name}: no entry committed to these bytes")
    return f"{len(names)} originals have the digests that were entered at their capture"


def _phones(bundle: Bundle, opened: dict[str, Any]) -> str:
    """Each set of a phone was signed by the key with which that phone was enrolled."""
    keys: dict[str, list[bytes]] = {}
    for each in opened["changes"].values():
        if each.get("type") == "device" and "sign_key" in each.get("set", {}):
            keys.setdefault(each["record"], []).append(unb64u(each["set"]["sign_key"]))
    sent = [entry for entry in opened["entries"].values() if entry.get("set")]
    sets = {(entry["set"], entry["device"]) for entry in sent if "branch" not in entry}
    there = set(bundle.names())
    opened["sets"] = {}
    for digest, device in sets:
        if (name := f"sets/{digest}.jws") not in there:
            raise Bad(f"the manifest of set {digest[:16]} is missing")
        token = bundle.read(name)
        signed, _, signature = token.decode("ascii").rpartition(".")
        said = opened["sets"][digest] = json.loads(unb64u(signed.split(".")[1]))
        if sha256(token) != digest or said["device"] != device:
            raise Bad(f"set {digest[:16]}: another manifest than was entered")
        if not any(ed25519(key, signed.encode(), unb64u(signature)) for key in keys.get(device, ())):
            raise Bad(f"set {digest[:16]}: not signed by its phone's key")
    apart = sum("branch" in entry for entry in sent)
    return f"{len(sets)} sets are signed by the phones that sent them" + (
        f"; {apart} changes came from a copied phone, let in by a supervisor, without a manifest"
        if apart
        else ""
    )


def _sets(bundle: Bundle, opened: dict[str, Any]) -> str:
    """Each change of a phone stands in the set that the phone signed, at the place that its entry names."""
    shown, sent = 0, 0
    there = set(bundle.names())
    for index, entry in opened["entries"].items():
        if not entry.get("set") or "branch" in entry:
            continue
        sent += 1
        if (name := f"entries/{index}.set") not in there:
            continue
        said, rows = opened["sets"][entry["set"]], bundle.read(name).decode("ascii").splitlines()
        if rows[:1] != [SET_PROOF]:
            raise Bad(f"entry {index}: not the proof of a set")
        path = [base64.b64decode(row, validate=True) for row in rows[1:]]
        leaf = hashlib.sha256(b"\x00" + bundle.read(f"entries/{index}.change")).digest()
        if root_from(leaf, entry["n"], said["count"], path).hex() != said["root"]:
            raise Bad(f"entry {index}: its change does not stand in the set that its phone signed")
        shown += 1
    return f"{shown} of {sent} changes of phones stand in the sets that their phones signed" + (
        "; of the others only the set is signed" if shown < sent else ""
    )


def set_proof(path: Iterable[bytes]) -> bytes:
    """Return the text that says where a change stands in its set."""
    return "".join(f"{row}\n" for row in (SET_PROOF, *(base64.b64encode(h).decode() for h in path))).encode()


def main(argv: list[str] | None = None) -> int:
    """Check one bundle and tell what came of it."""
    parser = argparse.ArgumentParser(description="Check a Wardledger bundle without Wardledger.")
    parser.add_argument("bundle", type=Path, help="the zip, or the folder into which it was unpacked")
    parser.add_argument("--key", metavar="VKEY", help="the verifier key that the bureau publishes")
    given = parser.parse_args(argv)
    checks = check_bundle(given.bundle, given.key)
    for check in checks:
        sys.stdout.write(f"{'ok ' if check.ok else 'BAD'}  {check.what:<14} {check.words}\n")
    good = all(check.ok for check in checks)
    sys.stdout.write("PROVEN\n" if good else "NOT PROVEN\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
