"""Money: whole fen inside, yuan as people and spreadsheets write them outside."""

from __future__ import annotations

import re

from schemas.code_faults import plain, wrong

AMOUNT_FEN_MAX = 10**13
"""A hundred billion yuan: beyond any fund's year, and exact in every JSON reader."""

_UNITS = ("万元", "万", "亿元", "亿", "千元", "百万元", "百万")
_EXPONENT = re.compile(r"[0-9.]+E[+-]?[0-9]+", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_SIGNS = re.compile(r"[0-9,]*(\.[0-9]*)?")


def amount_fen(value: object) -> int:
    """Return an amount of money: a whole number of fen from 0 to AMOUNT_FEN_MAX.

    A bool and a float are refused even when they equal a whole number: a float
    has already been rounded by somebody.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("amount_fen", "not_whole")
    if not 0 <= value <= AMOUNT_FEN_MAX:
        raise wrong("amount_fen", "range", expected=AMOUNT_FEN_MAX)
    return value


def read_yuan(text: str, *, signed: bool = False) -> int:
    """Return the fen of an amount in yuan as files have it: "1,234.50" gives 123450.

    signed: whether a minus (a refund) may stand before it
    A sign of the currency before and 元 behind are left out. What would have to be rounded ("1.005"), an
    exponent, another unit (1.2万) and commas at odd places are refused: nobody knows what was meant.
    """
    kind = "amount_yuan"
    written = _bare(plain(text, kind))
    minus = written.startswith("-") or (written.startswith("(") and written.endswith(")"))
    if minus and not signed:
        raise wrong(kind, "negative")
    number = written.strip("-()") if minus else written
    _check_form(number)
    whole, _, part = number.partition(".")
    if len(part.rstrip("0")) > 2:
        raise wrong(kind, "decimals", found=len(part.rstrip("0")))
    fen = int(whole.replace(",", "")) * 100 + int(part[:2].ljust(2, "0"))
    if fen > AMOUNT_FEN_MAX:
        raise wrong(kind, "range", expected=f"{AMOUNT_FEN_MAX // 100:,}")
    return -fen if minus else fen


def _bare(written: str) -> str:
    """Return the number without the currency's signs; raises for another unit."""
    for unit in _UNITS:
        if written.endswith(unit):
            raise wrong("amount_yuan", "unit", found=unit)
    for sign in ("CNY", "RMB", "¥"):
        written = written.removeprefix(sign).strip()
    return written.removesuffix("元").strip()


def _check_form(number: str) -> None:
    kind = "amount_yuan"
    if not number:
        raise wrong(kind, "empty")
    if _EXPONENT.fullmatch(number):
        raise wrong(kind, "exponent")
    found = _SIGNS.match(number)
    reached = found.end() if found else 0
    if reached < len(number):
        raise wrong(kind, "sign", position=reached + 1, expected="digit", found=number[reached])
    whole, dot, part = number.partition(".")
    if not whole or (dot and not part):
        raise wrong(kind, "form", expected="1,234.50")
    if "," in whole and not _GROUPED.fullmatch(whole):
        raise wrong(kind, "grouping")


def write_yuan(fen: int) -> str:
    """Return fen as yuan with two decimals and commas: 123450 gives 1,234.50."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"
