"""The words by which a command describes a new user."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from schemas.codes import fixmedins_code
from schemas.records.user import ROLES
from sync.errors import NotFound

if TYPE_CHECKING:
    from server.accounts.users import NewUser
    from server.wiring import Services


def describe_user(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Add the words that describe a new user."""
    parser.add_argument("login", metavar="LOGIN")
    parser.add_argument("--name", required=required, help="the person's name")
    parser.add_argument(
        "--role", required=required, action="append", choices=list(ROLES), help="may be repeated"
    )
    parser.add_argument("--region", required=required, help="the region (GB/T 2260) that the roles hold in")
    parser.add_argument("--email", help="where mail goes")
    parser.add_argument("--institution", metavar="CODE", help="an institution user's own institution")


def described(here: Services, args: argparse.Namespace) -> NewUser:
    """Return the user that the command's words describe; raises BadValue, BadCode, NotFound."""
    from server.accounts.users import check

    return check(
        login=args.login,
        name=args.name,
        roles=args.role,
        region=args.region,
        email=args.email,
        institution=_institution(here, args.institution) if args.institution else None,
    )


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
