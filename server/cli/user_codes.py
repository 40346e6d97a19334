"""`wardledger user invite|reset|reset-factor|sign-out`: codes with which somebody gets in, and ways to put him out."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.cli.new_user import describe_user, described

if TYPE_CHECKING:
    from flask import Flask

    from server.accounts.invitations import Invitation
    from server.wiring import Services


def register(verbs: Any) -> None:
    """Add the two commands to those of `user`."""
    asked = verbs.add_parser(
        "invite",
        help="let somebody in by a one-time code",
        description="Make a user who chooses the password himself, and print a code and a link that are good once, for "
        "three days. With LOGIN alone: a new code for one who has not used his; the one before ends.",
    )
    describe_user(asked, required=False)
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.set_defaults(run=invite)
    fresh = verbs.add_parser(
        "reset",
        help="end a password and print a code for another",
        description="End a user's password and sessions at once, and print a code and a link that are good once, for a "
        "day. A second factor stays.",
    )
    fresh.add_argument("login", metavar="LOGIN")
    fresh.add_argument("--json", action="store_true", help="print JSON")
    fresh.set_defaults(run=reset)
    factor = verbs.add_parser(
        "reset-factor",
        help="take a second factor away whose phone is lost",
        description="Take a user's second factor and recovery codes away and end all his sessions. Where his role asks "
        "for one, the next sign-in leads to setting it up anew. Make sure who asks for it.",
    )
    factor.add_argument("login", metavar="LOGIN")
    factor.set_defaults(run=reset_factor)
    out = verbs.add_parser("sign-out", help="end all sessions of a user")
    out.add_argument("login", metavar="LOGIN")
    out.set_defaults(run=sign_out)


def invite(args: argparse.Namespace, app: Flask) -> int:
    """Invite a new user, or once more one who has not come."""
    from server.accounts import invitations
    from server.accounts.users import find
    from server.cli import USAGE
    from server.operations.installation import services

    here = services(app)
    told = (args.name, args.role, args.region)
    if not any(told):
        made = invitations.again(here, find(here, args.login))
    elif all(told):
        made = invitations.invite(here, described(here, args))
    else:
        print("usage: wardledger user invite LOGIN --name NAME --role ROLE --region CODE", file=sys.stderr)
        return USAGE
    return _print(here, made, as_json=args.json)


def reset(args: argparse.Namespace, app: Flask) -> int:
    """Reset a password."""
    from server.accounts import invitations
    from server.accounts.users import find
    from server.operations.installation import services

    here = services(app)
    return _print(here, invitations.reset(here, find(here, args.login)), as_json=args.json)


def reset_factor(args: argparse.Namespace, app: Flask) -> int:
    """Take a second factor away."""
    from server.accounts import second_factor
    from server.accounts.users import find
    from server.operations.installation import services

    here = services(app)
    gone = second_factor.reset(here, find(here, args.login).id)
    print("the second factor is off, and every session has ended" if gone else "there was no second factor")
    return 0


def sign_out(args: argparse.Namespace, app: Flask) -> int:
    """End all sessions of a user."""
    from server.accounts import sessions
    from server.accounts.users import find
    from server.commit.acts import MACHINE
    from server.operations.installation import services

    here = services(app)
    print(f"ended     {sessions.revoke(here, find(here, args.login).id, by=MACHINE)}")
    return 0


def _print(here: Services, made: Invitation, *, as_json: bool) -> int:
    from server.cli import write_json

    until = datetime.fromtimestamp(made.expires_at / 1000, UTC)
    if as_json:
        write_json({"user": made.user, "code": made.code, "url": made.url, "expires_at": until.isoformat()})
        return 0
    local = until.astimezone(here.config.zone)
    print(f"user      {made.user}\ncode      {made.code}  (shown this once)\nlink      {made.url}")
    print(f"until     {local:%Y-%m-%d %H:%M}")
    return 0
