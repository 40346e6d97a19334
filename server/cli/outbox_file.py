"""`wardledger import outbox`: what a phone could not send, brought as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.intake.outbox_file import Brought

FAILED = 1


def add_import(verbs: Any) -> None:
    """Add `import outbox`."""
    one = verbs.add_parser(
        "outbox",
        help="take in what a phone exported because it could not send it",
        description="Take in a file that a phone wrote of its unsent work, because it has no network for weeks or is "
        "broken. Each set goes the way of a push: it is opened, its device's signature and its place in the chain are "
        "checked, and it is judged and entered, or kept in quarantine; each file is verified by its digest. Said again "
        "it does nothing more, and the phone settles at its next sync. Ends with 1 where anything was not taken.",
    )
    one.add_argument("file", metavar="FILE", type=Path, help="as the phone wrote it (.wlo)")
    one.add_argument("--json", action="store_true", help="print the report as JSON")
    one.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Take in a phone's outbox."""
    from server.cli import write_json
    from server.intake.outbox_file import bring
    from server.operations.installation import services

    with args.file.open("rb") as source:
        brought = bring(services(app), source)
    if args.json:
        write_json(brought.json())
    else:
        print("\n".join(lines_of(brought)))
    return 0 if brought.whole else FAILED


def lines_of(brought: Brought) -> list[str]:
    """Return the report as lines for people."""
    head = brought.header
    told = [f"device {head.device}: {head.parts} parts"]
    for one in brought.parts:
        what = f"set {one.seq}" if one.seq is not None else f"file {one.digest[:12]}"
        verdicts = ", ".join(f"{verdict} {count}" for verdict, count in sorted(one.verdicts.items()))
        why = f"{one.code}: {one.detail}" if one.code else ""
        told.append(f"{one.part:>6}  {what:<18}  {one.became:<8}  {verdicts or why}".rstrip())
    if brought.broken:
        told.append(f"the file ends or is damaged after part {len(brought.parts)}: {brought.broken[1]}")
    return told
