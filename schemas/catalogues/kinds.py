"""The kinds of catalogue, and what a header and a row of each may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, validate

from schemas import codes, item_codes
from schemas.records.catalogue import KINDS as WORDS
from schemas.records.evidence import KINDS as EVIDENCE_KINDS
from schemas.records.inspection import KINDS as INSPECTION_KINDS
from schemas.records.institution import KINDS as INSTITUTION_KINDS
from schemas.values import CODE, FEN_MAX, Matching, TrueOrFalse, WholeNumber, is_day
from schemas.wire.parts import Strict
from sync.errors import BadCode

NAME_CHARS_MAX = 300
WORDS_CHARS_MAX = 2_000
MEASURES: Mapping[str, tuple[str, str]] = {
    "correction_order": ("责令改正", "Order to correct"),
    "rectification": ("限期整改", "Rectification within a term"),
    "interview": ("约谈", "Interview"),
    "joint_interview": ("双约谈", "Joint interview"),
    "public_criticism": ("通报批评", "Public criticism"),
    "refund": ("责令退回", "Order to refund"),
    "penalty": ("罚款", "Fine"),
    "payment_suspension": ("暂停医保支付", "Suspension of payment"),
    "payment_refusal": ("拒付", "Refusal of payment"),
    "liquidated_damages": ("违约金", "Liquidated damages"),
    "settlement_suspension": ("暂停结算", "Suspension of settlement"),
    "agreement_suspension": ("中止协议", "Suspension of the agreement"),
    "agreement_termination": ("解除协议", "Termination of the agreement"),
}
"""Typical measures, in the field's own words."""


def _words(chars_max: int, **more: Any) -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=chars_max), **more)


def _token(**more: Any) -> fields.String:
    return fields.String(validate=Matching(CODE, "not a code of at most 64 letters, digits, _ . - /"), **more)


def _day(**more: Any) -> fields.String:
    return fields.String(validate=is_day, **more)


def _coded(form: Callable[[str], str], **more: Any) -> fields.String:
    """A code that must stand in its normal form."""

    def check(text: str) -> None:
        try:
            normal = form(text)
        except BadCode as bad:
            raise ValidationError(bad.detail) from bad
        if normal != text:
            raise ValidationError("not in its normal form")

    return fields.String(validate=check, **more)


def _some_of(choices: Mapping[str, Any], **more: Any) -> fields.List[str]:
    """One or more of some words, each once, in their order."""

    def check(given: list[str]) -> None:
        if given != [word for word in choices if word in given]:
            raise ValidationError("each word once, in the order of the list")

    member = fields.String(validate=validate.OneOf(list(choices)))
    return fields.List(member, validate=[validate.Length(min=1), check], **more)


class HeaderSchema(Strict):
    """The first line: whose catalogue this is, which version, where and from which day to which it holds.

    region: absent where it holds in the whole ledger; on_request: a checklist that is taken only where an
    inspection names it; demonstration: an excerpt that claims no completeness
    """

    v = WholeNumber(required=True, validate=validate.OneOf([1]))
    kind = fields.String(required=True)
    code = _token(required=True)
    version = _token(required=True)
    zh = _words(NAME_CHARS_MAX, required=True)
    en = _words(NAME_CHARS_MAX)
    region = _coded(codes.region_code)
    valid_from = _day(required=True)
    valid_until = _day()
    source = _words(WORDS_CHARS_MAX)
    demonstration = TrueOrFalse()
    on_request = TrueOrFalse()
    institution_kinds = _some_of(INSTITUTION_KINDS)
    inspection_kinds = _some_of(INSPECTION_KINDS)
    rows = WholeNumber(required=True, validate=validate.Range(1))


class Named(Strict):
    """What every row has: a Chinese name, perhaps an English one, perhaps days of its own."""

    zh = _words(NAME_CHARS_MAX, required=True)
    en = _words(NAME_CHARS_MAX)
    valid_from = _day()
    valid_until = _day()


class DiagnosisRow(Named):
    """A diagnosis of ICD-10 or its national insurance edition."""

    code = _coded(item_codes.diagnosis_code, required=True)


class RegionRow(Named):
    """A region of GB/T 2260 or below it."""

    code = _coded(codes.region_code, required=True)


class Priced(Named):
    """What is charged for: unit and price, where the catalogue has one."""

    unit = _words(40)
    price_fen = WholeNumber(validate=validate.Range(0, FEN_MAX))


class ServiceRow(Priced):
    """A service item."""

    code = _coded(item_codes.service_code, required=True)


class DrugRow(Priced):
    """A drug by its insurance code."""

    code = _coded(item_codes.drug_code, required=True)
    approval = _coded(item_codes.approval_number)


class BasisSchema(Strict):
    """An article: its code as findings carry it, its words, since when it is in force, and whether it was read.

    verified: whether the article's own text was read and names the violation; else it must be checked
    before it is cited
    """

    code = _token(required=True)
    zh = _words(NAME_CHARS_MAX, required=True)
    en = _words(NAME_CHARS_MAX)
    in_force_from = _day(required=True)
    verified = TrueOrFalse(required=True)


class ViolationRow(Named):
    """A violation: under which articles, in which words, at which institutions, with which usual measures."""

    code = _coded(item_codes.violation_code, required=True)
    basis = fields.List(fields.Nested(BasisSchema), validate=validate.Length(max=8))
    facts_zh = _words(WORDS_CHARS_MAX, required=True)
    facts_en = _words(WORDS_CHARS_MAX)
    institution_kinds = _some_of(INSTITUTION_KINDS, required=True)
    measures = _some_of(MEASURES)


class ChecklistRow(Named):
    """A question of a checklist: the violation it looks for, the evidence it expects, whether it must be answered."""

    code = _token(required=True)
    violation_code = _coded(item_codes.violation_code)
    evidence = _some_of(EVIDENCE_KINDS)
    required = TrueOrFalse(required=True)
    how_zh = _words(WORDS_CHARS_MAX)
    how_en = _words(WORDS_CHARS_MAX)


@dataclass(frozen=True)
class Kind:
    """A kind of catalogue: its words, the schema of its rows, and whether phones carry it."""

    name: str
    row: Strict
    carried: bool = False

    @property
    def zh(self) -> str:
        """Its Chinese name."""
        return WORDS[self.name][0]

    @property
    def en(self) -> str:
        """Its English name."""
        return WORDS[self.name][1]


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("diagnosis", DiagnosisRow()),
        Kind("service", ServiceRow()),
        Kind("drug", DrugRow()),
        Kind("region", RegionRow()),
        Kind("violation", ViolationRow(), carried=True),
        Kind("checklist", ChecklistRow(), carried=True),
    )
}
"""Every kind; `carried` ones are frozen on inspections and fetched by phones, so they are small."""
HEADER = HeaderSchema()
