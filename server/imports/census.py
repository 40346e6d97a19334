"""A hospital's list of in-patients, as its insurance office exports it, or the lists of several in one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import codes
from schemas.drafting import Draft
from schemas.records.encounter import LEFT_OUT, LISTED, PAYMENTS, SEXES
from server.commit.acts import new_id
from server.imports import census_codes
from server.imports.cells import Column, Wanted, a_day, as_it_is, coded, headings, translate, worded
from server.imports.progress import Progress, unnoticed
from server.imports.table import BadFile, Row, RowFault, Table, Unfit, read
from server.rounds.roll import Roll, roll_of
from server.storage import grant_store, record_store
from server.storage.record_store import TABLE
from sync.draw import roll_digest
from sync.errors import BadValue, NotFound, Refusal
from sync.merge import Record
from sync.rules import Grants

if TYPE_CHECKING:
    from server.imports.importing import Count, Look, More, Plan, Report
    from server.wiring import Services

KEY = "mdtrt_id"
CODE = "fixmedins_code"
INSTITUTIONS_MAX = 2_000
ANY_INDEX = 2**53
"""Grants are asked as they stand now: beyond every index."""
BRINGER = "supervisor"
"""Who brings a census at the desk, of institutions in his own region."""
# The insurance's own words beside ours.
SEX_WORDS = {"1": "male", "2": "female", "男": "male", "女": "female"} | {word: word for word in SEXES}
PAYMENT_WORDS = (
    {"bed_day": "per_diem", "fee_for_service": "per_item"}
    | {word: word for word in PAYMENTS}
    | {zh: word for word, (zh, _) in PAYMENTS.items()}
)
COLUMNS = (
    Column(KEY, KEY, as_it_is, needed=True, also=("就诊ID", "就诊号", "住院号")),
    Column("person_no", "person_no", coded(codes.resident_number), also=("身份证号", "证件号码", "psn_no")),
    Column("name", "name", as_it_is, needed=True, also=("姓名", "psn_name")),
    Column("sex", "sex", worded(SEX_WORDS), also=("性别", "gend")),
    Column("ward", "ward", as_it_is, needed=True, also=("病区", "病区代码")),
    Column("bed", "bed", as_it_is, needed=True, also=("床号", "床位号")),
    Column("admitted_on", "admitted_on", a_day, needed=True, also=("入院日期", "入院时间", "adm_time")),
    Column("discharged_on", "discharged_on", a_day, also=("出院日期", "出院时间", "dscg_time")),
    Column("diag_code", "diag_code", coded(codes.diagnosis_code), also=("诊断编码", "主诊断编码")),
    Column("drg_code", "drg_code", as_it_is, also=("病组编码",)),
    Column("payment_mode", "payment_mode", worded(PAYMENT_WORDS), also=("支付方式",)),
)
DERIVED = {"age": ("年龄",), CODE: ("医保编码", "定点医药机构编号", "机构编码")}
"""Columns that are known and not kept: the age follows from the person's number, the code names the hospital."""


class WrongInstitution(Refusal):
    """The list is another institution's."""

    code = "wrong_institution"
    next = "Compare --institution with the hospital that exported the file."


@dataclass(frozen=True)
class Lists:
    """Whose lists a file holds: {code: institution}, of which day, and whether they name some wards only.

    acting: the user who brings them, None for the operator of the server
    """

    institutions: Mapping[str, Record]
    day: str
    partial: bool
    acting: str | None = None

    @property
    def ids(self) -> list[str]:
        """The institutions' records."""
        return sorted(one.id for one in self.institutions.values())


def columns() -> tuple[str, ...]:
    """Return the names of the columns that are looked at."""
    return (*(column.name for column in COLUMNS), *DERIVED)


def needed() -> tuple[str, ...]:
    """Return the names of the columns that must be there."""
    return tuple(column.name for column in COLUMNS if column.needed)


@dataclass(frozen=True)
class Looked:
    """A file that was read: its table, whose lists it holds, its rows with their faults, and what is doubtful."""

    table: Table
    lists: Lists
    rows: Sequence[Wanted]
    faults: Sequence[RowFault]
    doubtful: Sequence[RowFault]
    unchecked: int


def import_census(
    services: Services,
    source: Path | bytes,
    institution_code: str | None = None,
    progress: Progress = unnoticed,
    *,
    acting: str | None = None,
    partial_list: bool = False,
    day: date | None = None,
    sheet: str | None = None,
    strict_codes: bool = False,
) -> Report:
    """Bring lists of in-patients into the ledger as one entry: all of the file's rows, or none.

    source: the file, or what it holds
    institution_code: whose list it is; None where each row names its hospital by `fixmedins_code`
    acting: the user who brings it, who must be a supervisor over each hospital; None for the server's operator
    partial_list: the file names some wards only, so whom it leaves out stays listed
    day: whose list it is, today unless given
    strict_codes: refuse the file for a diagnosis code that no catalogue of the day has, instead of warning of it
    A patient who is known is edited where the file says otherwise; an empty cell says nothing. Whom a
    whole list leaves out is marked so and else stays as he is: it is no proof of discharge, and a ward
    round may be looking for exactly him. Each hospital gets a `census` record that commits to who is
    listed, so that a list which changes nothing is an entry too, and a new seed for drawing.
    Raises BadFile, BadRows, TooLarge, BadCode, NotFound, WrongInstitution, or the Refusal that the commit met.
    """
    from server.imports.importing import bring_in

    looked = look_at(
        services,
        source,
        institution_code,
        acting=acting,
        partial_list=partial_list,
        day=day,
        sheet=sheet,
    )
    faults = [*looked.faults, *(looked.doubtful if strict_codes else ())]
    wanted_rows = (looked.rows, faults)
    follow = partial(_follow, services, looked.lists)
    report = bring_in(
        services, "encounter", looked.table, wanted_rows, key=KEY, progress=progress, follow=follow
    )
    return replace(report, warnings=tuple(looked.doubtful), unchecked=looked.unchecked)


def try_census(services: Services, looked: Looked) -> tuple[Report, tuple[RowFault, ...]]:
    """Return what an import of a file would do now, and every fault for which it would do nothing."""
    from server.imports.importing import try_out

    follow = partial(_follow, services, looked.lists)
    rows = (looked.rows, looked.faults)
    report, faults = try_out(services, "encounter", looked.table, rows, key=KEY, follow=follow)
    return replace(report, warnings=tuple(looked.doubtful), unchecked=looked.unchecked), faults


def look_at(
    services: Services,
    source: Path | bytes,
    institution_code: str | None = None,
    *,
    acting: str | None = None,
    partial_list: bool = False,
    day: date | None = None,
    sheet: str | None = None,
) -> Looked:
    """Return a file as `import_census` reads it, with the same arguments and refusals; nothing is written."""
    code = None if institution_code is None else codes.fixmedins_code(institution_code)
    table = read(source, headings(COLUMNS, DERIVED), sheet=sheet)
    today = services.today()
    if day is not None and day > today:
        raise BadValue("the day of the list lies in the future", field="day")
    institutions = _institutions(services, table, code, acting)
    lists = Lists(institutions, (day or today).isoformat(), partial_list, acting)
    rows, faults = wanted(table, lists.institutions, code)
    _check_whose(services, rows, lists)
    codes_looked = census_codes.look_up(services, rows, lists.institutions.values(), lists.day)
    return Looked(table, lists, rows, faults, codes_looked.doubtful, codes_looked.unchecked)


def _institutions(
    services: Services, table: Table, code: str | None, acting: str | None
) -> dict[str, Record]:
    """Return the institutions that the file speaks of, by code; raises BadFile, NotFound.

    One over which the acting user is no supervisor is to him as if there were none.
    """
    if code is None and not any(CODE in row.cells for row in table.rows):
        raise BadFile(f"columns are missing: {CODE}; or name the hospital by --institution")
    named = {code} if code is not None else {_code_of(row) for row in table.rows} - {None}
    if len(named) > INSTITUTIONS_MAX:
        raise BadFile(f"the file names more than {INSTITUTIONS_MAX} institutions")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", [str(one) for one in named])
        if acting is not None:
            held = Grants(grant_store.standing(connection, services.ledger.id, acting))
            found = {
                key: one
                for key, one in found.items()
                if BRINGER in held.roles(acting, one.root, one.region, ANY_INDEX)
            }
    if code is not None and code not in found:
        raise NotFound(f"the ledger holds no institution {code}; import the institutions first")
    return found


def _code_of(row: Row) -> str | None:
    try:
        return coded(codes.fixmedins_code)(row.cells.get(CODE, ""))
    except Unfit:
        return None


def wanted(
    table: Table, institutions: Mapping[str, Record], code: str | None
) -> tuple[list[Wanted], list[RowFault]]:
    """Return what each row says of a patient, and what is wrong.

    institutions: by code; code: the hospital's that every row must be of, None where each row names its own
    """
    found: list[Wanted] = []
    faults: list[RowFault] = []
    for row in table.rows:
        values, wrong = translate(row, COLUMNS)
        institution, fault = _whose(row, institutions, code)
        wrong += fault
        until = values.get("discharged_on")
        if until is not None and until < values.get("admitted_on", until):
            words = ("lies before admitted_on", "早于入院日期")
            wrong.append(RowFault(row.line, "discharged_on", BadValue.code, *words))
        faults += wrong
        if not wrong and institution is not None:
            values |= {"institution": institution.id, "stage": LISTED}
            found.append(Wanted(row.line, values[KEY], values, institution.id))
    return found, faults


def _whose(
    row: Row, institutions: Mapping[str, Record], code: str | None
) -> tuple[Record | None, list[RowFault]]:
    """Return the institution of a row, or what is wrong with the code that it names."""
    cell = row.cells.get(CODE, "")
    try:
        if CODE in row.unfit:
            raise row.unfit[CODE]
        if not cell and code is None:
            raise Unfit(BadValue.code, "is empty", "为空")
        named = coded(codes.fixmedins_code)(cell) if cell else str(code)
        if code is not None and named != code:
            raise Unfit(WrongInstitution.code, f"the row is not of {code}", f"该行不属于机构{code}")
        if named not in institutions:
            raise Unfit(
                NotFound.code, "the ledger holds no such institution", "台账中没有这家机构，请先导入机构名单"
            )
    except Unfit as wrong:
        return None, [RowFault(row.line, CODE, wrong.code, wrong.detail, wrong.zh)]
    return institutions[named], []


def _check_whose(services: Services, rows: Sequence[Wanted], lists: Lists) -> None:
    """Raise WrongInstitution for a list of which most patients are known from another hospital.

    Encounter numbers may meet by chance; a list of which most are known elsewhere is that hospital's.
    """
    keys: dict[str | None, list[str]] = {}
    for row in rows:
        keys.setdefault(row.parent, []).append(row.key)
    with services.database.reading() as connection:
        for code, institution in sorted(lists.institutions.items()):
            own = keys.get(institution.id, [])
            roots = record_store.roots_by_natural_key(connection, services.ledger.id, "encounter", own)
            elsewhere = sum(institution.id not in holders for holders in roots.values())
            if 2 * elsewhere > len(own):
                words = f"{elsewhere} of {len(own)} patients of {code} are in another institution's list"
                raise WrongInstitution(words)


# -- what follows from a list ------------------------------------------------------------------------


def _follow(services: Services, lists: Lists, look: Look, plans: Sequence[Plan], count: Count) -> More:
    """Return what a list does besides its rows: who is left out of it, and the record of each census."""
    from server.imports.importing import More

    more = More(seen=_newest(look, lists.ids))
    by_institution: dict[str, list[Plan]] = {institution: [] for institution in lists.ids}
    for plan in plans:
        by_institution[str(plan.row.parent)].append(plan)
    for institution, own in by_institution.items():
        if not own:
            continue
        others = _others(look, institution, own)
        if not lists.partial:
            more.drafts += [_leave(one, look.epoch) for one in others]
            count.left += len(others)
        staying = ((one.id, one.values) for one in others if lists.partial)
        roll = roll_of([*((plan.record, plan.values) for plan in own), *staying], lists.day)
        more.drafts.append(_census(services, lists, institution, roll))
    return more


def _newest(look: Look, roots: Iterable[str]) -> dict[str, int]:
    """Return {scope root: the newest version in it}."""
    return record_store.newest_in(look.connection, look.vault.ledger, roots)


def _others(look: Look, institution: str, plans: Sequence[Plan]) -> list[Record]:
    """Return the in-patients who are listed and of whom this list says nothing."""
    named = {plan.record for plan in plans}
    statement = record_store.selected(look.vault.ledger, "encounter").where(
        TABLE.c.parent == institution, TABLE.c.stage == LISTED
    )
    ids = look.connection.execute(statement.with_only_columns(TABLE.c.id)).scalars()
    left = sorted(set(ids) - named)
    return list(record_store.load(look.connection, look.vault, left).values())


def _leave(patient: Record, epoch: str) -> Draft:
    step = {"stage": {"from": LISTED, "to": LEFT_OUT}}
    return Draft("edit", "encounter", patient.id, step, base=(epoch, patient.version))


def _census(services: Services, lists: Lists, institution: str, roll: Roll) -> Draft:
    values: dict[str, Any] = {
        "institution": institution,
        "taken_at": services.now_ms(),
        "day": lists.day,
        "count": len(roll),
        "digest": roll_digest(roll),
    }
    if lists.partial:
        values["partial"] = True
    if lists.acting is not None:
        values["brought_by"] = lists.acting
    return Draft("create", "census", new_id(services), values)


__all__ = [
    "BRINGER", "COLUMNS", "Looked", "WrongInstitution", "columns", "import_census", "look_at", "needed", "try_census",
    "wanted",
]  # fmt: skip
