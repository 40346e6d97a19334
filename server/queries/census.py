"""A census before it is imported: what its file would do, as its reader may see it; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from server.access import scope
from server.console import formats
from server.console.pages.census import CensusFault, CensusForm, CensusPage, CensusPreview, CensusRow
from server.imports import census
from server.imports.cells import Wanted
from server.imports.census import BRINGER, Looked
from server.imports.table import RowFault
from server.queries import people
from server.queries.reading import TABLE, Reading
from server.wiring import Services
from sync.errors import NotAllowed

FIRST_ROWS = 10
FAULTS_SHOWN = 200
KNOWN_MAX = 500
FILE_BYTES_MAX = 1_500_000
"""What the desk takes, so that a list fits a request also in base64; a larger one is imported by command."""


def census_page(reading: Reading, form: CensusForm, preview: CensusPreview | None = None) -> CensusPage:
    """Return the form that brings a census; raises NotAllowed for whoever brings none."""
    check_bringer(reading)
    hospitals = reading.visible("institution").where(TABLE.c.state.contains('"kind":"hospital"'))
    known = reading.records(hospitals.order_by(TABLE.c.natural_key).limit(KNOWN_MAX))
    places = [people.institution(one) for one in known]
    needed = set(census.needed())
    return CensusPage(
        form=form,
        known=tuple((one.code, one.name) for one in places),
        columns=tuple((name, name in needed) for name in census.columns()),
        preview=preview,
        bytes_max=FILE_BYTES_MAX,
    )


def check_bringer(reading: Reading) -> None:
    """Raise NotAllowed for whoever may bring no census."""
    if BRINGER not in scope.roles(reading.connection, reading.services.ledger.id, reading.user):
        raise NotAllowed(f"a {BRINGER} brings a census")


def previewed(services: Services, looked: Looked, locale: str) -> CensusPreview:
    """Return what a file would do now. locale: of the words of its faults."""
    report, faults = census.try_census(services, looked)
    return CensusPreview(
        digest=looked.table.digest,
        institutions=tuple(
            (code, people.institution(one).name) for code, one in sorted(looked.lists.institutions.items())
        ),
        day=date.fromisoformat(looked.lists.day),
        rows=report.rows,
        columns=looked.table.found,
        left_out=report.left_out,
        first=tuple(_row(one) for one in looked.rows[:FIRST_ROWS]),
        wards=dict(sorted(Counter(str(one.values["ward"]) for one in looked.rows).items())),
        faults=_told(faults, locale),
        fault_count=len(faults),
        doubts=_told(report.warnings, locale),
        doubt_count=len(report.warnings),
        created=report.created,
        changed=report.changed,
        same=report.same,
        left=report.left,
        contested=report.contested,
        unchecked=report.unchecked,
    )


def _row(wanted: Wanted) -> CensusRow:
    values = wanted.values
    return CensusRow(
        line=wanted.line,
        ward=str(values["ward"]),
        bed=str(values["bed"]),
        name=formats.masked_name(str(values["name"])),
        number=formats.masked_number(str(values["person_no"])) if "person_no" in values else "",
        admitted_on=str(values["admitted_on"]),
    )


def _told(faults: Sequence[RowFault], locale: str) -> tuple[CensusFault, ...]:
    return tuple(
        CensusFault(line=one.line, column=one.column, words=one.zh if locale.startswith("zh") else one.detail)
        for one in faults[:FAULTS_SHOWN]
    )
