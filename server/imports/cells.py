"""Turning cells into values: normal forms of codes, numbers, days, words of other systems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import times
from server.imports.table import Headings, Row, RowFault, Unfit, normal
from sync.errors import BadCode, BadValue

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """How a column becomes a field: its name in the file, the field's, and what makes the value of the cell.

    also: what other systems call it
    """

    name: str
    field: str
    value: Callable[[str], Any]
    needed: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says: the line it stands on, its natural key, and its values by field.

    parent: the record that it lies in, where its type lies in another
    """

    line: int
    key: str
    values: Mapping[str, Any]
    parent: str | None = None


def headings(columns: Iterable[Column], derived: Mapping[str, tuple[str, ...]] | None = None) -> Headings:
    """Return what a file's columns may be called; derived: columns that are looked at and not kept, so too."""
    columns = tuple(columns)
    names = {column.name: (column.name, *column.also) for column in columns} | {
        name: (name, *also) for name, also in (derived or {}).items()
    }
    known = {normal(word).casefold(): name for name, words in names.items() for word in words}
    return Headings(known, tuple(column.name for column in columns if column.needed))


def as_it_is(cell: str) -> str:
    """Return the cell."""
    return cell


def whole(cell: str) -> int:
    """Return a whole number; raises Unfit."""
    if not cell.removeprefix("-").isdecimal() or len(cell) > 15:
        raise Unfit(BadValue.code, "not a whole number", "不是整数")
    return int(cell)


def a_day(cell: str) -> str:
    """Return a day as YYYY-MM-DD, of any way in which files write one; a time behind it is left out.

    An admission at 08:30 is an admission of that day. Raises Unfit.
    """
    try:
        return times.read_day(cell.replace("T", " ").split(" ")[0]).isoformat()
    except BadCode as bad:
        raise unfit(bad) from bad


def coded(form: Callable[[str], str]) -> Callable[[str], str]:
    """Return what brings a code into its normal form, as `form` has it."""

    def value(cell: str) -> str:
        try:
            return form(cell)
        except BadCode as bad:
            raise unfit(bad) from bad

    return value


def unfit(bad: BadCode) -> Unfit:
    """Return the refusal of a code as what is wrong with a cell."""
    return Unfit(bad.code, bad.detail, str(bad.facts.get("zh", bad.detail)))


def worded(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return what puts our word for another system's: {theirs: ours}, our own words included."""

    def value(cell: str) -> str:
        found = words.get(cell)
        if found is None:
            listed = ", ".join(words)
            raise Unfit(BadValue.code, f"none of {listed}", f"应为下列之一：{listed}")
        return found

    return value


def translate(row: Row, columns: Iterable[Column]) -> tuple[Values, list[RowFault]]:
    """Return a row's values by field and what is wrong with its cells; an empty cell says nothing."""
    values: Values = {}
    faults: list[RowFault] = []
    for column in columns:
        try:
            value = _value(row, column)
        except Unfit as wrong:
            faults.append(RowFault(row.line, column.name, wrong.code, wrong.detail, wrong.zh))
            continue
        if value is not None:
            values[column.field] = value
    return values, faults


def _value(row: Row, column: Column) -> Any:
    if column.name in row.unfit:
        raise row.unfit[column.name]
    cell = row.cells.get(column.name, "")
    if cell:
        return column.value(cell)
    if column.needed:
        raise Unfit(BadValue.code, "is empty", "为空")
    return None
