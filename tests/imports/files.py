"""Files to import, written by tests: the demo city's, with cells changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from server.demo import city

SEED, SCALE = 1, 0.01
DAY = date(2026, 11, 17)
HOSPITAL = min((one for one in city.institutions(SEED, SCALE) if one.beds), key=lambda one: one.beds)
OTHER = next(one for one in city.institutions(SEED, SCALE) if one.beds and one != HOSPITAL)
Cells = dict[str, str]


def rows_of(text: str) -> list[Cells]:
    """Return a CSV's rows by column."""
    return list(csv.DictReader(io.StringIO(text)))


def write(path: Path, rows: list[Cells]) -> Path:
    """Write rows as a spreadsheet saves them, and return the path."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    """Write a spreadsheet of sheets, each a name and its lines, and return the path."""
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def city_census(path: Path, hospitals: Sequence[city.Institution], day: date = DAY) -> Path:
    """Write the in-patients of several hospitals into one file, each row with its hospital's code."""
    rows = [
        {"fixmedins_code": one.fixmedins_code, **row}
        for one in hospitals
        for row in rows_of(city.census_csv(one.fixmedins_code, SEED, day))
    ]
    return write(path, rows)


def institutions(path: Path, change: Callable[[list[Cells]], object] = bool) -> Path:
    """Write the small city's institutions, after `change` had its way with the rows."""
    rows = rows_of(city.institutions_csv(SEED, SCALE))
    change(rows)
    return write(path, rows)


def census(path: Path, change: Callable[[list[Cells]], object] = bool, *, day: date = DAY) -> Path:
    """Write the hospital's in-patients of a day, after `change` had its way with the rows."""
    rows = rows_of(city.census_csv(HOSPITAL.fixmedins_code, SEED, day))
    change(rows)
    return write(path, rows)
