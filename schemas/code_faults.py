"""What can be wrong with a code: one table of faults, their words in both languages, and the refusal that names one.

Full-width characters, blanks at the ends and lower-case letters are what people and spreadsheets add;
they are normalised away. A refusal names the place and the one character that is wrong there, never the
code itself: it may name a person, and refusals reach logs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from sync.errors import BadCode

TEXT_LENGTH_MAX = 64
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

KINDS: Mapping[str, tuple[str, str]] = {
    "fixmedins_code": ("定点医药机构编码", "institution code"),
    "social_credit_code": ("统一社会信用代码", "unified social credit code"),
    "resident_number": ("公民身份号码", "resident identity number"),
    "region_code": ("行政区划代码", "region code"),
    "diagnosis_code": ("疾病诊断编码", "diagnosis code"),
    "service_code": ("医疗服务项目编码", "service item code"),
    "drug_code": ("医保药品编码", "insurance drug code"),
    "approval_number": ("药品批准文号", "drug approval number"),
    "trace_code": ("药品追溯码", "drug trace code"),
    "violation_code": ("违规行为代码", "violation code"),
    "rung": ("催办节点", "rung"),
    "amount_fen": ("金额（分）", "amount in fen"),
    "amount_yuan": ("金额（元）", "amount in yuan"),
    "day": ("日期", "day"),
    "instant": ("时间", "point in time"),
}
"""Every kind of code that is judged here, with its name in Chinese and English."""

FAULTS: Mapping[str, tuple[str, str]] = {
    "not_text": ("应为文本", "expected text"),
    "too_long": ("最多 {expected} 个字符", "expected at most {expected} characters"),
    "length": ("应为 {expected} 位，实为 {found} 位", "expected {expected} characters, got {found}"),
    "sign": (
        "第 {position} 位应为{expected}，实为 {found}",
        "position {position}: expected {expected}, found {found}",
    ),
    "check": (
        "第 {position} 位校验码应为 {expected}，实为 {found}",
        "position {position}: expected {expected}, found {found}: the check character does not fit the others",
    ),
    "region": (
        "第 {position} 位起应为{expected}，实为 {found}",
        "position {position}: expected {expected}, found {found}",
    ),
    "birthday": (
        "第 {position} 位起的出生日期不存在",
        "position {position}: expected a birthday as year, month, day, found no such day",
    ),
    "unborn": (
        "第 {position} 位起的出生日期晚于 {expected}",
        "position {position}: expected a birthday not after {expected}",
    ),
    "old_form": (
        "15 位号码是旧式身份号码，已停止使用，应为 18 位",
        "expected 18 characters, got the old form of 15 digits, which is out of use",
    ),
    "bar_code": (
        "这是商品条码（13 位），不是 20 位追溯码",
        "expected 20 characters, got a product's bar code of 13 digits",
    ),
    "prefix": ("应以“{expected}”开头", "expected to begin with {expected}"),
    "not_whole": ("应为以分为单位的整数", "expected a whole number of fen"),
    "range": ("应在 0 到 {expected} 之间", "expected 0 to {expected}"),
    "empty": ("为空", "is empty"),
    "negative": ("不能为负数", "expected no negative amount"),
    "decimals": (
        "最多两位小数（分），实为 {found} 位",
        "expected at most two decimals, which are fen, found {found}",
    ),
    "grouping": ("千位分隔符位置不对", "the commas do not stand before groups of three digits"),
    "exponent": ("是科学计数法，请改回完整数字", "is written with an exponent; write out all digits"),
    "unit": (
        "带有单位“{found}”，请改为以元为单位",
        "is given in {found}; write it out in yuan",
    ),
    "form": ("写法无法识别，应如 {expected}", "is not written as {expected}"),
    "no_such_day": ("这一天不存在", "there is no such day"),
    "no_such_time": ("当地这一时刻不存在或有两个", "there is no such local time, or there are two"),
    "has_time": ("应只有日期，不带时间", "expected a day alone, without a time"),
}
"""Every fault with its words; the names are stable, like the code `bad_code` that they detail."""

EXPECTED: Mapping[str, tuple[str, str]] = {
    "digit": ("数字", "a digit"),
    "letter": ("字母", "a letter"),
    "digit_or_letter": ("数字或字母", "a digit or a letter"),
    "digit_or_x": ("数字或 x", "a digit or x"),
    "uscc_sign": ("数字或字母（I、O、S、V、Z 除外）", "a digit or a letter except I, O, S, V, Z"),
    "digit_or_check_x": ("数字或 X", "a digit or X"),
    "institution_letter": ("H（医疗机构）或 P（药店）", "H (hospital, clinic) or P (pharmacy)"),
    "province": (" GB/T 2260 的省级代码", "a province of GB/T 2260"),
    "city_above": ("县级以上的市级代码", "a city above the county"),
    "city_of_township": ("乡级以上的市级代码", "a city above the township"),
    "township_above": ("村级以上的乡级代码", "a township above the village"),
    "item_section": ("1 至 4（综合、医技、临床、中医）", "1 to 4 (general, technical, clinical, TCM)"),
    "drug_letter": ("X（西药）或 Z（中成药）", "X (chemical or biological) or Z (Chinese patent medicine)"),
    "approval_letter": (
        "H、Z、S、B、T、F、J，或 H、Z、S 后加 C、J",
        "H, Z, S, B, T, F, J, or H, Z, S with C or J",
    ),
    "dot": ("“.”", "."),
    "small_x": ("“x”", "x"),
}
"""Words for what should have stood at a place; anything else that is expected is shown as it is."""


def wrong(kind: str, fault: str, *, expected: object = "", found: object = "", **facts: Any) -> BadCode:
    """Return the refusal of a code: `detail` in English, `zh` in Chinese, `fault` and the facts for programs.

    kind: a name in KINDS; fault: a name in FAULTS; facts: `position`, counted from 1, where one is at fault
    """
    words = [_fill(FAULTS[fault][n], n, expected, found, facts) for n in (0, 1)]
    told = {"fault": fault, "kind": kind, **facts}
    if expected != "":
        told["expected"] = EXPECTED.get(str(expected), ("", str(expected)))[1]
    if found != "":
        told["found"] = _shown(found)
    return BadCode(f"{kind}: {words[1]}", zh=f"{KINDS[kind][0]}：{words[0]}", **told)


def _fill(template: str, language: int, expected: object, found: object, facts: Mapping[str, Any]) -> str:
    known = EXPECTED.get(str(expected))
    meant = known[language] if known else str(expected)
    return template.format(expected=meant, found=_shown(found), **facts)


def _shown(found: object) -> str:
    """Return a character so that it can be seen, also a blank or a control character."""
    text = str(found)
    return (
        text if text.isprintable() and not text.isspace() else " ".join(f"U+{ord(sign):04X}" for sign in text)
    )


def plain(value: object, kind: str) -> str:
    """Return a code without what people and spreadsheets add; raises BadCode for no text and for a long one."""
    if not isinstance(value, str):
        raise wrong(kind, "not_text")
    if len(value) > TEXT_LENGTH_MAX:
        raise wrong(kind, "too_long", expected=TEXT_LENGTH_MAX)
    return unicodedata.normalize("NFKC", value).strip()


def of_length(code: str, lengths: tuple[int, ...], kind: str) -> None:
    """Raise BadCode unless the code has one of these lengths."""
    if len(code) not in lengths:
        *most, last = (str(length) for length in lengths)
        wanted = f"{', '.join(most)} or {last}" if most else last
        raise wrong(kind, "length", expected=wanted, found=len(code))


def all_of(part: str, alphabet: str, kind: str, *, expected: str, first: int = 1) -> None:
    """Raise BadCode for the first character outside an alphabet; first: the position of the part's first one."""
    for position, sign in enumerate(part, first):
        if sign not in alphabet:
            raise wrong(kind, "sign", position=position, expected=expected, found=sign)
