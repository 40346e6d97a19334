"""`wardledger ledger recover`: open a new epoch after a disaster, and tell what came back since."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.operations.recover import Returned


def register(verbs: Any) -> None:
    """Add `ledger recover`."""
    parser = verbs.add_parser(
        "recover",
        help="after a disaster: open a new epoch with the offline recovery key",
        description="A ledger that stands behind its signer's record, or behind what a phone has proven, signs "
        "nothing. This opens a new epoch at what is left of it, which phones believe only because the recovery key "
        "signs it: they then send again what they kept and report what is missing. Restore the newest backup there "
        "is before: what is committed after a recovery cannot be mended by another one. Server and scheduler must "
        "be stopped. With --report nothing is changed: it says what came back since.",
    )
    parser.add_argument(
        "--recovery-key", type=Path, metavar="FILE", help="the file that `init` said to take offline"
    )
    parser.add_argument("--report", action="store_true", help="say what came back and what did not")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Recover or report; 1 where the audit finds something afterwards, or where entries are missing."""
    from server.cli import USAGE

    if args.report == (args.recovery_key is not None):
        print("ledger recover: give --recovery-key FILE, or --report", file=sys.stderr)
        return USAGE
    return _report(args, app) if args.report else _recover(args, app)


def _recover(args: argparse.Namespace, app: Flask) -> int:
    from server.cli import FAILED, OK, write_json
    from server.cli.ledger import shown
    from server.operations.installation import services
    from server.operations.recover import recover

    with shown() as progress:
        done = recover(services(app), args.recovery_key, progress)
    opened = done.opened
    if args.json:
        told = {
            "epoch": opened.epoch,
            "fork": opened.fork.size,
            "last": opened.last.size,
            "lost": opened.lost,
        }
        write_json(
            {**told, "shut_out": done.shut_out, "unknown_messages": done.unknown, "audit": done.audit.json()}
        )
    else:
        print(f"epoch     {opened.epoch}, opened behind {opened.fork.size} entries")
        print(
            f"lost      {opened.lost} entries that the ledger is known to have had; phones send theirs again"
        )
        print(f"shut out  {done.shut_out} phones and users again, as the signer's record knows")
        print(f"messages  {done.unknown} may have been sent before the disaster and are now `unknown`")
        print("\n".join(done.audit.text()))
        print("Start server and scheduler. Take the recovery key back to its safe, and delete it here.")
        print("`wardledger ledger recover --report` says what came back.")
    return OK if done.audit.ok else FAILED


def _report(args: argparse.Namespace, app: Flask) -> int:
    from server.cli import FAILED, OK, write_json
    from server.operations.installation import services
    from server.operations.recover import report

    found = report(services(app))
    if args.json:
        write_json([one.json() for one in found])
    elif not found:
        print("this ledger was never recovered")
    else:
        for one in found:
            _tell(one)
    return FAILED if any(one.back < one.opened.lost for one in found) else OK


def _tell(one: Returned) -> None:
    opened = one.opened
    at = datetime.fromtimestamp(opened.at / 1000, UTC).isoformat(timespec="seconds")
    print(f"epoch     {opened.epoch}, opened {at} behind {opened.fork.size} entries")
    print(f"lost      {opened.lost} entries")
    print(f"back      {one.back} of {one.shown} for which phones have shown receipts")
    for old in one.missing:
        print(
            f"missing   phone {old.device}, set {old.seq}: entries {old.first} to {old.last} of the epoch before"
        )
    if one.unaccounted:
        print(f"unknown   {one.unaccounted} that no phone has shown: acts of desk and machine, which must be")
        print("          done again by hand, or sets of phones that have not called yet")
    for device in one.silent:
        print(f"silent    phone {device} has not called since; let its user sync")
