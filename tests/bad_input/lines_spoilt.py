"""One change at fault among sound ones: it is refused or held, they come into force, the chain goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from schemas.drafting import Draft
from sync import lines
from sync.changes import CHANGES_MAX, At
from sync.lines import LINE_BYTES_MAX
from tests.bad_input.case import APPLIED, Case, Do, one_of_three
from tests.bad_input.scene import Scene
from tests.bad_input.spoiling import (
    GONE,
    Spoil,
    behind,
    body,
    line,
    member,
    private,
    private_body,
    replaced,
    second_of_three,
    sound,
    value,
)
from tests.server.pushing import Line

SALT = lines.b64u(bytes(16))
AMOUNT, CODE_WORD = b'"amount_fen":120000', b'"violation_code":"bed_hanging"'


def refused(sent: str, spoil: Spoil, code: str, field: str = "", *, postgres: bool = False) -> Case:
    """Return the case of one spoilt change among three."""
    return Case(
        sent,
        second_of_three(spoil),
        entries=one_of_three(f"refused {code}"),
        field=field,
        kept=code,
        twin=sound(3),
        postgres=postgres,
    )


def amount(written: bytes) -> Spoil:
    """Write the amount otherwise."""
    return replaced(AMOUNT, b'"amount_fen":' + written)


def facts(written: bytes) -> Spoil:
    """Write the facts, in the private line, otherwise."""
    told = "演示数据：三号床无人".encode()
    return private(lambda text: text.replace(told, written))


def flipped(spoil: Callable[[bytes], bytes]) -> Spoil:
    """Spoil the private line behind a change that commits to what it was."""
    return behind(lambda private_lines: tuple(spoil(text) for text in private_lines))


def with_private(kinds: tuple[str, ...], **of_change: Any) -> Spoil:
    """Give the change a private line of each of these kinds, and commit to them."""

    def do(written: Line) -> Line:
        told = lines.decode(written[1][0])
        made = tuple(lines.encode(told | {"kind": kind, "salt": lines.b64u(bytes([n] * 16))})
                     for n, kind in enumerate(kinds))  # fmt: skip
        found = lines.decode(written[0]) | {"private": [lines.digest(text) for text in made], **of_change}
        return lines.encode(found), made

    return do


# -- lengths ------------------------------------------------------------------------------------------


def long_round(longer: int) -> Do:
    """Send a ward round that names many wards: a change line of 64 KiB and `longer`."""

    def do(scene: Scene) -> Any:
        values = {"inspection": scene.city.inspection, "mode": "bedside", "trigger": "plan"}
        bare = Draft("create", "ward_round", scene.city.id(), values, add={"wards": ["W"]})
        room = LINE_BYTES_MAX - len(scene.lines(bare)[0][0])
        whole = replace(bare, add={"wards": words("W", room, 63)})
        first, (text, private_lines) = scene.lines(scene.city.finding(), whole)
        assert len(text) == LINE_BYTES_MAX
        text = text.replace(b'"W",', b'"W' + b"x" * longer + b'",')
        return scene.put_lines([first, (text, private_lines)])

    return do


def many_persons(longer: int) -> Do:
    """Send a finding that names many persons: a private line of 64 KiB and `longer`."""

    def do(scene: Scene) -> Any:
        bare = replace(scene.city.finding(), add={"persons": ["P"]})
        room = LINE_BYTES_MAX - len(scene.lines(bare)[0][1][0])
        whole = replace(bare, add={"persons": words("P", room, 100)})
        first, second = scene.lines(scene.city.finding(), whole)
        assert len(second[1][0]) == LINE_BYTES_MAX
        more = private(lambda text: text.replace(b'"P",', b'"P' + b"x" * longer + b'",'))
        return scene.put_lines([first, more(second)])

    return do


def words(letter: str, more: int, chars_max: int) -> list[str]:
    """Return different words, the first of them one letter, that take `more` bytes beyond that letter."""
    found = [letter]
    while more > 0:
        room = min(chars_max, more - 3)
        if 0 < more - 3 - room < 13:
            room -= 13
        found.append(f"{letter}{len(found):05d}".ljust(room, "x"))
        more -= room + 3
    assert len(set(found)) == len(found)
    return found


# -- clocks -------------------------------------------------------------------------------------------


def at_time(wall: int) -> Do:
    """Send a finding that was captured, as the phone's clock says, at a time."""
    return lambda scene: scene.put_drafts(scene.city.finding(), at=At(wall=wall, mono=5, session="t"))


def held(sent: str, spoil: Spoil, entry: str, **more: Any) -> Case:
    """Return the case of a change that waits."""
    return Case(sent, second_of_three(spoil), entries=one_of_three(entry), **more)


def newer(spoil: Spoil) -> Do:
    """Send three findings of which the second is of an app that knows more than this server."""

    def do(scene: Scene) -> Any:
        written = scene.lines(*(scene.city.finding() for _ in range(3)))
        written[1] = spoil(written[1])
        return scene.put_lines(written, schema=999)

    return do


def unknown_type(scene: Scene) -> Any:
    """Send a change of a type that nobody declared."""
    written = scene.lines(scene.city.finding(), scene.city.finding(), scene.city.finding())
    odd = body(lambda found: found | {"type": "star_chart", "set": {"anything": [[1]]}, "private": GONE})
    written[1] = (odd(written[1])[0], ())
    return scene.put_lines(written)


BYTES = (
    refused("a change line cut short", line(lambda text: text[:-1]), "not_canonical", postgres=True),
    refused("a change line that is no JSON", line(lambda text: b"\x00"), "not_canonical", postgres=True),
    refused("a change line that is a list", line(lambda text: b"[1]"), "not_canonical"),
    refused("a blank in a line", replaced(b'{"', b'{ "'), "not_canonical"),
    refused("a float", amount(b"120000.0"), "not_canonical"),
    refused("an exponent", amount(b"12e4"), "not_canonical"),
    refused("minus nought", amount(b"-0"), "not_canonical"),
    refused("`NaN`", amount(b"NaN"), "not_canonical"),
    refused("`Infinity`", amount(b"Infinity"), "not_canonical"),
    refused("the integer 2^53", amount(b"9007199254740992"), "not_canonical"),
    refused("an integer of 5,000 digits", amount(b"9" * 5_000), "not_canonical"),
    refused("a member twice", replaced(AMOUNT, AMOUNT + b"," + AMOUNT), "not_canonical"),
    refused("members in another order", replaced(b'{"at":', b'{"zz":1,"at":'), "not_canonical"),
    refused("a lone surrogate, escaped", replaced(CODE_WORD, rb'"violation_code":"\ud800"'), "not_canonical"),
    refused("a lone surrogate, as bytes", replaced(b'"bed_hanging"', b'"\xed\xa0\x80"'), "not_canonical"),
    refused("bytes that are no UTF-8", replaced(b'"bed_hanging"', b'"\xff"'), "not_canonical", postgres=True),
    refused("a letter escaped without need", replaced(b'"bed_hanging"', rb'"\u0062ed_hanging"'),
            "not_canonical"),
    refused("nesting 17 deep", replaced(AMOUNT, b'"amount_fen":' + b"[" * 16 + b"]" * 16), "not_canonical"),
    refused("nesting 30,000 deep", replaced(AMOUNT, b'"amount_fen":' + b"[" * 30_000 + b"]" * 30_000),
            "not_canonical"),
    refused("a key that is not ASCII", replaced(b'"amount_fen"', '"金额"'.encode()), "not_canonical"),
    Case("a change line of 64 KiB + 1", long_round(1),
         entries=(APPLIED, "refused too_large"), kept="too_large", twin=long_round(0),
         postgres=True),
    Case("a private line of 64 KiB + 1", many_persons(1),
         entries=(APPLIED, "refused too_large"), kept="too_large", twin=many_persons(0)),
)  # fmt: skip

MEMBERS = (
    refused("a member that there is not", member(remark=1), "malformed", "remark"),
    refused("a member that is missing", member(base=GONE), "malformed", "base"),
    refused("a member that is null", member(tx=None), "malformed", "tx"),
    refused("an empty member", member(over=[]), "malformed", "over"),
    refused("an `op` that there is not", member(op="erase"), "malformed", "op"),
    refused("an id in capitals", member(id="0190AAAA-0000-7000-8000-000000000000"), "malformed", "id"),
    refused("a record that is no UUID", member(record="bed 12"), "malformed", "record"),
    refused("a salt of another length", member(salt="AAAA"), "malformed", "salt"),
    refused("a base that is no pair", member(base=["0" * 32]), "malformed", "base"),
    refused("a clock that is a text", member(at={"wall": "1", "mono": 0, "session": "t"}), "malformed",
            "at.wall"),
    refused("a clock before 1970", member(at={"wall": -1, "mono": 0, "session": "t"}), "malformed", "at.wall"),
    refused("65 fields", member(set={f"f{n}": 1 for n in range(65)}), "malformed", "set"),
    refused("1,001 values of a field", member(add={"evidence": ["x"] * (CHANGES_MAX + 1)}), "malformed",
            "add.evidence.value"),
    refused("an unknown field", value(amount_yuan=1), "unknown_field", "amount_yuan", postgres=True),
    refused("a word that is not among a field's", value(origin="by_chance"), "bad_value",
            "origin"),
    refused("a negative amount", value(amount_fen=-1), "bad_value", "amount_fen"),
    refused("an amount as a text", value(amount_fen="120000"), "bad_value", "amount_fen"),
    refused("an amount that is true", value(amount_fen=True), "bad_value", "amount_fen"),
    refused("an amount that is null", value(amount_fen=None), "malformed", "set.amount_fen.value"),
    refused("a day that there is not", value(heard_on="2026-02-30"), "bad_value", "heard_on"),
    refused("a code of another form", value(legal_basis="two words"), "bad_code", "legal_basis"),
    refused("a set-field that is set", value(evidence=["0" * 36]), "bad_value", "evidence"),
    refused("a field that is added to", member(add={"amount_fen": [1]}), "bad_value", "amount_fen"),
    refused("a private field in the change line", value(facts="演示数据"), "bad_value", "facts"),
    refused("a create that lacks what it needs",
            body(lambda found: found | {"set": {"violation_code": "bed_hanging"}}), "bad_value", "inspection"),
    refused("a `void` that sets something", member(op="void"), "bad_value", "amount_fen"),
    refused("a `resolve` that names nothing", member(op="resolve"), "bad_value", "over"),
    refused("an edit that names what it replaces",
            member(op="edit", over=["01900000-0000-7000-8000-000000000000"]), "bad_value", "over"),
    refused("one value added and removed", private_body(lambda found: found | {"remove": found["add"]}),
            "bad_value", "persons"),
)  # fmt: skip

PRIVATE = (
    refused("a private line missing", behind(lambda found: ()), "malformed", "private"),
    refused("a private line too many", behind(lambda found: (*found, *found)), "malformed", "private"),
    refused("a private line altered", flipped(lambda text: text.replace("三".encode(), "四".encode())),
            "malformed", "private", postgres=True),
    refused("a private line with one bit flipped", flipped(lambda text: bytes([text[0] ^ 1]) + text[1:]),
            "malformed", "private"),
    refused("a private line cut short", flipped(lambda text: text[:-2]), "malformed", "private"),
    refused("a private line that is no JSON, and committed to", private(lambda text: b"{"), "not_canonical"),
    refused("a lone surrogate in a private line", facts(rb"\ud800"), "not_canonical"),
    refused("a private line of a kind that there is not", private_body(lambda found: found | {"kind": "x"}),
            "malformed", "kind"),
    refused("a private line with a member that there is not", private_body(lambda found: found | {"x": 1}),
            "malformed", "x"),
    refused("two private lines of one kind", with_private(("person", "person")), "malformed", "private"),
    refused("three private lines", with_private(("person", "file_key", "person")), "malformed", "private"),
    refused("a person's field among the file keys", with_private(("file_key",)), "bad_value", "facts"),
    refused("an unknown field in a private line",
            private_body(lambda found: found | {"set": {**found["set"], "nickname": "x"}}), "unknown_field",
            "nickname"),
)  # fmt: skip

WAITING = (
    Case("a type that is not known here", unknown_type, entries=one_of_three("held unknown_type"),
         note="it waits for `type:star_chart`", postgres=True),
    Case("an unknown field under a newer `schema`", newer(value(amount_yuan=1)),
         entries=one_of_three("held unknown_field"), field="amount_yuan", kept="unknown_field",
         twin=newer(lambda written: written), note="it waits for `schema:999`", postgres=True),
    Case("an unknown word under a newer `schema`", newer(value(origin="by_chance")),
         entries=one_of_three("held bad_value"), field="origin", kept="bad_value",
         note="it waits for `schema:999`"),
)  # fmt: skip

CLOCKS = (
    Case("a capture in 1970", at_time(0), entries=(APPLIED,), note="without an anchor the interval says so"),
    Case("a capture in 2099", at_time(4_070_908_800_000), entries=(APPLIED,), note="as above"),
)  # fmt: skip
CASES = BYTES + MEMBERS + PRIVATE + WAITING + CLOCKS
