"""Signed service slips as a notice's page and its case's show them."""

from __future__ import annotations

from server.casework import slips
from server.console.pages.notices import SlipPart
from server.queries import people
from server.queries.reading import Reading, moment
from sync.merge import Record


def parts_of(reading: Reading, case: Record | None, notice: Record) -> tuple[SlipPart, ...]:
    """Return the slips of a notice that this reader may see, the newest first."""
    if case is None:
        return ()
    found = slips.of_notice(reading.connection, reading.vault, reading.user, case, notice.id)
    names = people.officers(reading, [one.created_by for one in found])
    receipt = notice.values.get("receipt")
    return tuple(
        SlipPart(
            id=one.id,
            by=names[one.created_by].name,
            taken_at=moment(int(at)) if (at := one.values.get("captured_until")) else None,
            picture=str(one.values["media_type"]).startswith("image/"),
            ready=slips.is_ready(one),
            fixed=receipt is not None and one.values["digest"] == receipt,
        )
        for one in found
    )
