"""A hospital's list of in-patients, as its insurance office exports it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas import codes
from schemas.records.encounter import PAYMENTS, SEXES
from server.imports.cells import Column, Wanted, as_it_is, coded, translate, worded
from server.imports.progress import Progress, unnoticed
from server.imports.table import RowFault, Table, read
from sync.errors import BadValue, NotFound, Refusal

if TYPE_CHECKING:
    from server.imports.importing import Report
    from server.wiring import Services

KEY = "mdtrt_id"
CODE = "fixmedins_code"
# The insurance's own words beside ours.
SEX_WORDS = {"1": "male", "2": "female", "男": "male", "女": "female"} | {word: word for word in SEXES}
PAYMENT_WORDS = {"bed_day": "per_diem", "fee_for_service": "per_item"} | {word: word for word in PAYMENTS}
COLUMNS = (
    Column(KEY, KEY, as_it_is, needed=True),
    Column("person_no", "person_no", coded(codes.resident_number)),
    Column("name", "name", as_it_is, needed=True),
    Column("sex", "sex", worded(SEX_WORDS)),
    Column("ward", "ward", as_it_is, needed=True),
    Column("bed", "bed", as_it_is, needed=True),
    Column("admitted_on", "admitted_on", as_it_is, needed=True),
    Column("discharged_on", "discharged_on", as_it_is),
    Column("diag_code", "diag_code", coded(codes.diagnosis_code)),
    Column("drg_code", "drg_code", as_it_is),
    Column("payment_mode", "payment_mode", worded(PAYMENT_WORDS)),
)
DERIVED = ("age", CODE)
"""Columns that are known and not kept: the age follows from the person's number, the code is only compared."""


class WrongInstitution(Refusal):
    """The list is another institution's."""

    code = "wrong_institution"
    next = "Compare --institution with the hospital that exported the file."


def columns() -> tuple[str, ...]:
    """Return the names of the columns that are looked at."""
    return (*(column.name for column in COLUMNS), *DERIVED)


def needed() -> tuple[str, ...]:
    """Return the names of the columns that must be there."""
    return tuple(column.name for column in COLUMNS if column.needed)


def import_census(
    services: Services, path: Path, institution_code: str, progress: Progress = unnoticed
) -> Report:
    """Bring a hospital's list of in-patients into the ledger as one entry: all of its rows, or none.

    A patient who is known is edited where the file says otherwise; an empty cell says nothing. Who is
    not in the file any more stays as he is: a list that leaves somebody out is no proof of discharge,
    and a ward round may be looking for exactly him.
    Raises BadFile, BadRows, TooLarge, BadCode, NotFound, WrongInstitution, or the Refusal that the commit met.
    """
    from server.imports.importing import bring_in

    code = codes.fixmedins_code(institution_code)
    table = read(path, needed=needed(), known=columns())
    institution = _institution(services, code, table)
    rows, faults = wanted(table, institution, code)
    return bring_in(
        services, "encounter", table, (rows, faults), key=KEY, progress=progress, parent=institution
    )


def wanted(table: Table, institution: str, code: str) -> tuple[list[Wanted], list[RowFault]]:
    """Return what each row says of a patient of the institution with this id and code, and what is wrong."""
    found: list[Wanted] = []
    faults: list[RowFault] = []
    for row in table.rows:
        values, wrong = translate(row, COLUMNS)
        if row.cells.get(CODE, code) not in ("", code):
            wrong.append(RowFault(row.line, CODE, WrongInstitution.code, f"the row is not of {code}"))
        until = values.get("discharged_on")
        if until is not None and until < values.get("admitted_on", until):
            wrong.append(RowFault(row.line, "discharged_on", BadValue.code, "lies before admitted_on"))
        faults += wrong
        if not wrong:
            found.append(Wanted(row.line, values[KEY], {**values, "institution": institution}))
    return found, faults


def _institution(services: Services, code: str, table: Table) -> str:
    """Return the record of the institution; raises NotFound, or WrongInstitution.

    Encounter numbers may meet by chance; a list of which most are known from another hospital is that
    hospital's.
    """
    from server.storage import record_store

    ledger = services.ledger.id
    keys = [row.cells[KEY] for row in table.rows]
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        found = record_store.by_natural_key(connection, vault, "institution", [code])
        roots = record_store.roots_by_natural_key(connection, ledger, "encounter", keys)
    if code not in found:
        raise NotFound(f"the ledger holds no institution {code}; import the institutions first")
    own = found[code].id
    elsewhere = sum(own not in holders for holders in roots.values())
    if 2 * elsewhere > len(keys):
        raise WrongInstitution(f"{elsewhere} of {len(keys)} patients are in another institution's list")
    return own
