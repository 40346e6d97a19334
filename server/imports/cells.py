"""Turning cells into values: normal forms of codes, numbers, words of other systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from server.imports.table import Row, RowFault
from sync.errors import BadCode, BadValue

Values = dict[str, Any]


class Unfit(Exception):
    """Carries what is wrong with one cell to the row that it stands in."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Column:
    """How a column becomes a field: its name in the file, the field's, and what makes the value of the cell."""

    name: str
    field: str
    value: Callable[[str], Any]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says: the line it stands on, its natural key, and its values by field."""

    line: int
    key: str
    values: Mapping[str, Any]


def as_it_is(cell: str) -> str:
    """Return the cell."""
    return cell


def whole(cell: str) -> int:
    """Return a whole number; raises Unfit."""
    if not cell.removeprefix("-").isdecimal() or len(cell) > 15:
        raise Unfit(BadValue.code, "not a whole number")
    return int(cell)


def coded(form: Callable[[str], str]) -> Callable[[str], str]:
    """Return what brings a code into its normal form, as `form` has it."""

    def value(cell: str) -> str:
        try:
            return form(cell)
        except BadCode as bad:
            raise Unfit(bad.code, bad.detail) from bad

    return value


def worded(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return what puts our word for another system's: {theirs: ours}, our own words included."""

    def value(cell: str) -> str:
        found = words.get(cell)
        if found is None:
            raise Unfit(BadValue.code, f"none of {', '.join(words)}")
        return found

    return value


def translate(row: Row, columns: Iterable[Column]) -> tuple[Values, list[RowFault]]:
    """Return a row's values by field and what is wrong with its cells; an empty cell says nothing."""
    values: Values = {}
    faults: list[RowFault] = []
    for column in columns:
        cell = row.cells.get(column.name, "")
        if not cell:
            if column.needed:
                faults.append(RowFault(row.line, column.name, BadValue.code, "is empty"))
            continue
        try:
            values[column.field] = column.value(cell)
        except Unfit as unfit:
            faults.append(RowFault(row.line, column.name, unfit.code, unfit.detail))
    return values, faults
