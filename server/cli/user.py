"""`wardledger user`: who may sign in and enrol phones."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from schemas.codes import fixmedins_code, mask_name
from schemas.records.user import ROLES
from sync.errors import NotFound
from sync.merge import Record

if TYPE_CHECKING:
    from flask import Flask

    from server.wiring import Services


def register(subparsers: Any) -> None:
    """Add `user add|list|disable`."""
    parser = subparsers.add_parser("user", help="add, list and disable users")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    new = verbs.add_parser(
        "add",
        help="add a user and print a password once",
        description="Add a user. The password is generated and printed once, unless it is read from standard "
        "input; it is kept beside the ledger as an Argon2id hash.",
    )
    new.add_argument("login", metavar="LOGIN")
    new.add_argument("--name", required=True, help="the person's name")
    new.add_argument("--role", required=True, action="append", choices=list(ROLES), help="may be repeated")
    new.add_argument("--region", required=True, help="the region (GB/T 2260) that the roles hold in")
    new.add_argument("--email", help="where mail goes")
    new.add_argument("--institution", metavar="CODE", help="an institution user's own institution")
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


def add(args: argparse.Namespace, app: Flask) -> int:
    """Add a user."""
    from server.accounts.users import check, enlist
    from server.operations.installation import services

    here = services(app)
    new = check(
        login=args.login,
        name=args.name,
        roles=args.role,
        region=args.region,
        email=args.email,
        institution=_institution(here, args.institution) if args.institution else None,
    )
    given = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else None
    user, password = enlist(here, new, given)
    print(f"user      {user}\nlogin     {new.login}")
    if given is None:
        print(f"password  {password}  (shown this once)")
    return 0


def _institution(here: Services, written: str) -> str:
    """Return the record of an institution's code; raises BadCode or NotFound."""
    from server.storage import record_store

    code = fixmedins_code(written)
    with here.database.reading() as connection:
        vault = here.vault.session(connection, here.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", [code])
    if code not in found:
        raise NotFound(f"the ledger holds no institution {code}")
    return found[code].id


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
        "login": values["login"],
        "name": mask_name(values["display_name"]),
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
