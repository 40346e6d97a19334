"""Late changes and held ones in a reader's scope, and one of the late with what it would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.records import TYPES
from schemas.records.decision import REASONS
from server.access.duties import team_of
from server.access.may_see import READING_PERSONS
from server.casework import late_changes
from server.casework.late_changes import Late
from server.console.pages.frame import Chip
from server.console.pages.registers import Cell, Choice
from server.console.pages.waiting import Compared, LateChange, LatePage, WaitingPage
from server.queries import people
from server.queries.origins import origins
from server.queries.reading import TABLE, Reading, moment
from server.queries.record_cells import Known, cell, names, places
from server.queries.record_values import fields, shown_value
from server.queries.waiting_rows import count, page_of
from sync.erasure import is_erased
from sync.errors import NotFound
from sync.outcomes import HELD, LATE
from sync.rules import SUPERVISOR

PARTS = (("add", "add"), ("remove", "remove"))


def waiting_page(reading: Reading, *, state: str = LATE, after: str = "") -> WaitingPage:
    """Return a page of what waits of one verdict; after: `next` of the page before; raises BadValue."""
    shown = state if state in (LATE, HELD) else LATE
    counts = {verdict: count(reading, verdict) for verdict in (LATE, HELD)}
    rows, following = page_of(reading, shown, after=after)
    return WaitingPage(
        state=shown,
        chips=tuple(Chip(value=each, count=counts[each], active=each == shown) for each in (LATE, HELD)),
        rows=rows,
        next=following,
    )


# -- one late change -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What somebody just tried and was refused."""

    failed: str = ""
    reason: str = ""
    note: str = ""


NOTHING_TRIED = Tried()


def late_page(reading: Reading, index: int, tried: Tried = NOTHING_TRIED) -> LatePage:
    """Return a late change with its group, beside what the records say now; raises NotFound."""
    late = late_changes.look(reading.connection, reading.services, index)
    seen = _seen(reading, late)
    if not all(one.about is not None and one.about.id in seen for one in late):
        raise NotFound
    first = late[0]
    made = origins(reading, [one.held.row.index for one in late])
    ids = {one.held.change.record for one in late} | {one.about.id for one in late if one.about}
    known = Known(reading.locale, names(reading, ids | _refs(late)))
    at = 0 if reading.locale == "zh_CN" else 1
    root = first.root
    author = first.held.author.by
    return LatePage(
        index=index,
        author=people.officers(reading, [author])[author],
        device=f"…{first.held.row.device[-8:]}",
        received=moment(first.held.row.at),
        changes=tuple(_change(reading, one, made, known) for one in late),
        place=places(reading, [root]).get(root.root) if root is not None else None,
        root_stage=str(root.stage or "") if root is not None else "",
        reasons=tuple(Choice(value=code, words=words[at]) for code, words in REASONS.items()),
        blocked=_blocked(reading, late),
        failed=tried.failed,
        reason=tried.reason,
        note=tried.note,
    )


def _seen(reading: Reading, late: Sequence[Late]) -> set[str]:
    asked = sorted({one.about.id for one in late if one.about is not None})
    return {
        row.id for row in reading.connection.execute(reading.visible(*TYPES).where(TABLE.c.id.in_(asked)))
    }


def _refs(late: Sequence[Late]) -> set[str]:
    found: set[str] = set()
    for one in late:
        declared = fields(TYPES[one.held.change.type]) if one.held.change.type in TYPES else {}
        for name, (value, _) in one.held.change.sets().items():
            if name in declared and declared[name].kind == "id" and isinstance(value, str):
                found.add(value)
    return found


def _change(reading: Reading, one: Late, made: Mapping[int, Any], known: Known) -> LateChange:
    change = one.held.change
    declared = fields(TYPES[change.type]) if change.type in TYPES else {}
    record = one.about if one.about is not None and one.about.id == change.record else None
    may_read = one.about is not None and bool(reading.roles_over(one.about) & READING_PERSONS)
    lines = []
    for name, (value, kept) in change.sets().items():
        if name in declared:
            wanted = value.get("to") if name == "stage" and isinstance(value, dict) else value
            lines.append(
                _line(name, "set", wanted, record, known, declared, hidden=kept is not None and not may_read)
            )
    for part, way in PARTS:
        for name, members in change.members(part).items():
            if name in declared:
                values = [value for value, _ in members]
                hidden = any(kept is not None for _, kept in members) and not may_read
                lines.append(_line(name, way, values, record, known, declared, hidden=hidden))
    return LateChange(
        index=one.held.row.index,
        op=change.op,
        type=change.type,
        record=known.named.get(change.record) if record is not None else None,
        captured=made[one.held.row.index].captured,
        fields=tuple(lines),
    )


def _line(
    name: str, way: str, value: Any, record: Any, known: Known, declared: Mapping[str, Any], *, hidden: bool
) -> Compared:
    field = declared[name]
    now = record.values.get(name) if record is not None else None
    nothing = Cell(kind=field.kind)
    return Compared(
        name=name,
        label=known.label(field.zh, field.en),
        now=nothing
        if hidden
        else cell(
            field, shown_value(field, now), known, erased=record is not None and is_erased(record, name)
        ),
        late=nothing if hidden else cell(field, shown_value(field, value), known),
        way=way,
        differs=way != "set" or now != value,
        withheld=hidden,
    )


def _blocked(reading: Reading, late: Sequence[Late]) -> str | None:
    """Return why this reader may not rule on a late change, by `marks.BLOCKS`; the act itself checks again."""
    for one in late:
        if reading.user == one.held.author.by:
            return "author"
        if one.root is not None and reading.user in team_of(one.root):
            return "team_member"
        if one.about is None or SUPERVISOR not in reading.roles_over(one.about):
            return "not_permitted"
    return None
