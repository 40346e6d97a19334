"""`wardledger draw`: institutions are drawn; whatever was drawn is drawn again, or handed to a stranger."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.rounds.verdict import Verdict


def register(subparsers: Any) -> None:
    """Add `draw institutions|verify|second-review|export`."""
    parser = subparsers.add_parser("draw", help="draw again what was drawn, and see whether it is the same")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    check = verbs.add_parser(
        "verify",
        help="draw a sample, officers or institutions again and compare",
        description="Derive the seed from the tree, the population from the census (of a round), from the order (of "
        "an inspection's officers) or from the ledger as it stood (of institutions), and who is drawn from both, and "
        "compare them with what the record says; exit status 1 if anything differs. With --file, from a file of "
        "`draw export` on any machine: no installation, no database, no network.",
    )
    check.add_argument(
        "round",
        metavar="RECORD",
        nargs="?",
        help="the id of a ward round, an inspection or a draw of institutions",
    )
    check.add_argument("--file", metavar="FILE", type=Path, help="verify this file instead")
    check.add_argument(
        "--key", metavar="VKEY", help="with --file: the verifier key that the bureau publishes"
    )
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(run=verify, needs_app=False)
    _institutions(verbs)
    again = verbs.add_parser(
        "second-review",
        help="draw again what of a day's first reviews is reviewed a second time",
        description="Derive the seed from the tree, the population from the day's decisions and the sample from both, "
        "and compare it with the tasks that the server made; exit status 1 if they differ.",
    )
    again.add_argument("region", metavar="REGION", help="the region's six digits")
    again.add_argument("day", metavar="DAY", help="the day of the first reviews, as 2026-11-21")
    again.add_argument("--json", action="store_true", help="print JSON")
    again.set_defaults(run=second)
    hand = verbs.add_parser(
        "export",
        help="write a draw to a file that anybody can verify",
        description="Write the entries that ordered, drew and called a round with their proofs, the census and who "
        "was on it (ward and id), to a JSON file. No name and no number of a person is in it.",
    )
    hand.add_argument("round", metavar="ROUND", help="the ward round's id")
    hand.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to; else standard output")
    hand.set_defaults(run=export)


def _institutions(verbs: Any) -> None:
    from schemas.records.institution import GRADES, KINDS
    from schemas.records.random_draw import SIZE_MAX

    made = verbs.add_parser(
        "institutions",
        help="draw institutions to inspect",
        description="Order a draw as a supervisor and carry it out: the seed is the root of the tree that ends with "
        "the order's entry, and who could be drawn follows from the ledger as it stood then.",
    )
    made.add_argument("region", metavar="REGION", help="the region's code; what lies below it counts")
    made.add_argument("size", metavar="N", type=int, help=f"how many, 1 to {SIZE_MAX}")
    made.add_argument("--by", metavar="LOGIN", required=True, help="whose order it is; his rights count")
    made.add_argument("--kind", action="append", default=[], choices=list(KINDS), help="may be repeated")
    made.add_argument("--grade", action="append", default=[], choices=list(GRADES), help="may be repeated")
    made.add_argument("--json", action="store_true", help="print JSON")
    made.set_defaults(run=institutions)


def institutions(args: argparse.Namespace, app: Flask) -> int:
    """Order a draw of institutions and print who was drawn."""
    from server.accounts import users
    from server.casework import random_draws
    from server.cli import OK, write_json
    from server.operations.installation import services
    from server.storage import record_store

    here = services(app)
    wanted = random_draws.Wanted(
        region=args.region, size=args.size, kinds=tuple(args.kind), grades=tuple(args.grade)
    )
    made = random_draws.order(here, users.find(here, args.by).id, wanted)
    with here.database.reading() as connection:
        vault = here.vault.session(connection, here.ledger.id)
        values = record_store.load(connection, vault, [made])[made].values
        places = record_store.load(connection, vault, values["drawn"]).values()
        found = sorted(str(one.values["fixmedins_code"]) for one in places)
    if args.json:
        write_json(
            {"draw": made, "seed": values["seed"], "population": values["population_count"], "drawn": found}
        )
    else:
        print(f"draw      {made}")
        print(f"seed      {values['seed']}")
        print(f"drawn     {len(found)} of {values['population_count']}")
        print("\n".join(found))
    return OK


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
    from server.casework import drawn_again
    from server.cli import opened
    from server.config import load
    from server.operations.installation import services
    from server.rounds import verifying

    app = opened(load({"WARDLEDGER_ORIGIN": args.ledger} if args.ledger else {}))
    try:
        with app.app_context():
            here = services(app)
            if drawn_again.kind_of(here, args.round) in drawn_again.SEEDS:
                return drawn_again.verify(here, args.round)
            return verifying.verify(here, args.round)
    finally:
        services(app).engine.dispose()


def _tell(found: Verdict, args: argparse.Namespace) -> int:
    from server.cli import FAILED, OK, write_json

    if args.json:
        write_json({**found.json(), "key_given": args.key is not None})
        return OK if found.ok else FAILED
    facts, round_drawn = found.facts, found.about.get("ward_round")
    if round_drawn is not None:
        print(f"round     {round_drawn}")
        print(f"seed      {facts['seed']}, of the census imported by entry {facts['census_entry']}")
        print(
            f"sample    {facts['sample']}, drawn by entry {facts['draw_entry']}; {facts['population']} were listed"
        )
    else:
        print(f"{found.about['what']:9} of {found.about['record']}")
        if facts:
            print(f"seed      {facts['seed']}, of the tree that ends with entry {facts['order_entry']}")
            print(f"drawn     {facts['drawn']} of {facts['population']} who could be")
    for fault, detail in found.faults:
        print(f"WRONG     {fault}: {detail}")
    print("verified: anybody who draws again finds the same" if found.ok else "NOT verified")
    if round_drawn is not None and args.file is not None and args.key is None:
        print(
            "The key is the one in the file: compare it with the one that the bureau publishes, or give --key."
        )
    return OK if found.ok else FAILED


def second(args: argparse.Namespace, app: Flask) -> int:
    """Draw a day's second reviews again and compare; 1 if the tasks are not what the ledger draws."""
    from schemas.times import read_day
    from server.casework import second_draw
    from server.cli import FAILED, OK, write_json
    from server.operations.installation import services

    found = second_draw.draw_of(services(app), args.region, read_day(args.day))
    made = second_draw.tasks_of(services(app), found)
    entered = [str(task.values.get("cause")) for task in made]
    drawn = [f"entry/{one.index}" for one in found.drawn]
    facts = {
        "region": found.region,
        "day": args.day,
        "seed": found.seed,
        "ended_by": found.ended_by,
        "percent": found.percent,
        "population": len(found.population),
        "drawn": drawn,
        "tasks": entered,
        "ok": drawn == entered,
    }
    if args.json:
        write_json(facts)
    else:
        print(f"seed        {found.seed}, of the tree that ends with entry {found.ended_by}")
        print(f"drawn       {len(drawn)} of {len(found.population)} first reviews ({found.percent} %)")
        print(
            "verified: the tasks are those that the ledger draws"
            if facts["ok"]
            else "NOT verified: the tasks differ"
        )
    return OK if facts["ok"] else FAILED


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
