"""`wardledger <noun> ...`: one file per noun; this one only reads the words and tells how it ended.

Each noun's file has `register(subparsers)`, which adds its parser and names the function that runs:
`set_defaults(run=f)` with `f(args, app) -> exit status`; `needs_app=False` where no installation is needed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from server.config import EnvError
from sync.errors import DatabaseDown, NotFound, Refusal

if TYPE_CHECKING:
    from flask import Flask

    from server.config import Config

NOUNS = (
    "init", "serve", "scheduler", "demo", "user", "device", "importing", "catalogue", "draw", "round", "ledger",
    "inspection", "recusal", "quarantine", "waiting", "alike", "erase", "reminders", "search", "keys", "backup",
    "restore", "bundle", "upgrade", "doctor",
)  # fmt: skip
OK, FAILED, USAGE = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="wardledger",
        description="Offline-first field-audit sync server with an append-only ledger.",
        epilog="Settings come from the environment and from settings.env in WARDLEDGER_HOME. "
        "Exit status: 0 done, 1 failed, 2 wrong usage.",
    )
    top.add_argument("--ledger", metavar="ORIGIN", help="the ledger's name, if not that of the settings")
    nouns = top.add_subparsers(title="commands", metavar="<command>", required=True)
    for noun in NOUNS:
        importlib.import_module(f"{__name__}.{noun}").register(nouns)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; wrong usage ends with SystemExit(2) as argparse does."""
    args = parser().parse_args(argv)
    # After the words are read: help and usage are told without loading the rooms.
    from sqlalchemy.exc import SQLAlchemyError

    from server import logging

    logging.configure("WARNING")
    try:
        return _run(args)
    except DatabaseDown as down:
        print(f"outage: the database: {_root(down)}", file=sys.stderr)
    except Refusal as refusal:
        _tell(refusal, as_json=getattr(args, "json", False))
    except EnvError as error:
        print(f"settings: {error}", file=sys.stderr)
        return USAGE
    except SQLAlchemyError as error:
        print(f"outage: the database: {_root(error)}", file=sys.stderr)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"outage: {error.strerror or type(error).__name__}{where}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    return FAILED


def _root(error: BaseException) -> str:
    """Return the driver's words, without the statement and its values."""
    found = error.__cause__ or error if isinstance(error, DatabaseDown) else error
    return str(getattr(found, "orig", None) or "") or str(found) or type(found).__name__


def _run(args: argparse.Namespace) -> int:
    from server.config import load

    given = {"WARDLEDGER_ORIGIN": args.ledger} if args.ledger else {}
    if not getattr(args, "needs_app", True):
        return int(args.run(args, None))
    app = opened(load(given))
    from server.operations.installation import services

    try:
        with app.app_context():
            return int(args.run(args, app))
    finally:
        services(app).engine.dispose()


def opened(config: Config) -> Flask:
    """Return the application of an installation that is there; raises NotFound where there is none."""
    from server.app import create_app
    from server.keys.keyring import LEDGER_FILE, RECOVERY_FILE

    # Where some keys are there, what is missing is told by name when it is asked for.
    if not any((config.keys_dir / name).exists() for name in (LEDGER_FILE, RECOVERY_FILE)):
        raise NotFound(f"{config.home} holds no installation; make one with `wardledger init`")
    return create_app(config)


def _tell(refusal: Refusal, *, as_json: bool) -> None:
    if as_json:
        from server.problems import body_of

        write_json(body_of(refusal))
    print(f"{refusal.code}: {refusal.detail}\n{refusal.next}", file=sys.stderr)


def write_json(value: Any) -> None:
    """Print a value as indented JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
