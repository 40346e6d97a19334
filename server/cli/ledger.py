"""`wardledger ledger`: audit it, prove one entry to a stranger, verify such a proof anywhere, have it vouched for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.ledger.proofs import Proven

SHOWN_EVERY = 500
Progress = Callable[[str, int, int], None]


def register(subparsers: Any) -> None:
    """Add `ledger audit|prove|recover|verify|timestamp|witnesses`."""
    from server.cli import ledger_outside, recovering

    parser = subparsers.add_parser("ledger", help="audit the ledger; prove and verify entries")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    check = verbs.add_parser(
        "audit",
        help="derive everything the ledger claims again from its bytes",
        description="Derive leaves, tiles, roots, signatures, device chains, receipts and all projections again "
        "from the stored bytes. Every discrepancy is named by table, key and column; exit status 1 if there is one.",
    )
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.set_defaults(run=audit)
    show = verbs.add_parser(
        "prove",
        help="write the proof of one entry to a file",
        description="Write a JSON file with the entry, its change line, its proof and the ledger's verifier key. "
        "No name and no free text is in it. Anybody can check it with `wardledger ledger verify`.",
    )
    show.add_argument("index", metavar="INDEX", type=_index, nargs="?", help="the entry's number, from 0")
    show.add_argument("--row", metavar="N", type=_index, help="of an import: show this row too, from 1")
    show.add_argument(
        "--record", metavar="ID", help="instead: the entry, and the row, that last wrote a record"
    )
    show.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; else standard output")
    show.set_defaults(run=prove)
    recovering.register(verbs)
    test = verbs.add_parser(
        "verify",
        help="check such a file, on any machine",
        description="Check the file of `ledger prove`. Needs no installation, no database and no network.",
    )
    test.add_argument("file", metavar="FILE", type=Path)
    test.add_argument("--key", metavar="VKEY", help="the verifier key that the bureau publishes")
    test.add_argument("--json", action="store_true", help="print JSON")
    test.set_defaults(run=verify, needs_app=False)
    ledger_outside.register(verbs)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("an entry's number, counted from 0")
    return int(text)


def audit(args: argparse.Namespace, app: Flask) -> int:
    """Audit the ledger."""
    from server.cli import write_json
    from server.ledger.audit import audit as examine
    from server.operations.installation import services

    with shown() as progress:
        report = examine(services(app), progress)
    if args.json:
        write_json(report.json())
    else:
        print("\n".join(report.text()))
    return 0 if report.ok else 1


def prove(args: argparse.Namespace, app: Flask) -> int:
    """Write the proof of one entry."""
    from server.cli import USAGE
    from server.ledger.proofs import package
    from server.ledger.row_proofs import place_of
    from server.operations.installation import services

    here = services(app)
    if (args.index is None) == (args.record is None) or (args.record and args.row is not None):
        print("ledger prove: give an entry's number (with --row), or --record", file=sys.stderr)
        return USAGE
    with here.database.reading() as connection:
        index, row = args.index, args.row
        if args.record is not None:
            index, row = place_of(connection, here.vault.session(connection, here.ledger.id), args.record)
        found = package(connection, here.ledger, index, here.keyring.ledger_public, row=row)
    written = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if args.output is None:
        sys.stdout.write(written)
    else:
        args.output.write_text(written, "utf-8")
        print(f"proof of entry {index} of {found['key'].split('+')[0]} in {args.output}")
    return 0


def verify(args: argparse.Namespace, _app: Flask | None) -> int:
    """Check a proof; 1 if it does not hold."""
    from server.cli import write_json
    from server.ledger.proofs import PACKAGE_BYTES_MAX, verify_package
    from sync.errors import Refusal

    with args.file.open("rb") as file:
        raw = file.read(PACKAGE_BYTES_MAX + 1)
    try:
        proven = verify_package(raw, args.key)
    except Refusal as refusal:
        if args.json:
            write_json({"ok": False, "code": refusal.code, "detail": refusal.detail})
        print(f"NOT proven: {refusal.detail}", file=sys.stderr)
        return 1
    if args.json:
        write_json(_facts(proven, args.key is not None))
    else:
        _tell(proven, args.key is not None)
    return 0


def _facts(proven: Proven, key_given: bool) -> dict[str, Any]:
    entry = proven.entry
    return {
        "ok": True,
        "log": proven.head.name,
        "index": proven.index,
        "size": proven.head.size,
        "root": proven.head.root.hex(),
        "key": proven.key,
        "key_given": key_given,
        "kind": entry.kind,
        "type": entry.type,
        "record": entry.record,
        "at": entry.at,
        "by": entry.by,
        "verdict": entry.outcome.get("verdict"),
        "change": entry.change,
        "change_shown": proven.change_shown,
        "row": json.loads(proven.row) if proven.row else None,
    }


def _tell(proven: Proven, key_given: bool) -> None:
    entry, head = proven.entry, proven.head
    print(f"proven    entry {proven.index} of {head.name}, under its signed head of {head.size} entries")
    print(
        f"entry     {entry.kind} {entry.type or 'unreadable'} {entry.record or ''} {entry.outcome.get('verdict')}"
    )
    print(f"change    {entry.change}{'' if proven.change_shown else ' (not shown)'}")
    if proven.row:
        row = json.loads(proven.row)
        print(f"row       {row['op']} {row['type']} {row['record']} lies under the import's root")
    print(f"key       {proven.key}")
    if not key_given:
        print(
            "The key is the one in the file: compare it with the one that the bureau publishes, or give --key."
        )


@contextmanager
def shown() -> Iterator[Progress]:
    """Yield what shows progress on a terminal, and nothing elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    with console.status("reading") as status:

        def progress(what: str, done: int, of: int) -> None:
            if done % SHOWN_EVERY == 0:
                status.update(f"{what} {done}{f' of {of}' if of else ''}")

        yield progress
