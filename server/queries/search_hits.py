"""What was found, as rows: named, with where it lies and which page shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemas import regions
from schemas.records import TYPES
from schemas.records.finding import VIOLATIONS
from server.console.pages import Officer
from server.console.pages.search import Hit, HitGroup
from server.console.register_marks import NOUNS, OWN_PAGES
from server.projections.searching import found_by, plain
from server.queries import people
from server.queries.reading import Reading
from server.queries.record_cells import places, title
from server.queries.record_values import shown
from server.queries.records import has_register
from server.storage import ledger_store
from sync import entries as ledger_entries
from sync.merge import VOIDED, Record

LEDGER = "ledger"
INDEX_DIGITS_MAX = 15


def words_of(record: Record) -> frozenset[str]:
    """Return the public words by which a record is found."""
    return found_by(record).words


def codes_called(word: str) -> frozenset[str]:
    """Return the codes of violations in whose name a plain word stands."""
    return frozenset(code for code, words in VIOLATIONS.items() if any(word in plain(each) for each in words))


def hits(reading: Reading, records: Sequence[Record]) -> tuple[Hit, ...]:
    """Return records as hits, however many in the same few queries."""
    lying = places(reading, records)
    users = people.officers(reading, [each.values.get("user") for each in records if each.type == "device"])
    return tuple(
        _hit(reading, each, lying[each.root].words if each.root in lying else "", users) for each in records
    )


def _hit(reading: Reading, record: Record, place: str, users: Mapping[str, Officer]) -> Hit:
    endpoint, query = _page_of(record)
    name, detail = _words(reading, record, place, users)
    return Hit(
        kind=record.type,
        id=record.id,
        title=name,
        detail=detail if detail != name else "",
        stage=str(record.stage or ""),
        endpoint=endpoint,
        query=query,
    )


def _page_of(record: Record) -> tuple[str, dict[str, str]]:
    """Return the endpoint of the page that shows a record, and what its address is filled with."""
    if record.type == "institution":
        return "console.institution", {"id": record.id}
    if record.type in OWN_PAGES:
        return OWN_PAGES[record.type], {"id": record.id}
    if record.type in NOUNS and record.life != VOIDED:
        return "console.one_course", {"noun": NOUNS[record.type], "id": record.id}
    if has_register(TYPES[record.type]):
        return "console.record", {"kind": record.type, "id": record.id}
    return "", {}


def _words(reading: Reading, record: Record, place: str, users: Mapping[str, Officer]) -> tuple[str, str]:
    """Return a title, and what stands beside it."""
    tell = _TELLING.get(record.type)
    if tell is not None:
        return tell(reading, record, place)
    if record.type == "device":
        return f"…{record.id[-12:]}", users.get(str(record.values.get("user")), people.NOBODY).name
    return title(TYPES[record.type], record, reading.locale, place), place


def _institution(reading: Reading, record: Record, _place: str) -> tuple[str, str]:
    region = regions.name(str(record.values["region"]), reading.locale)
    return people.institution(record).name, f"{record.values['fixmedins_code']} · {region}"


def _user(reading: Reading, record: Record, _place: str) -> tuple[str, str]:
    known = people.officer(record, reading.locale)
    return known.name, " · ".join(filter(None, (known.unit, known.certificate)))


def _encounter(reading: Reading, record: Record, place: str) -> tuple[str, str]:
    values = record.values
    seen = shown(TYPES["encounter"], values)
    bed = (
        f"{values['ward']} {values['bed']} 床"
        if reading.locale == "zh_CN"
        else f"{values['ward']} {values['bed']}"
    )
    who = " ".join(str(seen[name]) for name in ("name", "person_no") if seen.get(name))
    return who or str(values["mdtrt_id"]), " · ".join(filter(None, (place, bed, str(values["admitted_on"]))))


def _case(_reading: Reading, record: Record, place: str) -> tuple[str, str]:
    return str(record.values.get("number") or place), place


def _finding(reading: Reading, record: Record, place: str) -> tuple[str, str]:
    code = str(record.values["violation_code"])
    return VIOLATIONS.get(code, (code, code))[0 if reading.locale == "zh_CN" else 1], place


def _evidence(reading: Reading, record: Record, place: str) -> tuple[str, str]:
    return title(TYPES["evidence"], record, reading.locale), f"{place} · {str(record.values['digest'])[:16]}"


def _inspection(reading: Reading, record: Record, place: str) -> tuple[str, str]:
    words = title(TYPES["inspection"], record, reading.locale)
    return place or record.id, f"{words} {record.values['planned_on']}"


_TELLING: Mapping[str, Callable[[Reading, Record, str], tuple[str, str]]] = {
    "institution": _institution,
    "user": _user,
    "encounter": _encounter,
    "rectification_case": _case,
    "finding": _finding,
    "evidence": _evidence,
    "inspection": _inspection,
}


def entries(reading: Reading, word: str) -> HitGroup | None:
    """Return the entry of the ledger at a place that was asked for, None where there is none."""
    if not word.isascii() or not word.isdecimal() or len(word) > INDEX_DIGITS_MAX:
        return None
    line = ledger_store.lines_at(reading.connection, reading.services.ledger.id, [int(word)]).get(int(word))
    if line is None:
        return None
    entry = ledger_entries.from_line(line)
    words = TYPES.get(entry.type or "")
    kind = (words.zh if reading.locale == "zh_CN" else words.en) if words else entry.kind
    found = Hit(
        kind="entry",
        id=str(int(word)),
        title=str(int(word)),
        detail=kind,
        endpoint="console.entry",
        query={"index": str(int(word))},
    )
    return HitGroup(name=LEDGER, total=1, over=False, hits=(found,))
