"""What a person types into one field of a form, as the value that the field's declaration wants."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.declare import Field
from sync.errors import BadValue
from sync.lines import INTEGER_MAX

YES = "yes"


def value_of(field: Field, text: str) -> Any:
    """Return what was typed as a value; raises BadValue by the field's name. An amount is typed in yuan."""
    plain = text.strip()
    if not plain:
        raise BadValue("nothing was written", field=field.name)
    if field.kind == "fen":
        return _fen(field, plain)
    if field.kind == "integer":
        return _whole(field, unicodedata.normalize("NFKC", plain))
    if field.kind == "flag":
        return plain == YES
    return plain.replace("\r\n", "\n")


def _fen(field: Field, text: str) -> int:
    """Return an amount in fen; digits may be full-width, thousands may be parted by commas."""
    bare = unicodedata.normalize("NFKC", text).replace(",", "").removesuffix("元").removeprefix("¥").strip()
    if not bare.isascii() or not bare.replace(".", "", 1).isdigit():
        raise BadValue("an amount is written like 1,520.50", field=field.name)
    try:
        fen = Decimal(bare) * 100
    except InvalidOperation as error:
        raise BadValue("an amount is written like 1,520.50", field=field.name) from error
    if fen != int(fen) or fen > INTEGER_MAX:
        raise BadValue("an amount has two decimals at most", field=field.name)
    return int(fen)


def _whole(field: Field, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadValue("a whole number is wanted", field=field.name)
    return int(text)
