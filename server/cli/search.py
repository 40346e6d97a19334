"""`wardledger search`: the index of the desk's search."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `search rebuild|check`."""
    parser = subparsers.add_parser("search", help="the index of the desk's search")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    anew = verbs.add_parser(
        "rebuild",
        help="make the index anew from the records",
        description="Make the index of the desk's search anew from the records, while the server goes on. With "
        "--new-key the key under which names and numbers of persons are hashed is destroyed and made anew; stop "
        "server and scheduler for that.",
    )
    anew.add_argument("--new-key", action="store_true", help="hash names and numbers under a new key")
    anew.set_defaults(run=rebuild)
    look = verbs.add_parser(
        "check",
        help="compare the index with the records",
        description="Compare the index of the search with what the records lead to; exit status 1 if it differs.",
    )
    look.set_defaults(run=check)


def rebuild(args: argparse.Namespace, app: Flask) -> int:
    """Make the index anew."""
    from server.cli.ledger import shown
    from server.operations import search_index
    from server.operations.installation import services

    with shown() as progress:
        done = search_index.rebuild(services(app), progress, new_key=args.new_key)
    print(f"search index made anew from {done} records{' under a new key' if args.new_key else ''}")
    return 0


def check(_args: argparse.Namespace, app: Flask) -> int:
    """Compare the index with the records."""
    from server.operations import search_index
    from server.operations.installation import services

    differs = search_index.differs(services(app))
    print(
        f"{differs} rows differ: run `wardledger search rebuild`"
        if differs
        else "the index is that of the records"
    )
    return 1 if differs else 0
