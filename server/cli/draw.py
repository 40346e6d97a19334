"""`wardledger draw`: draw a round's sample again, and hand it to a stranger so that he can."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.rounds.verifying import Verdict


def register(subparsers: Any) -> None:
    """Add `draw verify|export`."""
    parser = subparsers.add_parser("draw", help="draw a round's sample again, and see whether it is the same")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    check = verbs.add_parser(
        "verify",
        help="draw a sample again and compare",
        description="Derive the seed from the tree, the population from the census and the sample from both, and "
        "compare them with what the round says; exit status 1 if anything differs. With --file, from a file of "
        "`draw export` on any machine: no installation, no database, no network.",
    )
    check.add_argument("round", metavar="ROUND", nargs="?", help="the ward round's id")
    check.add_argument("--file", metavar="FILE", type=Path, help="verify this file instead")
    check.add_argument(
        "--key", metavar="VKEY", help="with --file: the verifier key that the bureau publishes"
    )
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(run=verify, needs_app=False)
    hand = verbs.add_parser(
        "export",
        help="write a draw to a file that anybody can verify",
        description="Write the entries that ordered, drew and called a round with their proofs, the census and who "
        "was on it (ward and id), to a JSON file. No name and no number of a person is in it.",
    )
    hand.add_argument("round", metavar="ROUND", help="the ward round's id")
    hand.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; else standard output")
    hand.set_defaults(run=export)


def verify(args: argparse.Namespace, _app: Flask | None) -> int:
    """Draw again and tell; 1 if the draw is not what it says it is."""
    from server.cli import USAGE

    if (args.round is None) == (args.file is None) or (args.key and args.file is None):
        print("draw verify: give a round, or --file (with --key)", file=sys.stderr)
        return USAGE
    found = _of_file(args) if args.file is not None else _of_ledger(args)
    return _tell(found, args)


def _of_file(args: argparse.Namespace) -> Verdict:
    from server.rounds import draw_file

    with args.file.open("rb") as file:
        return draw_file.verify(file.read(draw_file.BYTES_MAX + 1), args.key)


def _of_ledger(args: argparse.Namespace) -> Verdict:
    from server.cli import opened
    from server.config import load
    from server.operations.installation import services
    from server.rounds import verifying

    app = opened(load({"WARDLEDGER_ORIGIN": args.ledger} if args.ledger else {}))
    try:
        with app.app_context():
            return verifying.verify(services(app), args.round)
    finally:
        services(app).engine.dispose()


def _tell(found: Verdict, args: argparse.Namespace) -> int:
    from server.cli import FAILED, OK, write_json

    if args.json:
        write_json({**found.json(), "key_given": args.key is not None})
    else:
        facts = found.facts
        print(f"round     {found.ward_round}")
        print(f"seed      {facts['seed']}, of the census imported by entry {facts['census_entry']}")
        print(
            f"sample    {facts['sample']}, drawn by entry {facts['draw_entry']}; {facts['population']} were listed"
        )
        for fault, detail in found.faults:
            print(f"WRONG     {fault}: {detail}")
        print("verified: anybody who draws again finds the same sample" if found.ok else "NOT verified")
        if args.file is not None and args.key is None:
            print(
                "The key is the one in the file: compare it with the one that the bureau publishes, or give --key."
            )
    return OK if found.ok else FAILED


def export(args: argparse.Namespace, app: Flask) -> int:
    """Write a draw to a file."""
    from server.operations.installation import services
    from server.rounds import draw_file

    body = draw_file.export(services(app), args.round)
    written = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
    if args.output is None:
        sys.stdout.write(written)
    else:
        args.output.write_text(written, "utf-8")
        print(f"draw of round {args.round} with {len(body['entries'])} entries in {args.output}")
    return 0
