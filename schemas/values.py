"""What one value may be: the marshmallow checks of numbers, days, codes and places, and the words for them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas import codes, document_numbers, item_codes
from sync import errors

TEXT_CHARS_MAX = 8_000
ACCURACY_M_MAX = 1_000_000
TIME_MS_MAX = 4_102_444_800_000
FEN_MAX = codes.AMOUNT_FEN_MAX
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-/]{0,63}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
KEY = re.compile(r"[A-Za-z0-9_\-]{43,2048}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Form:
    """The form of a code: the function that returns its normal form or refuses, its pattern, and its name."""

    check: Callable[[str], str]
    pattern: str
    zh: str
    en: str


FORMS: Mapping[str, Form] = {
    "fixmedins": Form(codes.fixmedins_code, "[HP][0-9]{11}", "定点医药机构编码", "institution code"),
    "region": Form(codes.region_code, "[0-9]{6}([0-9]{3}){0,2}", "行政区划代码", "region code, GB/T 2260"),
    "uscc": Form(
        codes.social_credit_code,
        "[0-9A-HJ-NPQRTUWXY]{18}",
        "统一社会信用代码",
        "GB 32100 with check character",
    ),
    "resident": Form(
        codes.resident_number, "[0-9]{17}[0-9X]", "公民身份号码", "GB 11643 with check character"
    ),
    "icd10": Form(
        codes.diagnosis_code,
        r"[A-Z][0-9]{2}(\.[0-9x]([0-9]([0-9](x[0-9]{3})?)?)?)?[+*]?",
        "疾病诊断编码",
        "ICD-10, also of the national insurance edition",
    ),
    "service": Form(
        item_codes.service_code,
        "[0-9]{15}(-[0-9A-Z-]{1,20})?|[1-4][0-9]{8}[0-9A-Z]{0,5}",
        "医疗服务项目编码",
        "service item code",
    ),
    "drug": Form(
        item_codes.drug_code,
        "X[0-9A-Z]{13}[0-9]{9}|Z[0-9A-Z]{10}[0-9]{9}",
        "医保药品编码",
        "insurance drug code",
    ),
    "approval": Form(
        item_codes.approval_number,
        "国药准字([HZS][CJ]?|[BTFJ])[0-9]{8}",
        "药品批准文号",
        "drug approval number",
    ),
    "trace": Form(item_codes.trace_code, "[0-9]{20}", "药品追溯码", "drug trace code"),
    "rung": Form(
        item_codes.rung_name,
        r"served(\+[1-9][0-9]{0,1})?|T([+-][1-9][0-9]{0,2})?",
        "催办节点",
        "rung of a ladder",
    ),
    "document": Form(
        document_numbers.document_number,
        r"[\u4e00-\u9fff]{2,20}〔[0-9]{4}〕[1-9][0-9]{0,8}号|[A-Za-z0-9][A-Za-z0-9_.\-/]{0,63}",
        "文书号",
        "document number, or a token of another office",
    ),
    "violation": Form(item_codes.violation_code, "[a-z][a-z0-9_]{0,47}", "违规行为代码", "violation code"),
}


class WholeNumber(fields.Integer):
    """An integer that is written as one: true and false are not numbers here."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strict=True, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class TrueOrFalse(fields.Boolean):
    """A truth value that is written as one: 0 and 1 are numbers here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class PositionSchema(Schema):
    """A place: 1e-7 degrees, accuracy in metres, who measured it, and whether it was mocked."""

    lat_e7 = WholeNumber(required=True, validate=validate.Range(-900_000_000, 900_000_000))
    lon_e7 = WholeNumber(required=True, validate=validate.Range(-1_800_000_000, 1_800_000_000))
    accuracy_m = WholeNumber(required=True, validate=validate.Range(0, ACCURACY_M_MAX))
    provider = fields.String(required=True, validate=validate.OneOf(["gps", "network", "fused", "none"]))
    mock = TrueOrFalse(required=True)


@dataclass(frozen=True)
class Matching:
    """A validator that takes what the pattern matches as a whole, and says `words` of anything else."""

    pattern: re.Pattern[str]
    words: str

    def __call__(self, text: str) -> None:
        """Return if the text matches; raises ValidationError."""
        if not self.pattern.fullmatch(text):
            raise ValidationError(self.words)


def in_form(form: str | None) -> Callable[[str], None]:
    """Return a validator of a code: in the normal form of a name in FORMS, or any token for None."""
    if form is None:
        return Matching(CODE, "not a code of at most 64 letters, digits, _ . - /")
    in_normal_form = FORMS[form].check

    def check(text: str) -> None:
        try:
            normal = in_normal_form(text)
        except errors.BadCode as bad:
            raise ValidationError(bad.detail) from bad
        if normal != text:
            raise ValidationError("not in its normal form")

    return check


def is_day(written: str) -> None:
    """Raise ValidationError unless this is a day of the calendar from 1900 to 2100, as YYYY-MM-DD."""
    try:
        parsed = datetime.date.fromisoformat(written)
    except ValueError as error:
        raise ValidationError("not a date like 2026-11-21") from error
    if parsed.isoformat() != written or not 1900 <= parsed.year <= 2100:
        raise ValidationError("not a date like 2026-11-21")
