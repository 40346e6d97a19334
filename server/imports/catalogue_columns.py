"""The columns of a catalogue's file, by kind: what they may be called, and what a cell becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas import amounts, codes, item_codes
from schemas.catalogues.kinds import MEASURES
from schemas.records.evidence import KINDS as EVIDENCE_KINDS
from schemas.records.institution import KINDS as INSTITUTION_KINDS
from server.imports.cells import Column, a_day, as_it_is, coded, unfit, whole, worded
from server.imports.table import Unfit
from sync.errors import BadCode, BadValue

LIST_SIGNS = str.maketrans("｜，、;；,", "||||||")
YES_NO = {
    "是": True, "否": False, "yes": True, "no": False, "true": True, "false": False, "1": True, "0": False,
}  # fmt: skip


def yuan(cell: str) -> int:
    """Return the fen of an amount in yuan; raises Unfit."""
    try:
        return amounts.read_yuan(cell)
    except BadCode as bad:
        raise unfit(bad) from bad


def listed(choices: Mapping[str, tuple[str, str]]) -> Callable[[str], list[str]]:
    """Return what reads several words of a list, apart by | or a comma, ours or their Chinese names."""
    words = {word: word for word in choices} | {zh: word for word, (zh, _) in choices.items()}

    def value(cell: str) -> list[str]:
        given = [part.strip() for part in cell.translate(LIST_SIGNS).split("|") if part.strip()]
        for part in given:
            if part not in words:
                known = ", ".join(choices)
                raise Unfit(BadValue.code, f"{part} is none of {known}", f"{part} 应为下列之一：{known}")
        return [word for word in choices if word in {words[part] for part in given}]

    return value


def _truth(cell: str) -> bool:
    return bool(worded({word: word for word in YES_NO})(cell.casefold()) and YES_NO[cell.casefold()])


def _base(form: Callable[[str], str], *also: str) -> tuple[Column, ...]:
    return (
        Column("code", "code", coded(form), needed=True, also=("编码", "代码", *also)),
        Column("zh", "zh", as_it_is, needed=True, also=("名称", "中文名称", "name")),
        Column("en", "en", as_it_is, also=("英文名称",)),
        Column("valid_from", "valid_from", a_day, also=("生效日期",)),
        Column("valid_until", "valid_until", a_day, also=("失效日期",)),
    )


PRICES = (
    Column("unit", "unit", as_it_is, also=("计价单位", "单位")),
    Column("price_fen", "price_fen", whole, also=("价格（分）",)),
    Column("price_yuan", "price_yuan", yuan, also=("价格", "价格（元）", "单价")),
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "diagnosis": _base(item_codes.diagnosis_code, "诊断编码", "疾病编码", "疾病诊断编码"),
    "service": (*_base(item_codes.service_code, "项目编码", "医疗服务项目编码"), *PRICES),
    "drug": (
        *_base(item_codes.drug_code, "药品编码", "医保药品编码"),
        *PRICES,
        Column("approval", "approval", coded(item_codes.approval_number), also=("批准文号",)),
    ),
    "region": _base(codes.region_code, "区划代码", "行政区划代码"),
    "violation": (
        *_base(item_codes.violation_code, "违规代码"),
        Column("facts_zh", "facts_zh", as_it_is, needed=True, also=("事实表述",)),
        Column("facts_en", "facts_en", as_it_is),
        Column(
            "institution_kinds",
            "institution_kinds",
            listed(INSTITUTION_KINDS),
            needed=True,
            also=("适用机构",),
        ),
        Column("measures", "measures", listed(MEASURES), also=("常用措施",)),
        Column("basis_code", "basis_code", as_it_is, also=("依据代码",)),
        Column("basis_zh", "basis_zh", as_it_is, also=("法律依据",)),
        Column("basis_en", "basis_en", as_it_is),
        Column("basis_from", "basis_from", a_day, also=("依据施行日期",)),
        Column("basis_verified", "basis_verified", _truth, also=("依据已核实",)),
    ),
    "checklist": (
        *_base(as_it_is, "项目", "序号"),
        Column("required", "required", _truth, needed=True, also=("必查",)),
        Column("violation_code", "violation_code", coded(item_codes.violation_code), also=("违规代码",)),
        Column("evidence", "evidence", listed(EVIDENCE_KINDS), also=("证据",)),
        Column("how_zh", "how_zh", as_it_is, also=("检查方法",)),
        Column("how_en", "how_en", as_it_is),
    ),
}
"""By kind of catalogue."""
BASIS = {"basis_code": "code", "basis_zh": "zh", "basis_en": "en", "basis_from": "in_force_from",
         "basis_verified": "verified"}  # fmt: skip


def row_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a catalogue from the values of its cells: the article in its group, the price in fen."""
    row = {name: value for name, value in values.items() if name not in BASIS and name != "price_yuan"}
    if "price_yuan" in values:
        row.setdefault("price_fen", values["price_yuan"])
    basis = {part: values[name] for name, part in BASIS.items() if name in values}
    if basis:
        # What nobody says to be verified is not.
        row["basis"] = [{"verified": False, **basis}]
    return row


def names(kind: str) -> Iterable[str]:
    """Return the names of a kind's columns."""
    return (column.name for column in COLUMNS[kind])
