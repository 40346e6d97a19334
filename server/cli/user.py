"""`wardledger user`: who may sign in and enrol phones, and who stands in for whom."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

from schemas.codes import mask_name
from schemas.records.deputation import ROLES as DEPUTISED
from server.cli import user_codes
from server.cli.new_user import describe_user, described
from sync.merge import Record

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `user add|list|disable|absent|back|invite|reset|reset-factor|sign-out`."""
    parser = subparsers.add_parser("user", help="add, list and disable users")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    new = verbs.add_parser(
        "add",
        help="add a user and print a password once",
        description="Add a user. The password is generated and printed once, unless it is read from standard "
        "input; it is kept beside the ledger as an Argon2id hash.",
    )
    describe_user(new, required=True)
    new.add_argument("--password-stdin", action="store_true", help="read the password's one line from stdin")
    new.set_defaults(run=add)
    everybody = verbs.add_parser("list", help="list users, their names masked")
    everybody.add_argument("--json", action="store_true", help="print JSON")
    everybody.set_defaults(run=show)
    end = verbs.add_parser(
        "disable",
        help="end a user's access",
        description="End a user's access: sign-in and every role, those of inspections included, end with this ledger "
        "entry. What was recorded stays; what a phone of the user still brings waits for a supervisor or is "
        "refused, and the phone is told to hide what it holds. `device revoke` stops the phone itself.",
    )
    end.add_argument("login", metavar="LOGIN")
    end.set_defaults(run=disable)
    _absence(verbs)
    user_codes.register(verbs)


def _absence(verbs: Any) -> None:
    away = verbs.add_parser(
        "absent",
        help="let a deputy stand in for somebody who is away",
        description="Give a deputy the desk roles of who is away, over the same region, from a day and until a day; "
        "the scheduler begins and ends it, and reminders reach both meanwhile. Without LOGIN: list who is away. "
        "Who inspects is replaced in his inspections instead.",
    )
    away.add_argument("login", metavar="LOGIN", nargs="?")
    away.add_argument("--deputy", metavar="LOGIN")
    away.add_argument("--from", dest="first", metavar="YYYY-MM-DD", type=_day, help="default: today")
    away.add_argument("--until", dest="last", metavar="YYYY-MM-DD", type=_day, help="the last day")
    away.add_argument(
        "--role", action="append", default=[], choices=list(DEPUTISED), help="default: all of them"
    )
    away.add_argument("--json", action="store_true", help="print JSON")
    away.set_defaults(run=absent)
    back = verbs.add_parser("back", help="end a deputation before its day")
    back.add_argument("id", metavar="ID", help="as `wardledger user absent` lists it")
    back.set_defaults(run=run_back)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is YYYY-MM-DD") from error


def add(args: argparse.Namespace, app: Flask) -> int:
    """Add a user."""
    from server.accounts.users import enlist
    from server.operations.installation import services

    here = services(app)
    new = described(here, args)
    given = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else None
    user, password = enlist(here, new, given)
    print(f"user      {user}\nlogin     {new.login}")
    if given is None:
        print(f"password  {password}  (shown this once)")
    return 0


def show(args: argparse.Namespace, app: Flask) -> int:
    """List users."""
    from rich.console import Console
    from rich.table import Table

    from server.accounts.users import everybody
    from server.cli import write_json
    from server.operations.installation import services

    people = [_shown(record) for record in everybody(services(app))]
    if args.json:
        write_json(people)
        return 0
    table = Table("login", "name", "roles", "region", "stage", box=None, pad_edge=False)
    for one in people:
        table.add_row(one["login"], one["name"], " ".join(one["roles"]), one["region"], one["stage"])
    Console(highlight=False, markup=False).print(table)
    return 0


def _shown(record: Record) -> dict[str, Any]:
    values = record.values
    return {
        "id": record.id,
        "login": values.get("login", ""),
        "name": mask_name(values.get("display_name", "")),
        "roles": sorted(values.get("roles") or []),
        "region": values["region"],
        "institution": values.get("institution"),
        "stage": record.stage,
    }


def disable(args: argparse.Namespace, app: Flask) -> int:
    """Disable a user."""
    from server.accounts.users import disable as end
    from server.operations.installation import services

    print(f"disabled  {end(services(app), args.login)}")
    return 0


def absent(args: argparse.Namespace, app: Flask) -> int:
    """Appoint a deputy, or list who is away."""
    from server.accounts import deputations
    from server.accounts.users import find
    from server.cli import USAGE, write_json
    from server.operations.installation import services

    here = services(app)
    if args.login is not None:
        if args.deputy is None or args.last is None:
            print("usage: wardledger user absent LOGIN --deputy LOGIN --until YYYY-MM-DD", file=sys.stderr)
            return USAGE
        first = args.first or here.today()
        who, deputy = find(here, args.login), find(here, args.deputy)
        deputations.appoint(here, who, deputy, first=first, last=args.last, roles=args.role)
    rows = [_deputation(one) for one in deputations.standing(here)]
    if args.json:
        write_json(rows)
        return 0
    for row in rows:
        days = f"{row['from_on']} to {row['until_on']}"
        print(
            f"{row['id']}  {row['stage']:<7}  {days}  {row['deputy']} for {row['absent']}: {' '.join(row['roles'])}"
        )
    if not rows:
        print("nobody is away")
    return 0


def _deputation(one: Record) -> dict[str, Any]:
    names = ("absent", "deputy", "region", "from_on", "until_on")
    return {
        "id": one.id,
        "stage": one.stage,
        **{name: one.values[name] for name in names},
        "roles": sorted(one.values["roles"]),
    }


def run_back(args: argparse.Namespace, app: Flask) -> int:
    """End a deputation."""
    from server.accounts import deputations
    from server.operations.installation import services

    deputations.end(services(app), args.id)
    print(f"ended     {args.id}")
    return 0
