"""`wardledger backup`: copies of database and files that were audited, made while the server works."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.operations.backup import Backup


def register(subparsers: Any) -> None:
    """Add `backup make|list|check`."""
    parser = subparsers.add_parser("backup", help="back up database and files, and check backups")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    new = verbs.add_parser(
        "make",
        help="make a backup while the server works",
        description="Copy the database as of one moment and the files that it names into a folder, and audit what "
        "was copied. Files that an earlier backup in this folder holds are not copied again. Neither the keys nor "
        "the signer's own record are in it: back the keys up apart, and never put the signer's record back.",
    )
    new.add_argument("target", type=Path, metavar="FOLDER", help="on another disk, or on another machine")
    new.add_argument("--keep", type=int, metavar="N", help="remove all but the newest N afterwards")
    new.add_argument("--json", action="store_true", help="print JSON")
    new.set_defaults(run=make)
    there = verbs.add_parser("list", help="list the backups in a folder, oldest first")
    there.add_argument("target", type=Path, metavar="FOLDER")
    there.add_argument("--json", action="store_true", help="print JSON")
    there.set_defaults(run=show)
    one = verbs.add_parser("check", help="hash every byte of a backup; 1 if something is missing or altered")
    one.add_argument("path", type=Path, metavar="BACKUP", help="the folder of one backup")
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=check)


def make(args: argparse.Namespace, app: Flask) -> int:
    """Make a backup; 1 where files were missing or altered in the store."""
    from server.cli import FAILED, OK, write_json
    from server.cli.ledger import shown
    from server.operations import backup
    from server.operations.installation import services

    with shown() as progress:
        made, _ = backup.make(services(app), args.target, keep=args.keep, progress=progress)
    if args.json:
        write_json(_facts(made))
    else:
        print(f"{made.path}: {made.size} entries, audited, and {made.files} files")
        for problem in made.problems:
            print(f"problem  {problem}")
    return FAILED if made.problems else OK


def show(args: argparse.Namespace, app: Flask) -> int:
    """List backups."""
    from server.cli import write_json
    from server.operations import backup

    found = [_facts(one) for one in backup.every(args.target)]
    if args.json:
        write_json(found)
        return 0
    if not found:
        print(f"no backups in {args.target}")
    for one in found:
        print(f"{one['path']}  {one['made']}  {one['size']:>9} entries  {one['files']:>7} files")
    return 0


def check(args: argparse.Namespace, app: Flask) -> int:
    """Hash a backup."""
    from server.cli import FAILED, OK, write_json
    from server.cli.ledger import shown
    from server.operations import backup

    with shown() as progress:
        found = backup.check(args.path, progress)
    if args.json:
        write_json({"ok": not found, "problems": found})
    else:
        print("\n".join(found) if found else f"{args.path} is whole")
    return FAILED if found else OK


def _facts(one: Backup) -> dict[str, Any]:
    made = datetime.fromtimestamp(one.made_at / 1000, UTC).isoformat(timespec="seconds")
    return {**one.json(), "path": str(one.path), "made": made}
