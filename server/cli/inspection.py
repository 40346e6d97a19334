"""`wardledger inspection handover`: let a colleague go on with a visit, in the middle of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `inspection handover`."""
    parser = subparsers.add_parser("inspection", help="hand a visit over to a colleague")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    one = verbs.add_parser(
        "handover",
        help="let a colleague go on with a visit, in the middle of it",
        description="Put a colleague into a visit's team, as its lead where the other was. At its next sync the "
        "colleague's phone has all that reached the server. What the other phone still holds comes into force when it "
        "arrives; with --leave it arrives late, and a supervisor adopts it or sets it aside.",
    )
    one.add_argument("id", metavar="INSPECTION")
    one.add_argument("--from", dest="giver", required=True, metavar="LOGIN", help="who hands over")
    one.add_argument("--to", dest="taker", required=True, metavar="LOGIN", help="who takes over")
    one.add_argument("--by", required=True, metavar="LOGIN", help="the supervisor who says so")
    one.add_argument("--reason", default="", metavar="TEXT", help="why, kept in the ledger beside it")
    one.add_argument("--leave", action="store_true", help="who hands over is no longer of the team")
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Hand a visit over."""
    from server.accounts.users import find
    from server.casework.handover import Handover, hand_over
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    wanted = Handover(find(here, args.giver), find(here, args.taker), args.leave)
    result = hand_over(here, find(here, args.by).id, args.id, wanted, args.reason)
    values = result.records[args.id].values
    facts = {
        "inspection": args.id,
        "lead": args.taker if values["lead"] == wanted.taker.id else None,
        "members": len(values.get("members", ())),
        "left": args.giver if args.leave else None,
    }
    if args.json:
        write_json(facts)
        return 0
    print(f"handed over   {args.id}")
    print(f"goes on with  {args.taker}" + (", who leads it now" if facts["lead"] else ""))
    if args.leave:
        print(
            f"left          {args.giver}; what that phone still holds will be listed by `wardledger waiting`"
        )
    return 0
