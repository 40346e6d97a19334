"""What is wrong with a file, for the person who must mend it: a table on the terminal, a CSV beside the file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from server.imports.table import RowFault

COLUMNS = ("line", "column", "code", "wrong_zh", "wrong_en")
SHOWN = 50
"""Faults that the terminal lists; a file holds all of them."""
KINDS_SHOWN = 10


def write(path: Path, faults: Sequence[RowFault]) -> None:
    """Write every fault as one line of a CSV that spreadsheets open as it is (UTF-8 with its mark)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for fault in faults:
            writer.writerow((fault.line, fault.column, fault.code, fault.zh, fault.detail))


def tell(console: Console, faults: Sequence[RowFault], *, chinese: bool) -> None:
    """Print the faults as a table, and of many how often each occurs; chinese: in which language."""
    from rich.table import Table

    head = ("行", "列", "代码", "问题") if chinese else ("line", "column", "code", "what is wrong")
    table = Table(*head)
    for fault in faults[:SHOWN]:
        table.add_row(str(fault.line), fault.column, fault.code, _words(fault, chinese=chinese))
    console.print(table, markup=False)
    if len(faults) > SHOWN:
        kinds = Counter((fault.column, _words(fault, chinese=chinese)) for fault in faults)
        for (column, words), count in kinds.most_common(KINDS_SHOWN):
            console.print(f"{count:7} × {column}: {words}", markup=False, highlight=False)


def plain(faults: Sequence[RowFault], *, chinese: bool) -> list[str]:
    """Return a line of text for each fault, at most SHOWN, for whoever reads no terminal."""
    told = [f"line {f.line}, {f.column}: {f.code}: {_words(f, chinese=chinese)}" for f in faults[:SHOWN]]
    if len(faults) > SHOWN:
        told.append(f"and {len(faults) - SHOWN} more; --report names all of them")
    return told


def _words(fault: RowFault, *, chinese: bool) -> str:
    return fault.zh if chinese else fault.detail
