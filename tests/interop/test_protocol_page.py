"""docs/protocol.md says what the code does, word for word: nothing is missing on it, nothing on it is invented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from schemas import upcasts
from schemas.catalogues import content as catalogues
from schemas.wire import change as wire_change
from schemas.wire import change_set, enrol, feed, keys
from schemas.wire.change import FIELDS_MAX, MEMBERS_MAX, OVER_MAX
from server.accounts.invites import INVITE_MS
from server.intake import feed as served_feed
from server.intake import uploads
from server.outside import views as witness
from server.problems import body_of, status_of
from sync import (
    capture_time,
    changes,
    entries,
    envelope,
    errors,
    frames,
    lines,
    outcomes,
    receipt,
    rules,
    signing,
)
from sync.errors import every_refusal
from tests.house.rooms import ROOT, sources
from tests.interop import page
from tests.interop.node import PWA, run

MIB = 1024 * 1024
DESK_HEADING = "Only at the server's own desk and command line:"
WIRE = ("server/intake", "server/ledger", "server/problems.py", "schemas/catalogues/content.py")


def wire_sources() -> str:
    """Return the code that speaks HTTP with phones."""
    paths = [
        path
        for place in WIRE
        for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).glob("*.py"))
    ]
    return "\n".join(path.read_text("utf-8") for path in sorted(paths))


def both_ways(in_code: Iterable[str], on_page: Iterable[str], what: str) -> None:
    code, written = set(in_code), set(on_page)
    assert code, f"no {what} was found in the code"
    assert code == written, (
        f"{what}: not on the page {sorted(code - written)}, only there {sorted(written - code)}"
    )


# -- codes -------------------------------------------------------------------------------------------------


def code_tables() -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of the table for phones, and of the one for the desk."""
    phones, _, desk = page.section("Verdict codes and problems").partition(DESK_HEADING)
    assert desk, "the table of the desk's codes is missing"
    return page.rows(phones), page.rows(desk)


def declared_codes() -> set[str]:
    """Return every code that a Refusal of the house is declared with."""
    declared = re.compile(r'^    code(?:: ClassVar\[str\])? = "(\w+)"$', re.MULTILINE)
    found = {
        code
        for path in sources(".py", rooms=("sync", "schemas", "server"))
        for code in declared.findall(path.read_text("utf-8"))
    }
    assert found >= every_refusal().keys() - {""}
    return found


def test_every_code_stands_on_the_page_and_every_code_there_exists() -> None:
    phones, desk = code_tables()
    written = [code for row in phones for code in page.spans(row[0])]
    written += [code for row in desk for code in page.spans(row[0])]
    assert len(written) == len(set(written)), "a code stands twice"
    both_ways(declared_codes(), written, "codes")


def test_the_size_that_a_witness_knows_is_told_in_the_type_that_the_page_names() -> None:
    assert witness.SIZE_TYPE in page.spans(page.section("14. Timestamps and witnesses"))


def test_the_status_of_every_code_is_the_one_that_the_server_answers() -> None:
    phones, _ = code_tables()
    told = {page.spans(row[0])[0]: int(row[1]) for row in phones}
    assert told == {code: status_of(every_refusal()[code]()) for code in told}


def test_what_to_do_about_a_code_is_what_the_server_says() -> None:
    phones, _ = code_tables()
    told = {page.spans(row[0])[0]: row[3] for row in phones}
    assert told == {code: every_refusal()[code].next for code in told}


def test_a_problem_has_the_members_that_the_page_names() -> None:
    about = page.section("Verdict codes and problems").strip().partition("\n")[0]
    named = page.names(about.partition(" with ")[2])
    assert set(named) == set(body_of(errors.Malformed("x", item="i", field="f")))


# -- words on the wire ----------------------------------------------------------------------------------------


def test_every_media_type_stands_on_the_page_and_every_one_there_exists() -> None:
    media = re.compile(r"\bapplication/[a-z0-9.+-]*[a-z0-9]")
    both_ways(media.findall(wire_sources()), media.findall(page.text()), "media types")


def test_every_header_stands_on_the_page_and_every_one_there_exists() -> None:
    header = re.compile(r"\b(?:Wardledger|Upload|Tus)-[A-Z][a-z]+(?:-[A-Z][a-z]+)*\b")
    both_ways(header.findall(wire_sources()), header.findall(page.text()), "headers")


def test_every_address_stands_on_the_page_and_every_one_there_exists() -> None:
    route = re.compile(r"""@blueprint\.(\w+)\(\s*"([^"]+)"(?:, methods=\["(\w+)"\])?""")
    found = set()
    for module, prefix in (("server/intake", "/v1"), ("server/ledger", "/ledger"), ("server/outside", "")):
        for path in sorted((ROOT / module).glob("*.py")):
            text = path.read_text("utf-8")
            for verb, rest, method in route.findall(text):
                found.add(f"{method or verb.upper()} {prefix}{rest}")
    cells = [row[0] for row in page.rows(page.section("11. As served today"))]
    written = {span for cell in cells for span in page.spans(cell) if span not in BESIDE_ADDRESSES}
    both_ways(
        {plain(one) for one in found}, {one for address in written for one in spelled(address)}, "addresses"
    )


METHODS = ("HEAD", "PATCH", "DELETE", "POST", "OPTIONS")
BESIDE_ADDRESSES = ("Location", "X-HTTP-Method-Override")


def plain(address: str) -> str:
    """Return a route as the page writes addresses."""
    known = {
        "GET /ledger/tile/<level>/<path:number>": "GET /ledger/tile/...",
        "GET /ledger/tile/entries/<path:number>": "GET /ledger/tile/...",
    }
    address = re.sub(r"^(\w+) /v1/files/uploads/<secret>$", r"\1", address)
    return known.get(address, address).replace("/v1/files/<digest>", "/v1/files/<cipher digest>")


def spelled(address: str) -> list[str]:
    """Return an address of the page with its method; the queries are told apart elsewhere."""
    bare = address.partition("?")[0]
    return [bare if " " in bare or bare in METHODS else f"GET {bare}"]


def test_every_typ_stands_on_the_page_and_every_one_there_exists() -> None:
    in_code = {
        value for name, value in vars(signing).items() if name.isupper() and str(value).startswith("wl-")
    }
    both_ways(in_code, re.findall(r"\bwl-[a-z]+\b", page.text()), "typs")


def test_every_info_string_stands_on_the_page_and_every_one_there_exists() -> None:
    info = re.compile(r"\bwardledger/1 [a-z][a-z -]*[a-z]")
    text = "\n".join(path.read_text("utf-8") for path in sources(".py", rooms=("sync",)))
    both_ways(info.findall(text), info.findall(page.text()), "info strings")


def test_every_op_stands_on_the_page() -> None:
    sentence = re.search(r"`op` \(([^)]*)\)", page.paragraph("**Change**"))
    assert sentence
    assert tuple(page.spans(sentence[1])) == changes.OPS


def test_every_verdict_stands_on_the_page_gravest_first() -> None:
    table = page.section("3. What the server answers").partition("| Verdict |")[2]
    assert tuple(page.spans(row[0])[0] for row in page.rows(f"| Verdict |{table}")) == outcomes.GRAVEST_FIRST


def test_every_kind_of_entry_stands_on_the_page() -> None:
    sentence = re.search(r"`kind` \(([^)]*)\)", page.paragraph("Entry (the Merkle leaf)"))
    assert sentence
    assert tuple(page.spans(sentence[1])) == entries.KINDS


def test_every_flag_of_an_outcome_stands_on_the_page() -> None:
    flags = re.search(r"`flags` \[([^\]]*)\]", page.paragraph("**Entry, to the byte**"))
    assert flags
    known = (
        outcomes.REPEATED,
        outcomes.GRANTED_SINCE,
        outcomes.VOID_DISPUTED,
        outcomes.DUPLICATE,
        outcomes.ADOPTED,
        outcomes.UNSIGNED,
    )
    both_ways(known, page.spans(flags[1]), "flags")


def test_every_flag_of_a_capture_time_stands_on_the_page() -> None:
    text = (ROOT / "sync/capture_time.py").read_text("utf-8")
    in_code = set(re.findall(r'"((?:no|clock)_\w+|restarted)"', text))
    both_ways(
        in_code,
        {word for word in page.spans(page.paragraph("**The interval**")) if word in in_code or "_" in word},
        "flags",
    )


def test_every_merge_rule_stands_on_the_page() -> None:
    bullets = re.findall(r"^- (.*)$", page.section("4. The merge rule"), re.MULTILINE)
    written = [word for bullet in bullets for word in re.findall(r"(?:^|\. )`(\w+)`(?= \(|:)", bullet)]
    both_ways(rules.MERGES, written, "merge rules")


def test_the_words_for_an_app_and_for_a_kem_stand_on_the_page() -> None:
    assert set(page.spans(page.paragraph("`GET /v1/keys`"))) >= set(keys.APP_WORDS)
    assert set(page.spans(page.paragraph("**HPKE, to the byte**"))) >= set(envelope.KEMS)


# -- members of the messages ------------------------------------------------------------------------------------


def members(schema: Any) -> set[str]:
    """Return the names under which a schema's members travel."""
    return {field.data_key or name for name, field in schema.fields.items()}


def row_of(start: str, answer: bool) -> str:
    """Return the cell of the request whose address begins so: what it carries, or what it is answered."""
    found = [
        row
        for row in page.rows(page.section("11. As served today"))
        if page.spans(row[0])[0].startswith(start)
    ]
    assert len(found) == 1, f"{start}: {len(found)} rows"
    return found[0][2 if answer else 1].rpartition(": ")[2]


def manifest_part() -> str:
    return page.text().partition("**Manifest**")[2].partition("\nChain and")[0]


def page_part() -> str:
    return page.paragraph("**Feed page**").partition("An item:")[0]


def item_part() -> str:
    return page.paragraph("**Feed page**").partition("An item:")[2].partition("Positions")[0]


RECEIPT = {
    "v", "origin", "device", "seq", "set", "first", "last", "entries", "range", "checkpoint", "seen", "from_seen",
    "to_checkpoint",
}  # fmt: skip
MESSAGES: dict[str, tuple[Callable[[], str], set[str]]] = {
    "manifest": (manifest_part, members(change_set.MANIFEST)),
    "key list": (lambda: row_of("GET /v1/keys", answer=True), members(keys.KEY_LIST)),
    "enrolment": (lambda: row_of("POST /v1/devices", answer=False), members(enrol.ENROL)),
    "enrolled": (lambda: row_of("POST /v1/devices", answer=True), members(enrol.ENROLLED)),
    "receipt": (lambda: page.paragraph("**Receipt**: `v").partition("; hashes")[0], RECEIPT),
    "feed page": (page_part, members(feed.FEED)),
    "feed item": (item_part, members(feed.ItemSchema())),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_the_members_that_the_page_names(name: str) -> None:
    part, in_code = MESSAGES[name]
    both_ways(in_code, page.names(re.sub(r"\([^()]*\)", "", part())), f"members of a {name}")


def test_a_private_line_has_the_members_that_the_page_names() -> None:
    form = page.paragraph("**Private lines**").partition("(`")[2].partition("`,")[0]
    both_ways(
        members(wire_change.PRIVATE),
        set(re.findall(r'"(\w+)"', form)) - set(changes.PRIVATE_KINDS),
        "members",
    )
    assert set(changes.PRIVATE_KINDS) <= set(re.findall(r'"(\w+)"', form))


def test_a_change_has_the_members_that_the_page_names() -> None:
    part = re.sub(r"\([^()]*\)", "", page.paragraph("**Change**"))
    named = [name for span in page.spans(part) for name in re.split(r"[/ ]", span)]
    both_ways(
        members(wire_change.CHANGE), [name for name in named if name != "resolve"], "members of a change"
    )


def test_an_anchor_has_the_members_that_the_page_names() -> None:
    form = page.paragraph("**The anchor, to the byte**").partition("`{")[2].partition("}`")[0]
    both_ways(members(wire_change.AnchorSchema()), re.findall(r'"(\w+)"', form), "members of an anchor")


def test_an_entry_has_the_members_that_the_page_names() -> None:
    part = page.paragraph("Entry (the Merkle leaf)").partition("65,535:")[2].partition("No personal data")[0]
    named = {*page.spans(re.sub(r"\([^()]*\)", "", part)), "addressed", "late", "branch", "schema"}
    told = page.paragraph("**Entry, to the byte**")
    assert "`addressed`" in told
    assert "`late`" in told
    assert "`branch`" in told
    assert "`schema`" in told
    both_ways({"v", *(field.name for field in fields(entries.Entry))}, named, "members of an entry")


def test_an_outcome_has_the_members_that_the_page_names() -> None:
    part = page.paragraph("**Entry, to the byte**").partition("`outcome` is")[2]
    named = page.spans(re.sub(r"\[[^\]]*\]", "", part))
    in_code = {field.name for field in fields(outcomes.Outcome)}
    both_ways(in_code, {word.strip('{}"') for word in named}, "members of an outcome")


# -- limits ---------------------------------------------------------------------------------------------------


def sized(count: int) -> str:
    """Return a number of bytes as the page writes it."""
    return f"{count // MIB} MiB" if count % MIB == 0 else f"{count // 1024} KiB"


LIMITS: dict[str, str] = {
    "sealed change-set": sized(changes.SEALED_BYTES_MAX),
    "text of a change-set, inflated": sized(changes.TEXT_BYTES_MAX),
    "changes in a set": f"1 to {changes.CHANGES_MAX:,}",
    "a line": sized(lines.LINE_BYTES_MAX),
    "private lines of a change": f"{changes.PRIVATE_LINES_MAX}, one of a kind",
    "members of `set`, `add`, `remove` each": f"{FIELDS_MAX} fields, {MEMBERS_MAX:,} values a field",
    "change ids in `over`": f"1 to {OVER_MAX}",
    "nesting of JSON": str(lines.DEPTH_MAX),
    "an entry": f"{entries.ENTRY_BYTES_MAX:,} bytes",
    "a feed page": f"{served_feed.LIMIT_MAX} records",
    "a catalogue that phones carry": f"{sized(catalogues.CARRIED_BYTES_MAX)}, {catalogues.CARRIED_ROWS_MAX:,} rows",
    "a frame of a file": sized(frames.FRAME_BYTES),
    "a file (its cipher)": sized(uploads.FILE_BYTES_MAX),
    "an upload's life": f"{uploads.EXPIRES_DAYS} days",
    "an invite's life": f"{INVITE_MS // 60_000} minutes",
    "a proof's age, either way": f"{signing.PROOF_SECONDS_MAX // 60} minutes",
}


def test_every_limit_on_the_page_is_that_of_the_code() -> None:
    assert {row[0]: row[1] for row in page.rows(page.section("Limits"))} == LIMITS


def test_the_interval_s_figures_are_those_of_the_code() -> None:
    part = page.paragraph("**The interval**")
    for figure in (
        f"{capture_time.LATENCY_MS // 1000} s",
        f"{capture_time.DRIFT_PPM} ppm",
        f"{capture_time.JUMP_MS // 1000} s",
    ):
        assert figure in part


# -- the second implementation says the same --------------------------------------------------------------------


CONSTANTS: dict[str, Any] = {
    "lines.LINE_BYTES_MAX": lines.LINE_BYTES_MAX,
    "lines.DEPTH_MAX": lines.DEPTH_MAX,
    "lines.INTEGER_MAX": lines.INTEGER_MAX,
    "changes.OPS": list(changes.OPS),
    "changes.PRIVATE_KINDS": list(changes.PRIVATE_KINDS),
    "changes.CHANGES_MAX": changes.CHANGES_MAX,
    "changes.FIELDS_MAX": FIELDS_MAX,
    "changes.MEMBERS_MAX": MEMBERS_MAX,
    "changes.OVER_MAX": OVER_MAX,
    "entries.KINDS": list(entries.KINDS),
    "entries.VERDICTS": list(outcomes.GRAVEST_FIRST),
    "entries.NOT_IN_FORCE": sorted(outcomes.NOT_IN_FORCE),
    "entries.ENTRY_BYTES_MAX": entries.ENTRY_BYTES_MAX,
    "envelope.KEMS": list(envelope.KEMS),
    "envelope.PUBLIC_BYTES": dict(envelope.PUBLIC_BYTES),
    "envelope.SEALED_BYTES_MAX": changes.SEALED_BYTES_MAX,
    "envelope.TEXT_BYTES_MAX": changes.TEXT_BYTES_MAX,
    "envelope.FEED_BYTES_MAX": envelope.FEED_BYTES_MAX,
    "frames.FRAME_BYTES": frames.FRAME_BYTES,
    "captureTime.JUMP_MS": capture_time.JUMP_MS,
    "captureTime.LATENCY_MS": capture_time.LATENCY_MS,
    "captureTime.DRIFT_PPM": capture_time.DRIFT_PPM,
    "keys.APP_WORDS": list(keys.APP_WORDS),
    "manifest.SCHEMA_VERSION": upcasts.SCHEMA_VERSION,
    "signing.PROOF_SECONDS_MAX": signing.PROOF_SECONDS_MAX,
    **{f"signing.{name}": value for name, value in vars(signing).items() if str(value).startswith("wl-")},
}


@pytest.mark.slow
def test_the_javascript_knows_the_same_words_and_limits(tmp_path: Path) -> None:
    asked = json.dumps(sorted(CONSTANTS))
    script = tmp_path / "constants.mjs"
    script.write_text(
        f"import * as protocol from {json.dumps((PWA / 'protocol' / 'index.js').as_uri())};\n"
        f"const asked = {asked};\n"
        "const told = asked.map((name) => name.split('.').reduce((at, step) => at[step], protocol));\n"
        "console.log(JSON.stringify(Object.fromEntries(asked.map((name, n) => [name, told[n] ?? null]))));\n"
    )
    done = run([script])
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    told["entries.NOT_IN_FORCE"].sort()
    assert told == CONSTANTS


def test_every_code_that_the_javascript_raises_is_one_of_the_page() -> None:
    text = (PWA / "protocol" / "errors.js").read_text("utf-8")
    raised = set(re.findall(r"static code = '(\w+)'", text))
    assert len(raised) > 10
    assert raised <= {page.spans(row[0])[0] for row in code_tables()[0]}


# -- the test itself ----------------------------------------------------------------------------------------------


def test_a_table_is_read_without_its_head_and_a_list_without_its_brackets() -> None:
    assert page.rows("| A | B |\n|---|---|\n| `x` | 1 |\n") == [["`x`", "1"]]
    assert page.names("`a, b [{c, d}], e {f: g}` (words), `h_i [j]`") == ["a", "b", "e", "h_i"]
    with pytest.raises(AssertionError, match=r"not on the page \['b'\], only there \['c'\]"):
        both_ways(["a", "b"], ["a", "c"], "words")


def test_a_receipt_s_members_are_those_that_are_signed() -> None:
    made = receipt.Receipt("o", "d", 1, "m", 0, (), (), "n", 0, (), ())
    assert set(made.payload()) == RECEIPT
