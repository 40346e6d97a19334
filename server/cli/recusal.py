"""`wardledger recusal declare|lift|list`: who stays away from an institution or an inspection."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from schemas.records.recusal import REASONS

if TYPE_CHECKING:
    from flask import Flask

    from sync.merge import Record


def register(subparsers: Any) -> None:
    """Add `recusal declare|lift|list`."""
    parser = subparsers.add_parser(
        "recusal", help="keep somebody away from an institution or an inspection (回避)"
    )
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    one = verbs.add_parser(
        "declare",
        help="declare a recusal",
        description="While it stands the user has no role over the institution or inspection, nor over anything that "
        "lies in it. His phone clears it away at its next sync, after what it still holds has left; that waits for a "
        "supervisor (`wardledger waiting`).",
    )
    one.add_argument("login", metavar="LOGIN", help="who is recused")
    one.add_argument("about", metavar="CODE|ID", help="an institution's code, or the id of an inspection")
    one.add_argument("--by", required=True, metavar="LOGIN", help="himself, a supervisor or an administrator")
    one.add_argument("--reason", required=True, choices=list(REASONS))
    one.add_argument("--words", default="", help="the reason in words; needed for `other`")
    one.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="default: today")
    one.add_argument(
        "--until", dest="last", type=date.fromisoformat, metavar="DAY", help="default: until lifted"
    )
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=run_declare)
    two = verbs.add_parser("lift", help="lift a recusal, which gives everything back")
    two.add_argument("id", metavar="RECUSAL")
    two.add_argument(
        "--by", required=True, metavar="LOGIN", help="a supervisor or administrator, not himself"
    )
    two.add_argument("--because", required=True, metavar="WORDS", help="why it is lifted")
    two.add_argument("--json", action="store_true", help="print JSON")
    two.set_defaults(run=run_lift)
    three = verbs.add_parser("list", help="list the recusals that stand or are to begin")
    three.add_argument("--all", action="store_true", help="also those that were lifted or are over")
    three.add_argument("--json", action="store_true", help="print JSON")
    three.set_defaults(run=run_list)


def run_declare(args: argparse.Namespace, app: Flask) -> int:
    """Declare a recusal."""
    from server.accounts import administration
    from server.accounts.users import find
    from server.casework import recusing
    from server.operations.installation import services

    here = services(app)
    about = args.about if len(args.about) == 36 else administration.institution(here, args.about)
    wanted = recusing.Wanted(
        find(here, args.login).id, about or "", args.reason, args.words, args.first, args.last
    )
    return _told(recusing.declare(here, find(here, args.by).id, wanted), as_json=args.json)


def run_lift(args: argparse.Namespace, app: Flask) -> int:
    """Lift a recusal."""
    from server.accounts.users import find
    from server.casework import recusing
    from server.operations.installation import services

    here = services(app)
    return _told(recusing.lift(here, find(here, args.by).id, args.id, args.because), as_json=args.json)


def run_list(args: argparse.Namespace, app: Flask) -> int:
    """List recusals by login and id; what is said in words stays in the ledger."""
    from server.casework import recusing
    from server.cli import write_json
    from server.operations.installation import services

    rows = [
        {**_facts(one), "login": login} for one, login in recusing.listed(services(app), everything=args.all)
    ]
    if args.json:
        write_json(rows)
    for row in rows if not args.json else ():
        until = row["until_on"] or "until lifted"
        print(
            f"{row['id']}  {row['stage']:<8}  {row['login']:<16}  {row['about']}  {row['from_on']} - {until}"
        )
    if not rows and not args.json:
        print("nobody is recused")
    return 0


def _told(made: Record, *, as_json: bool) -> int:
    from server.cli import write_json

    facts = _facts(made)
    if as_json:
        write_json(facts)
    else:
        print(f"{facts['stage']:<10} {facts['id']}  entry {made.version}")
    return 0


def _facts(one: Record) -> dict[str, Any]:
    names = ("institution", "about", "reason", "from_on", "until_on")
    return {"id": one.id, "stage": one.stage, **{name: one.values.get(name) for name in names}}
