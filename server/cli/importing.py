"""`wardledger import`: institutions and census lists from files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.imports.calendars import CalendarReport
    from server.imports.catalogues import CatalogueReport
    from server.imports.importing import Report
    from server.imports.progress import Progress
    from server.imports.table import RowFault

WHOLE = (
    "The file is .xlsx, or CSV in UTF-8 or GB18030; its headings stand in one of the first ten lines. "
    "Every row is checked first; where one is wrong, nothing is imported and every fault is named with its "
    "line and column. The file becomes one ledger entry. Importing a newer file changes what differs; an "
    "empty cell says nothing. "
)


def register(subparsers: Any) -> None:
    """Add `import institutions|census|catalogue|calendar|outbox`."""
    from server.cli import catalogue, outbox_file
    from server.imports import census, institutions

    parser = subparsers.add_parser("import", help="bring files of other systems into the ledger")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    listed = verbs.add_parser(
        "institutions",
        help="import the designated institutions",
        description=f"{WHOLE}An institution that the file leaves out stays as it is. "
        f"Columns: {', '.join(institutions.columns())}; needed: {', '.join(institutions.needed())}.",
    )
    listed.set_defaults(run=run_institutions)
    patients = verbs.add_parser(
        "census",
        help="import hospitals' lists of in-patients",
        description=f"{WHOLE}A patient whom a list leaves out is marked so and else stays as he is: a list is no "
        "proof of discharge. Each hospital's census is the population of the samples that are drawn from it. "
        f"Columns: {', '.join(census.columns())}; needed: {', '.join(census.needed())}.",
    )
    patients.add_argument(
        "--institution", metavar="CODE", help="whose list it is; else each row says so by fixmedins_code"
    )
    patients.add_argument(
        "--partial",
        action="store_true",
        help="the file lists some wards only: whom it leaves out stays listed",
    )
    patients.add_argument(
        "--day", metavar="DAY", type=_day, help="whose list it is, YYYY-MM-DD; else today's"
    )
    patients.add_argument(
        "--strict-codes",
        action="store_true",
        help="refuse the file for a diagnosis code that no catalogue of the day has, instead of warning of it",
    )
    patients.set_defaults(run=run_census)
    catalogue.add_import(verbs, run_catalogue)
    outbox_file.add_import(verbs)
    year = _add_calendar(verbs)
    for one in (listed, patients, year):
        one.add_argument("file", metavar="FILE", type=Path, help=".xlsx, or CSV in UTF-8 or GB18030")
        one.add_argument("--sheet", metavar="NAME", help="which sheet, where several have the columns")
        one.add_argument("--report", metavar="FILE", type=Path, help="write every fault to this CSV file")
        one.add_argument("--json", action="store_true", help="print the report as JSON")


def _add_calendar(verbs: Any) -> argparse.ArgumentParser:
    from server.imports import calendars

    year: argparse.ArgumentParser = verbs.add_parser(
        "calendar",
        help="import the working days of a region and year",
        description=f"{WHOLE}Open deadlines whose span it touches are computed anew, later only, each with its "
        "reason in the ledger; a case that is overdue already stays so. A row is a day, or a span of days off. "
        f"Columns: {', '.join(calendars.columns())}; needed: day, kind (off or working).",
    )
    year.add_argument("--region", metavar="CODE", required=True, help="where it counts, such as 340000")
    year.add_argument("--year", metavar="YEAR", type=int, required=True)
    year.add_argument(
        "--from", dest="valid_from", metavar="DAY", type=_day, help="from which day; else today"
    )
    year.add_argument("--provisional", action="store_true", help="it is not the published one yet")
    year.add_argument("--source", metavar="TEXT", default="", help="which notice it rests on")
    year.set_defaults(run=run_calendar)
    return year


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from error


def run_institutions(args: argparse.Namespace, app: Flask) -> int:
    """Import institutions."""
    from server.imports.institutions import import_institutions
    from server.operations.installation import services

    here = services(app)
    return _run(
        args,
        lambda progress: import_institutions(here, args.file, progress, sheet=args.sheet),
        chinese=not here.config.language.startswith("en"),
    )


def run_census(args: argparse.Namespace, app: Flask) -> int:
    """Import a census."""
    from server.imports.census import import_census
    from server.operations.installation import services

    here = services(app)
    more = {
        "partial_list": args.partial,
        "day": args.day,
        "sheet": args.sheet,
        "strict_codes": args.strict_codes,
    }
    return _run(
        args,
        lambda progress: import_census(here, args.file, args.institution, progress, **more),
        chinese=not here.config.language.startswith("en"),
    )


def run_calendar(args: argparse.Namespace, app: Flask) -> int:
    """Import a working calendar."""
    from server.imports.calendars import header, import_calendar
    from server.operations.installation import services

    here = services(app)
    head = header(
        args.region,
        args.year,
        args.valid_from or here.today(),
        standing="provisional" if args.provisional else "published",
        source=args.source,
    )
    return _run(
        args,
        lambda progress: import_calendar(here, args.file, head, progress, sheet=args.sheet),
        chinese=not here.config.language.startswith("en"),
    )


def run_catalogue(args: argparse.Namespace, app: Flask) -> int:
    """Import a catalogue."""
    from server.cli.catalogue import options
    from server.imports.catalogues import import_catalogue
    from server.operations.installation import services

    here = services(app)
    return _run(
        args,
        lambda progress: import_catalogue(here, args.file, options(args), progress, sheet=args.sheet),
        chinese=not here.config.language.startswith("en"),
    )


def _run(
    args: argparse.Namespace,
    work: Callable[[Progress], Report | CatalogueReport | CalendarReport],
    *,
    chinese: bool,
) -> int:
    from server.cli import write_json
    from server.imports import fault_report
    from server.imports.importing import Report
    from server.imports.table import BadRows

    try:
        with _shown() as progress:
            report = work(progress)
    except BadRows as bad:
        if args.report is not None:
            fault_report.write(args.report, bad.faults)
        if not args.json:
            _list(bad.faults, chinese=chinese)
        raise
    warnings = report.warnings if isinstance(report, Report) else ()
    if warnings and args.report is not None:
        fault_report.write(args.report, warnings)
    if args.json:
        write_json(report.json())
        return 0
    if warnings:
        _list(warnings, chinese=chinese)
    print("\n".join(report.text()))
    return 0


def _list(faults: Sequence[RowFault], *, chinese: bool) -> None:
    """List what is wrong or doubtful: as a table to a person at a terminal, else a line each."""
    import sys

    from rich.console import Console

    from server.imports import fault_report

    console = Console(stderr=True)
    if console.is_terminal:
        fault_report.tell(console, faults, chinese=chinese)
    else:
        print("\n".join(fault_report.plain(faults, chinese=chinese)), file=sys.stderr)


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
    words = {"read": "reading", "check": "checking rows", "commit": "committing"}
    layout = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*layout, console=console) as bar:
        tasks = {}

        def progress(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(words[step], total=of)
            bar.update(tasks[step], completed=done, total=of)

        yield progress
