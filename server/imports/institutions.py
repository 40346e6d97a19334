"""The list of designated institutions, as the bureau exports it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas import codes
from schemas.records.institution import GRADES, KINDS
from server.imports.cells import (
    Column,
    Values,
    Wanted,
    a_day,
    as_it_is,
    coded,
    headings,
    translate,
    whole,
    worded,
)
from server.imports.progress import Progress, unnoticed
from server.imports.table import Row, RowFault, Table, read
from sync.errors import BadValue

if TYPE_CHECKING:
    from server.imports.importing import Report
    from server.wiring import Services

KEY = "fixmedins_code"
REGISTERED_ACCURACY_M = 100
"""A registered address is a point on a map, not a measurement: it is taken as good to a block of houses."""
KIND_WORDS = {kind: kind for kind in KINDS} | {zh: kind for kind, (zh, _) in KINDS.items()}
LEVELS = {"三级": "3", "二级": "2", "一级": "1", "未定级": "0"}


def _level(cell: str) -> int:
    return whole(LEVELS.get(cell, cell))


COLUMNS = (
    Column(
        KEY, KEY, coded(codes.fixmedins_code), needed=True, also=("医保编码", "定点医药机构编号", "机构编码")
    ),
    Column("name", "name", as_it_is, needed=True, also=("名称", "机构名称", "fixmedins_name")),
    Column("kind", "kind", worded(KIND_WORDS), needed=True, also=("类别", "机构类别")),
    Column("level", "level", _level, also=("级别", "机构等级")),
    Column("beds", "beds", whole, also=("床位数",)),
    Column("region", "region", coded(codes.region_code), needed=True, also=("行政区划", "行政区划代码")),
    Column("uscc", "uscc", coded(codes.social_credit_code), also=("统一社会信用代码",)),
    Column("contact_name", "contact_name", as_it_is, also=("联系人",)),
    Column("contact_email", "contact_email", as_it_is, also=("联系邮箱",)),
    Column("contact_phone", "contact_phone", as_it_is, also=("联系电话",)),
    Column("lat_e7", "lat_e7", whole),
    Column("lon_e7", "lon_e7", whole),
    Column("credit_grade", "credit_grade", worded({grade: grade for grade in GRADES}), also=("信用等级",)),
    Column("agreement_from", "agreement_from", a_day, also=("协议起始", "协议开始日期")),
    Column("agreement_until", "agreement_until", a_day, also=("协议终止", "协议结束日期")),
)


def columns() -> tuple[str, ...]:
    """Return the names of the columns that are looked at."""
    return tuple(column.name for column in COLUMNS)


def needed() -> tuple[str, ...]:
    """Return the names of the columns that must be there."""
    return tuple(column.name for column in COLUMNS if column.needed)


def import_institutions(
    services: Services, path: Path, progress: Progress = unnoticed, *, sheet: str | None = None
) -> Report:
    """Bring the file's institutions into the ledger as one entry: all of its rows, or none.

    A code that is known is edited where the file says otherwise; an empty cell says nothing, and an
    institution that is not in the file stays as it is.
    Raises BadFile, BadRows, TooLarge, or the Refusal that the commit met.
    """
    from server.imports.importing import bring_in

    table = read(path, headings(COLUMNS), sheet=sheet)
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
        words = ("a position needs both lat_e7 and lon_e7", "位置须同时填写 lat_e7 与 lon_e7")
        return [RowFault(row.line, missing, BadValue.code, *words)]
    values["position"] = {
        "lat_e7": lat,
        "lon_e7": lon,
        "accuracy_m": REGISTERED_ACCURACY_M,
        "provider": "none",
        "mock": False,
    }
    return []
