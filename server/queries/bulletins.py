"""Weekly bulletins, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from server.access import scope
from server.console.pages.bulletins import BulletinLine, BulletinRow, BulletinsPage
from server.queries import people
from server.queries.reading import TABLE, Reading
from sync.merge import Record

SHOWN_MAX = 12
ISSUER = "supervisor"


def bulletins_page(reading: Reading) -> BulletinsPage:
    """Return the bulletins of the reader's region."""
    newest = reading.visible("bulletin").order_by(TABLE.c.natural_key.desc(), TABLE.c.id).limit(SHOWN_MAX)
    records = reading.records(newest)
    places = reading.named(row["institution"] for one in records for row in one.values.get("lines", ()))
    roles = scope.roles(reading.connection, reading.services.ledger.id, reading.user)
    return BulletinsPage(rows=tuple(_row(one, places) for one in records), may_issue=ISSUER in roles)


def _row(record: Record, places: Mapping[str, Record]) -> BulletinRow:
    values = record.values
    issued = values.get("issued_on")
    lines = sorted(
        values.get("lines", ()),
        key=lambda row: (-row["weeks_running"], -row["cases_overdue"], row["institution"]),
    )
    return BulletinRow(
        id=record.id,
        version=record.version,
        number=str(values["number"]),
        stage=str(record.stage),
        from_on=date.fromisoformat(values["from_on"]),
        until_on=date.fromisoformat(values["until_on"]),
        cases_overdue=int(values.get("cases_overdue") or 0),
        issued_on=date.fromisoformat(issued) if issued else None,
        document=str(values.get("document") or ""),
        lines=tuple(
            BulletinLine(
                institution=people.institution(places.get(row["institution"])),
                cases_overdue=row["cases_overdue"],
                weeks_running=row["weeks_running"],
                step=row["step"],
            )
            for row in lines
        ),
    )
