"""`wardledger import`: institutions and census lists from files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.imports.importing import Report
    from server.imports.progress import Progress

FAULTS_SHOWN = 50


def register(subparsers: Any) -> None:
    """Add `import institutions|census`."""
    from server.imports import census, institutions

    parser = subparsers.add_parser("import", help="bring files of other systems into the ledger")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    whole = (
        "Every row is checked first; where one is wrong, nothing is imported and every fault is named with its "
        "line and column. The file becomes one ledger entry. Importing a newer file changes what differs; an "
        "empty cell says nothing. "
    )
    listed = verbs.add_parser(
        "institutions",
        help="import the designated institutions",
        description=f"{whole}An institution that the file leaves out stays as it is. "
        f"Columns: {', '.join(institutions.columns())}; needed: {', '.join(institutions.needed())}.",
    )
    listed.set_defaults(run=run_institutions)
    patients = verbs.add_parser(
        "census",
        help="import a hospital's list of in-patients",
        description=f"{whole}A patient whom the file leaves out stays as he is: a list is no proof of discharge. "
        f"Columns: {', '.join(census.columns())}; needed: {', '.join(census.needed())}.",
    )
    patients.add_argument("--institution", metavar="CODE", required=True, help="whose list it is")
    patients.set_defaults(run=run_census)
    for one in (listed, patients):
        one.add_argument("file", metavar="FILE", type=Path, help="CSV in UTF-8")
        one.add_argument("--json", action="store_true", help="print the report as JSON")


def run_institutions(args: argparse.Namespace, app: Flask) -> int:
    """Import institutions."""
    from server.imports.institutions import import_institutions
    from server.operations.installation import services

    return _run(args, lambda progress: import_institutions(services(app), args.file, progress))


def run_census(args: argparse.Namespace, app: Flask) -> int:
    """Import a census."""
    from server.imports.census import import_census
    from server.operations.installation import services

    return _run(args, lambda progress: import_census(services(app), args.file, args.institution, progress))


def _run(args: argparse.Namespace, work: Callable[[Progress], Report]) -> int:
    from server.cli import write_json
    from server.imports.table import BadRows

    try:
        with _shown() as progress:
            report = work(progress)
    except BadRows as bad:
        if not args.json:
            _tell(bad)
        raise
    if args.json:
        write_json(report.json())
        return 0
    print(f"rows      {report.rows}")
    print(f"created   {report.created}\nchanged   {report.changed}\nsame      {report.same}")
    if report.contested:
        print(f"contested {report.contested}  (fields left alone: an open conflict must be decided first)")
    if report.left_out:
        print(f"left out  columns {', '.join(report.left_out)}")
    print(f"entry     {'none: there was nothing to do' if report.index is None else report.index}")
    return 0


def _tell(bad: Any) -> None:
    rows = bad.facts["rows"]
    for row in rows[:FAULTS_SHOWN]:
        print(f"line {row['line']}, {row['column']}: {row['code']}: {row['detail']}", file=sys.stderr)
    if len(rows) > FAULTS_SHOWN:
        print(f"and more; --json names up to {len(rows)}", file=sys.stderr)


@contextmanager
def _shown() -> Iterator[Progress]:
    """Yield what shows progress on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from server.imports.progress import unnoticed

    console = Console(stderr=True)
    if not console.is_terminal:
        yield unnoticed
        return
    words = {"check": "checking rows", "commit": "committing"}
    layout = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*layout, console=console) as bar:
        tasks = {}

        def progress(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(words[step], total=of)
            bar.update(tasks[step], completed=done, total=of)

        yield progress
