"""Reports: each answers one question by a table that a chart draws, and that can be taken along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

TEXT, WHOLE, SHARE, DAY, DAYS, MONEY = "text", "whole", "share", "day", "days", "money"


@dataclass(frozen=True, kw_only=True, slots=True)
class TableColumn:
    """One column. kind: how its values are written: `text`, `whole`, `share` (0 to 1), `day`, `days`, `money` (fen)."""

    name: str
    label: str
    kind: str = TEXT


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under named columns; a value that is not known is None. more: whether rows were left out."""

    name: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One question with its answer. chart: how it is drawn (`intervals`, `stages`, `lines`, `heat`).

    note: what is counted and what is not; links: the address words of each row's own page, or None
    """

    table: Table
    chart: str
    note: str
    links: tuple[Mapping[str, str] | None, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportsPage:
    """All reports over a period. failed: the period that was asked for is none, and the usual one is shown."""

    template: ClassVar[str] = "console/reports.html"
    since: date
    until: date
    reports: tuple[Report, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False
