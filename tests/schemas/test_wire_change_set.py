"""A set's text: which fault is one change's alone, and which the whole set's."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.drafting import Draft, write
from schemas.upcasts import SCHEMA_VERSION
from schemas.wire.change_set import read_body, read_items, read_manifest, read_set
from sync import changes, lines, signing
from sync.changes import At, Item, Manifest, Seen
from sync.errors import BadSignature, Malformed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
DEVICE = "01900009-0000-7000-8000-000000000000"
INSPECTION = "01900008-0000-7000-8000-000000000000"
ids = (f"0190{n:04x}-0000-7000-8000-000000000000" for n in count(1))
Line = tuple[bytes, tuple[bytes, ...]]


def random(length: int) -> bytes:
    return bytes.fromhex(next(ids).replace("-", ""))[:length].ljust(length, b"\0")


def line(amount: Any = 7) -> Line:
    """Return a new finding with its private line."""
    values = {
        "inspection": INSPECTION,
        "violation_code": "bed_hanging",
        "facts": "演示数据",
        "amount_fen": amount,
        "origin": "on_site",
    }
    draft = Draft("create", "finding", next(ids), values)
    item = write(draft, change_id=next(ids), at=At(wall=1), random=random)
    return item.line, tuple(private.line for private in item.change.private)


def payload(written: list[Line], **changed: Any) -> dict[str, Any]:
    """Return the payload of the manifest over these lines, with members changed; None leaves one out."""
    manifest = Manifest(
        origin="ledger.test/luan",
        device=DEVICE,
        seq=1,
        prev=lines.ZERO_DIGEST,
        count=len(written),
        root=changes.root_hex([public for public, _ in written]),
        made_at=1,
        app="test-1.0",
        schema=1,
        ledger_key="0" * 64,
        seen=Seen("ab" * 16, 3, "0" * 64),
    )
    return {name: value for name, value in {**manifest.payload(), **changed}.items() if value is not None}


def signed(written: list[Line], **changed: Any) -> str:
    return signing.sign(KEY, signing.MANIFEST, payload(written, **changed), kid=DEVICE)


def rows_of(written: list[Line]) -> list[bytes]:
    return [row for public, private in written for row in (public, *private)]


def read(written: list[Line], rows: list[bytes] | None = None, **changed: Any) -> tuple[Item, ...]:
    jws = signed(written, **changed)
    return read_set(jws, rows_of(written) if rows is None else rows).items


def codes(items: tuple[Item, ...]) -> list[str | None]:
    return [item.fault.code if item.fault else None for item in items]


def is_whole_fault(items: tuple[Item, ...]) -> bool:
    return len(items) == 1 and items[0].change is None and codes(items) == ["malformed"]


def test_a_sound_set_is_read_place_by_place():
    written = [line(), line(), line()]
    items = read(written)
    assert codes(items) == [None, None, None]
    assert [item.line for item in items] == [public for public, _ in written]


def test_one_change_alone_with_no_private_line_is_a_set():
    draft = Draft("void", "finding", next(ids))
    item = write(draft, change_id=next(ids), at=At(wall=1), random=random)
    assert codes(read([(item.line, ())])) == [None]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_bad_value_is_the_fault_of_its_change_alone(at):
    written = [line(-1 if n == at else 7) for n in range(3)]
    expected = [None] * 3
    expected[at] = "bad_value"
    assert codes(read(written)) == expected


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda text: text[:-1], "not_canonical", id="truncated"),
        pytest.param(lambda text: text.replace(b'"amount_fen":7', b'"amount_fen":7.0'), "not_canonical"),
        pytest.param(lambda text: text.replace(b'"amount_fen":7', b'"amount_fen":NaN'), "not_canonical"),
        pytest.param(
            lambda text: text.replace(b'"amount_fen":7', b'"amount_fen":%d' % 2**53), "not_canonical"
        ),
        pytest.param(lambda text: text.replace(b'"op":', b'"op":"edit","op":'), "not_canonical"),
        pytest.param(lambda text: text.replace(b'"on_site"', rb'"\ud800"'), "not_canonical"),
        pytest.param(lambda text: b"[" * 60_000, "not_canonical", id="deep"),
        pytest.param(lambda text: b"\xff\xfe", "not_canonical", id="not UTF-8"),
        pytest.param(lambda text: b"x" * (64 * 1024 + 1), "too_large", id="64 KiB + 1"),
        pytest.param(lambda text: text.replace(b'"on_site"', b'"by_chance"'), "bad_value"),
        pytest.param(lambda text: text.replace(b'"amount_fen"', b'"amount_yuan"'), "unknown_field"),
        pytest.param(lambda text: text.replace(b'"op":"create"', b'"op":"erase"'), "malformed"),
    ],
)
def test_a_line_that_its_phone_signed_spoilt_leaves_the_others_sound(spoil, code):
    written = [line(), line(), line()]
    public, private = written[1]
    written[1] = (spoil(public), private)
    assert codes(read(written)) == [None, code, None]


def test_a_private_line_that_is_not_named_is_the_fault_of_its_change_alone():
    written = [line(), line()]
    stray = lines.encode({"kind": "person", "salt": lines.b64u(bytes(16)), "set": {"facts": "演示数据"}})
    rows = rows_of(written)
    assert codes(read(written, [*rows, stray])) == [None, "malformed"]
    assert codes(read(written, [*rows[:2], stray, *rows[2:]])) == ["malformed", None]


def test_a_private_line_that_is_missing_or_altered_is_the_fault_of_its_change_alone():
    written = [line(), line()]
    rows = rows_of(written)
    assert codes(read(written, rows[:3])) == [None, "malformed"]
    altered = rows[1].replace("演示".encode(), "改动".encode())
    assert codes(read(written, [rows[0], altered, *rows[2:]])) == ["malformed", None]


def test_private_lines_that_changed_places_are_the_faults_of_both_changes():
    (one, (first,)), (two, (second,)) = line(), line()
    written = [(one, (first,)), (two, (second,))]
    assert codes(read(written, [one, second, two, first])) == ["malformed", "malformed"]


def test_lines_that_the_manifest_does_not_commit_to_are_the_fault_of_the_whole_set():
    written = [line(), line(), line()]
    rows = rows_of(written)
    other = rows_of([line()])
    assert is_whole_fault(read(written, rows[:4])), "a change is missing"
    assert is_whole_fault(read(written, [])), "all are missing"
    assert is_whole_fault(read(written, [*rows, *other])), "a change too many"
    assert is_whole_fault(read(written, [*rows[2:4], *rows[:2], *rows[4:]])), "another order"
    assert is_whole_fault(read(written, [rows[0].replace(b":7", b":8"), *rows[1:]])), "an altered line"
    assert is_whole_fault(read(written, count=2)), "another count"
    assert is_whole_fault(read(written, root="0" * 64)), "another root"


def test_a_whole_fault_keeps_every_byte_of_the_text():
    written = [line(), line()]
    (item,) = read(written, root="0" * 64)
    assert item.line == b"\n".join(rows_of(written))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
        ({"seq": 0}, "seq"),
        ({"seq": "1"}, "seq"),
        ({"v": 2}, "v"),
        ({"origin": "ledger.test"}, "origin"),
        ({"origin": "Ledger.test/luan"}, "origin"),
        ({"device": "x"}, "device"),
        ({"prev": "0" * 63}, "prev"),
        ({"root": "Z" * 64}, "root"),
        ({"app": "two words"}, "app"),
        ({"schema": 0}, "schema"),
        ({"ledger_key": None}, "ledger_key"),
        ({"made_at": -1}, "made_at"),
        ({"seen": {"epoch": "x", "size": 1, "root": "0" * 64}}, "seen.epoch"),
        ({"seen": {}}, "seen.epoch"),
        ({"remark": 1}, "remark"),
    ],
)
def test_a_manifest_of_another_form_is_refused(changed, field):
    assert read_manifest(signed([line()])).seq == 1
    with pytest.raises(Malformed) as refusal:
        read_manifest(signed([line()], **changed))
    assert refusal.value.field == field


def test_a_thousand_changes_are_a_set_and_one_more_is_none():
    one = line()
    assert len(read([one] * 1000)) == 1000
    assert codes(read([one] * 1001)) == ["too_large"]


def test_more_lines_than_any_set_can_have_are_not_even_grouped():
    assert codes(read([line()], [b"{}"] * 3_001)) == ["too_large"]
    assert is_whole_fault(read([line()], [b"{}"] * 3_000))


@pytest.mark.parametrize("clock", [0, 4_102_444_800_001, 2**53 - 1])
def test_no_clock_makes_a_manifest_unreadable(clock):
    assert read_manifest(signed([line()], made_at=clock)).made_at == clock


@pytest.mark.parametrize("spoilt", [b"{", b"\xff", b"x" * (64 * 1024 + 1), b"{}", b"[]"])
def test_a_private_line_in_which_nothing_can_be_read_is_the_fault_of_its_change_alone(spoilt):
    written = [line(), line(), line()]
    rows = rows_of(written)
    assert codes(read(written, [*rows[:3], spoilt, *rows[4:]])) == [None, "malformed", None]


def test_an_unreadable_line_where_no_private_line_is_awaited_is_the_whole_sets_fault():
    written = [line(), line()]
    assert is_whole_fault(read(written, [*rows_of(written), b"{"]))


def test_a_body_without_its_last_lf_or_with_an_empty_line_is_one_faulty_item():
    written = [line()]
    body = b"\n".join(rows_of(written)) + b"\n"
    manifest = read_manifest(signed(written))
    assert codes(read_body(manifest, body)) == [None]
    for spoilt in (body[:-1], body + b"\n", body.replace(b"\n", b"\r\n"), b"\n" + body):
        (item,) = read_body(manifest, spoilt)
        assert (item.change, item.line) == (None, spoilt)
        assert item.fault.code == "malformed"


def test_a_change_that_does_not_fit_its_declaration_waits_under_a_newer_schema_alone():
    written = [line(-1), line()]
    assert [item.fault.waiting_for for item in read(written) if item.fault] == [None]
    newer = read(written, schema=SCHEMA_VERSION + 1)
    assert [item.fault and item.fault.waiting_for for item in newer] == ["schema:2", None]


def test_a_line_that_breaks_the_wire_is_refused_under_a_newer_schema_too():
    written = [(b"{", ()), line()]
    assert [item.fault and item.fault.waiting_for for item in read(written, schema=2)] == [None, None]
    assert codes(read(written, schema=2)) == ["not_canonical", None]


def test_a_manifest_that_is_signed_as_something_else_is_refused():
    token = signing.sign(KEY, signing.PROOF, payload([line()]), kid=DEVICE)
    with pytest.raises(BadSignature):
        read_manifest(token)


@pytest.mark.parametrize("jws", ["", ".", "..", "a.b.c", "é.é.é", "{}", "e30.e30.e30"])
def test_what_is_no_jws_is_no_manifest(jws):
    with pytest.raises(BadSignature):
        read_manifest(jws)


def test_a_manifest_that_is_not_canonical_is_refused():
    head, _, signature = signed([line()]).split(".")
    loose = lines.b64u(json.dumps(payload([line()])).encode())
    with pytest.raises(BadSignature):
        read_manifest(f"{head}.{loose}.{signature}")


def test_a_text_is_split_into_its_manifest_and_its_lines():
    written = [line(), line()]
    jws = signed(written)
    assert changes.split_text(changes.text_of(jws, written)) == (jws, rows_of(written))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: text[:-1], id="no final LF"),
        pytest.param(lambda text: text + b"\n", id="an empty line at the end"),
        pytest.param(lambda text: b"\n" + text, id="an empty line at the start"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="CR LF"),
        pytest.param(lambda text: text.replace(b"\n", b"\n\n", 1), id="an empty line inside"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="BOM"),
        pytest.param(lambda text: b"\xff" + text, id="a first line that is not ASCII"),
        pytest.param(lambda text: b"", id="nothing"),
        pytest.param(lambda text: b"\n", id="one LF"),
    ],
)
def test_a_text_that_is_not_made_of_lines_is_refused_whole(spoil):
    written = [line()]
    with pytest.raises(Malformed):
        changes.split_text(spoil(changes.text_of(signed(written), written)))


def test_the_items_of_a_manifest_are_read_without_raising_whatever_stands_in_the_lines():
    manifest = read_manifest(signed([line()]))
    for rows in ([b"\x00"], [b"{}"], [b'{"kind":1}'], [b'{"kind":"person","op":1}'], [b"\xff" * 10]):
        assert is_whole_fault(read_items(manifest, rows))
