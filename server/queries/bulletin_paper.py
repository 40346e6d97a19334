"""What a weekly bulletin says on paper, as it stood when it was issued."""

from __future__ import annotations

from datetime import date

from schemas.records import TYPES
from schemas.records.bulletin import STEPS
from server.access import may_see
from server.documents.bulletin import BulletinLine, BulletinPaper
from server.queries.notice_paper import CHINESE, bureau_of, morning
from server.queries.origins import origins
from server.queries.reading import Reading
from server.queries.record_history import standing_at
from server.queries.record_values import said
from sync.errors import NotAllowed
from sync.lines import INTEGER_MAX
from sync.merge import Record

ISSUED = "issued"


def one(reading: Reading, bulletin: str) -> Record:
    """Return a bulletin that a reader may take away; raises NotFound or NotAllowed."""
    found = reading.one("bulletin", bulletin)
    if not may_see.private_fields(found, reading.roles_over(found)):
        raise NotAllowed("your role does not take bulletins away", item=bulletin)
    return found


def paper_of(reading: Reading, bulletin: Record) -> BulletinPaper:
    """Return what a bulletin says; institutions are named as they were called when it was issued."""
    issued = [write.act.index for write in bulletin.writes.get("stage", ()) if write.value == ISSUED]
    index = issued[0] if issued else bulletin.version
    issued_on = bulletin.values.get("issued_on")
    if bulletin.values.get("document") and issued_on:
        on = date.fromisoformat(issued_on)
        return _paper(reading, bulletin, index, issued_on=on, at=morning(reading, on), entry=None)
    at = origins(reading, [index])[index]
    day = at.received.astimezone(reading.services.config.zone).date()
    said_on = (date.fromisoformat(issued_on) if issued_on else day) if issued else None
    return _paper(reading, bulletin, index, issued_on=said_on, at=int(at.received.timestamp()), entry=index)


def paper_at_issue(reading: Reading, bulletin: Record, today: date) -> BulletinPaper:
    """Return what a draft will say, to the byte, once it is issued today: the act that issues it holds the digest."""
    at = morning(reading, today)
    return _paper(reading, bulletin, INTEGER_MAX, issued_on=today, at=at, entry=None)


def _paper(
    reading: Reading, bulletin: Record, index: int, *, issued_on: date | None, at: int, entry: int | None
) -> BulletinPaper:
    values = bulletin.values
    lines = values.get("lines") or ()
    known = reading.named(line["institution"] for line in lines)
    return BulletinPaper(
        bureau=bureau_of(str(values["region"])),
        number=str(values["number"]),
        from_on=date.fromisoformat(values["from_on"]),
        until_on=date.fromisoformat(values["until_on"]),
        cases_open=int(values.get("cases_open") or 0),
        cases_overdue=int(values.get("cases_overdue") or 0),
        cases_closed=int(values.get("cases_closed") or 0),
        lines=tuple(
            BulletinLine(
                institution=_named_then(reading, known.get(line["institution"]), index),
                code=str(known[line["institution"]].values["fixmedins_code"])
                if line["institution"] in known
                else "",
                cases_overdue=int(line["cases_overdue"]),
                weeks_running=int(line["weeks_running"]),
                step=STEPS[line["step"]][0],
            )
            for line in lines
        ),
        words=said(bulletin, "words", CHINESE),
        issued_on=issued_on,
        at=at,
        entry=entry,
        origin=reading.services.ledger.origin,
    )


def _named_then(reading: Reading, institution: Record | None, index: int) -> str:
    if institution is None:
        return "–"
    then = standing_at(reading, TYPES["institution"], institution, "name", index)
    return str(then) if then is not None else said(institution, "name", CHINESE)
