"""`wardledger device lost`: shut a lost phone out, order it to erase itself, and say what was on it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.operations.lost_phone import Exposure
    from server.wiring import Services

WORDS = {
    "after_upload": "erases itself at its next contact, once its unsent work has left it",
    "now": "erases itself at its next contact, whatever it still holds",
}


def register(verbs: Any) -> None:
    """Add `lost` to the commands of `device`."""
    one = verbs.add_parser(
        "lost",
        help="shut a lost phone out, order it to erase itself, and say what was on it",
        description="Shut a lost phone out with a ledger entry. What it still sends is kept in quarantine; at its next "
        "contact it is told, signed, to erase itself once its unsent work has left it. Prints what may be on it, "
        "counted by inspection or institution, without anybody's name. Said again it prints the report again.",
    )
    one.add_argument("id", metavar="ID")
    one.add_argument(
        "--wipe-now",
        action="store_true",
        help="let it erase itself at its next contact, unsent work included: that work is lost then",
    )
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Declare a phone lost."""
    from server.cli import write_json
    from server.operations.installation import services
    from server.operations.lost_phone import declare_lost

    here = services(app)
    found = declare_lost(here, args.id, now=args.wipe_now)
    login = _login(here, found.user)
    if args.json:
        write_json({**found.json(), "login": login, "last_contact": _instant(found.last_contact)})
    else:
        _print(found, login)
    return 0


def _login(here: Services, user: str) -> str:
    from server.accounts.users import everybody

    return next((one.values["login"] for one in everybody(here) if one.id == user), user)


def _print(found: Exposure, login: str) -> None:
    print(f"lost          {found.device} of {login}")
    print(f"wipe          {WORDS[found.wipe]}")
    print(f"last contact  {_instant(found.last_contact) or 'never: there was nothing on it but its keys'}")
    print(f"arrived       {found.sets} change-sets; what it recorded since is on the phone alone")
    print(f"may be on it  {found.records.total()} records at most, the keys of {found.file_keys} files")
    for shelf in found.shelves:
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(shelf.records.items()))
        print(f"  {shelf.type:<12} {shelf.root}  {shelf.region:<9}  {counts}")


def _instant(ms: int) -> str | None:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms else None
