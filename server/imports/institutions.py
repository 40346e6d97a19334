"""The list of designated institutions, as the bureau exports it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas import codes
from schemas.records.institution import GRADES, KINDS
from server.imports.cells import Column, Values, Wanted, as_it_is, coded, translate, whole, worded
from server.imports.progress import Progress, unnoticed
from server.imports.table import Row, RowFault, Table, read
from sync.errors import BadValue

if TYPE_CHECKING:
    from server.imports.importing import Report
    from server.wiring import Services

KEY = "fixmedins_code"
REGISTERED_ACCURACY_M = 100
"""A registered address is a point on a map, not a measurement: it is taken as good to a block of houses."""
COLUMNS = (
    Column(KEY, KEY, coded(codes.fixmedins_code), needed=True),
    Column("name", "name", as_it_is, needed=True),
    Column("kind", "kind", worded({kind: kind for kind in KINDS}), needed=True),
    Column("level", "level", whole),
    Column("beds", "beds", whole),
    Column("region", "region", coded(codes.region_code), needed=True),
    Column("uscc", "uscc", coded(codes.social_credit_code)),
    Column("contact_name", "contact_name", as_it_is),
    Column("contact_email", "contact_email", as_it_is),
    Column("contact_phone", "contact_phone", as_it_is),
    Column("lat_e7", "lat_e7", whole),
    Column("lon_e7", "lon_e7", whole),
    Column("credit_grade", "credit_grade", worded({grade: grade for grade in GRADES})),
    Column("agreement_from", "agreement_from", as_it_is),
    Column("agreement_until", "agreement_until", as_it_is),
)


def columns() -> tuple[str, ...]:
    """Return the names of the columns that are looked at."""
    return tuple(column.name for column in COLUMNS)


def needed() -> tuple[str, ...]:
    """Return the names of the columns that must be there."""
    return tuple(column.name for column in COLUMNS if column.needed)


def import_institutions(services: Services, path: Path, progress: Progress = unnoticed) -> Report:
    """Bring the file's institutions into the ledger as one entry: all of its rows, or none.

    A code that is known is edited where the file says otherwise; an empty cell says nothing, and an
    institution that is not in the file stays as it is.
    Raises BadFile, BadRows, TooLarge, or the Refusal that the commit met.
    """
    from server.imports.importing import bring_in

    table = read(path, needed=needed(), known=columns())
    return bring_in(services, "institution", table, wanted(table), key=KEY, progress=progress)


def wanted(table: Table) -> tuple[list[Wanted], list[RowFault]]:
    """Return what each row says, and what is wrong with rows."""
    found: list[Wanted] = []
    faults: list[RowFault] = []
    for row in table.rows:
        values, wrong = translate(row, COLUMNS)
        wrong += _place(row, values)
        faults += wrong
        if not wrong:
            found.append(Wanted(row.line, values[KEY], values))
    return found, faults


def _place(row: Row, values: Values) -> list[RowFault]:
    """Put latitude and longitude together; one without the other is no place."""
    lat, lon = values.pop("lat_e7", None), values.pop("lon_e7", None)
    if lat is None and lon is None:
        return []
    if lat is None or lon is None:
        missing = "lat_e7" if lat is None else "lon_e7"
        return [RowFault(row.line, missing, BadValue.code, "a position needs both lat_e7 and lon_e7")]
    values["position"] = {
        "lat_e7": lat,
        "lon_e7": lon,
        "accuracy_m": REGISTERED_ACCURACY_M,
        "provider": "none",
        "mock": False,
    }
    return []
