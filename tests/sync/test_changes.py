"""Manifests, change lines and the text of a change-set."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import changes, lines, merkle, signing
from sync.changes import Anchor, At, Change, Manifest, PrivateLine, Seen
from sync.errors import Malformed

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
MANIFEST = Manifest(
    origin="ledger.example/luan",
    device="d1",
    seq=1,
    prev=lines.ZERO_DIGEST,
    count=2,
    root="r",
    made_at=1,
    app="stub/1",
    schema=1,
    ledger_key="k",
    seen=Seen("e", 5, "ff"),
)
EDIT = Change("c1", "edit", "case", "r1", None, At(1, 2, "s"), set={"amount": 1})
SALT = bytes(range(16))


def test_a_manifest_is_the_payload_that_is_signed() -> None:
    jws = signing.sign(KEY, signing.MANIFEST, MANIFEST.payload(), kid="d1")
    signed = replace(MANIFEST, jws=jws)
    assert signing.verify(jws, signing.MANIFEST, KEY.public_key()) == MANIFEST.payload()
    assert signed.digest == lines.digest(jws.encode())


def test_a_manifest_of_a_phone_that_saw_nothing_leaves_seen_out() -> None:
    assert "seen" not in replace(MANIFEST, seen=None).payload()
    assert MANIFEST.payload()["seen"] == {"epoch": "e", "size": 5, "root": "ff"}


def test_two_manifests_that_differ_in_anything_have_two_digests() -> None:
    seen = set()
    for one in (
        MANIFEST,
        replace(MANIFEST, seq=2),
        replace(MANIFEST, prev="1" * 64),
        replace(MANIFEST, seen=None),
    ):
        seen.add(replace(one, jws=signing.sign(KEY, signing.MANIFEST, one.payload(), kid="d1")).digest)
    assert len(seen) == 4


def test_a_change_line_leaves_out_what_it_does_not_say_except_the_base() -> None:
    body = json.loads(changes.change_line(EDIT, SALT))
    assert set(body) == {"id", "op", "type", "record", "base", "at", "salt", "set"}
    assert body["base"] is None
    assert body["salt"] == lines.b64u(SALT)
    assert body["at"] == {"wall": 1, "mono": 2, "session": "s"}


def test_a_change_line_says_everything_that_the_change_says() -> None:
    private = changes.private_line("person", SALT, {"name": "demo"})
    anchor = Anchor("e", 7, 1, 2, 3, "s")
    full = replace(
        EDIT,
        base=("e", 4),
        at=At(1, 2, "s", anchor),
        add={"labels": ("x",)},
        remove={"labels": ("y",)},
        over=("c0",),
        tx="t",
    )
    body = json.loads(changes.change_line(full, SALT, (private,)))
    assert body["base"] == ["e", 4]
    assert (body["add"], body["remove"]) == ({"labels": ["x"]}, {"labels": ["y"]})
    assert (body["over"], body["tx"], body["private"]) == (["c0"], "t", [lines.digest(private)])
    assert body["at"]["anchor"] == {"epoch": "e", "index": 7, "time": 1, "wall": 2, "mono": 3, "session": "s"}


def test_a_change_line_is_canonical_and_depends_on_its_salt() -> None:
    line = changes.change_line(EDIT, SALT)
    assert lines.encode(lines.decode(line)) == line
    assert changes.change_line(EDIT, bytes(16)) != line


def test_a_private_line_holds_kind_salt_and_what_it_sets() -> None:
    line = changes.private_line("person", SALT, {"name": "demo"}, add={"people": ["a"]})
    assert lines.decode(line) == {
        "kind": "person",
        "salt": lines.b64u(SALT),
        "set": {"name": "demo"},
        "add": {"people": ["a"]},
    }


def test_a_change_knows_in_which_line_each_value_travelled() -> None:
    private = PrivateLine("person", {"facts": "x"}, {"people": ("p",)}, {}, b"", "digest")
    both = replace(EDIT, add={"labels": ("a",), "people": ("q",)}, private=(private,))
    assert both.sets() == {"amount": (1, None), "facts": ("x", "digest")}
    assert both.members("add") == {"labels": [("a", None)], "people": [("q", None), ("p", "digest")]}
    assert both.members("remove") == {}


def test_a_change_names_every_field_that_it_writes_once_and_in_order() -> None:
    private = PrivateLine("person", {"facts": "x"}, {"people": ("p",)}, {"labels": ("b",)}, b"", "digest")
    both = replace(EDIT, add={"labels": ("a",)}, private=(private,))
    assert both.names == ("amount", "facts", "labels", "people") == both.names
    assert both.members("remove") == {"labels": [("b", "digest")]}


def test_what_was_asked_of_a_change_does_not_go_over_to_one_made_from_it() -> None:
    assert EDIT.names == ("amount",)
    other = replace(EDIT, set={"other": 1})
    assert (other.names, other.sets()) == (("other",), {"other": (1, None)})
    assert replace(other, set=EDIT.set) == EDIT


def test_the_text_of_a_set_splits_into_what_it_was_made_of() -> None:
    text = changes.text_of("a.b.c", [(b"{1}", (b"{2}", b"{3}")), (b"{4}", ())])
    assert text == b"a.b.c\n{1}\n{2}\n{3}\n{4}\n"
    assert changes.split_text(text) == ("a.b.c", [b"{1}", b"{2}", b"{3}", b"{4}"])


@pytest.mark.parametrize(
    "text",
    [
        b"", b"a.b.c", b"a.b.c\n{}", b"a.b.c\r\n{}\r\n", b"a.b.c\n\n{}\n", b"a.b.c\n{}\n\n", b"\na.b.c\n",
        b"\xef\xbb\xbfa.b.c\n", b"a.b.\xff\n{}\n", b"a.b.c\n{\r}\n", b"\n",
    ],
)  # fmt: skip
def test_a_text_with_another_frame_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        changes.split_text(text)


def test_the_root_of_a_set_is_that_of_its_change_lines() -> None:
    assert changes.root_hex([b"{1}", b"{4}"]) == merkle.root_of_lines([b"{1}", b"{4}"]).hex()
    assert changes.root_hex([b"{4}", b"{1}"]) != changes.root_hex([b"{1}", b"{4}"])
    assert changes.root_hex([]) == merkle.EMPTY_ROOT.hex()


def test_a_manifest_is_found_whatever_stands_behind_its_line() -> None:
    for body in (b"", b"{}", b"{}\n", b"\r\n\n", b"\xff"):
        assert changes.split_manifest(b"a.b.c\n" + body) == ("a.b.c", body)


@pytest.mark.parametrize(
    "text", [b"", b"a.b.c", b"\n{}\n", b"a.b.c\r\n{}\n", b"\xef\xbb\xbfa.b.c\n", b"a.b.\xff\n"]
)
def test_a_first_line_that_can_be_no_manifest_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        changes.split_manifest(text)


def test_no_line_at_all_is_no_fault_of_the_frame() -> None:
    assert changes.split_rows(b"") == []
    assert changes.split_rows(b"{}\n") == [b"{}"]
