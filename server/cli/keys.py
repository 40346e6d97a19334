"""`wardledger keys`: which keys there are, and how they are changed."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.wiring import Services


def register(subparsers: Any) -> None:
    """Add `keys list|rotate|retire`."""
    parser = subparsers.add_parser("keys", help="list the keys and change them")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    every = verbs.add_parser(
        "list",
        help="list every key, since when it stands and until when",
        description="List every key that this ledger ever had, by its entry, and the keys under which data at rest "
        "lies, with how many data keys each wraps. No secret is printed.",
    )
    every.add_argument("--json", action="store_true", help="print JSON")
    every.set_defaults(run=show)
    _rotating(verbs.add_parser("rotate", help="bring in a new key for an old one"))
    _retiring(
        verbs.add_parser("retire", help="end a key before its time, or destroy a KEK that nothing lies under")
    )


def _rotating(parser: Any) -> None:
    from server.keys.ledger_rotation import OVERLAP_DAYS
    from server.keys.rotation import RETIRE_DAYS

    which = parser.add_subparsers(title="keys", metavar="<key>", required=True)
    opening = which.add_parser(
        "opening",
        help="the keys that phones seal to",
        description="Bring in a new key for each KEM; phones learn of it with their next key list. The old ones go on "
        "for the days named, then what is sealed to them is asked for again under a new one: nothing is lost.",
    )
    opening.add_argument(
        "--days",
        type=_days,
        default=RETIRE_DAYS,
        help="until the old ones retire, 0: now (default: %(default)s)",
    )
    opening.add_argument("--json", action="store_true", help="print JSON")
    opening.set_defaults(run=rotate_opening)
    ledger = which.add_parser(
        "ledger",
        help="the key that signs heads, receipts and key lists",
        description="Bring in a new ledger key, introduced by a statement that the present one signs. Phones follow "
        "the statement by themselves; heads carry both signatures for the days named.",
    )
    ledger.add_argument(
        "--days", type=_days, help=f"how long both sign heads, 0: only the new one (default: {OVERLAP_DAYS})"
    )
    ledger.add_argument(
        "--compromised",
        action="store_true",
        help="the present key got into other hands: it ends at once, and every phone must scan an invite again",
    )
    ledger.add_argument("--json", action="store_true", help="print JSON")
    ledger.set_defaults(run=rotate_ledger)
    kek = which.add_parser(
        "kek",
        help="the key over the data keys",
        description="Make a new KEK and wrap every data key under it; data is not touched, and the server may run. "
        "After a kill run it again: it goes on.",
    )
    kek.add_argument(
        "--given",
        action="store_true",
        help="make none: a secret store has put the newest version into WARDLEDGER_KEK_FILE",
    )
    kek.add_argument("--json", action="store_true", help="print JSON")
    kek.set_defaults(run=rotate_kek)


def _retiring(parser: Any) -> None:
    which = parser.add_subparsers(title="keys", metavar="<key>", required=True)
    opening = which.add_parser("opening", help="an opening key, at once")
    opening.add_argument("kid", metavar="KID")
    opening.add_argument("--compromised", action="store_true", help="its secret got into other hands")
    opening.add_argument("--json", action="store_true", help="print JSON")
    opening.set_defaults(run=retire_opening)
    ledger = which.add_parser("ledger", help="an older ledger key, before its overlap is over")
    ledger.add_argument("kid", metavar="KID")
    ledger.add_argument("--compromised", action="store_true", help="its secret got into other hands")
    ledger.add_argument("--json", action="store_true", help="print JSON")
    ledger.set_defaults(run=retire_ledger)
    kek = which.add_parser("kek", help="destroy a KEK that wraps nothing any more")
    kek.add_argument("version", metavar="VERSION", type=int)
    kek.set_defaults(run=retire_kek)


def _days(text: str) -> int:
    from server.keys.rotation import RETIRE_DAYS_MAX

    if not text.isdecimal() or int(text) > RETIRE_DAYS_MAX:
        raise argparse.ArgumentTypeError(f"days are a number from 0 to {RETIRE_DAYS_MAX}")
    return int(text)


def show(args: argparse.Namespace, app: Flask) -> int:
    """List the keys."""
    from rich.console import Console
    from rich.table import Table

    from server.cli import write_json
    from server.operations.installation import services

    rows = _rows(services(app))
    if args.json:
        write_json(rows)
        return 0
    table = Table("purpose", "kind", "key", "stage", "since", "until", "", box=None, pad_edge=False)
    for row in rows:
        told = [row["since"] or "founding", row["ended"] or row["until"] or ""]
        table.add_row(row["purpose"], row["algorithm"], row["kid"], row["stage"], *told, row["note"])
    Console(highlight=False, markup=False).print(table)
    return 0


def _rows(here: Services) -> list[dict[str, Any]]:
    from server.keys import history, served
    from server.storage import data_key_store
    from sync import signing

    held = {key.kid for key in here.keyring.opening} | {
        signing.key_id(signing.public_raw(key)) for key in here.keyring.signers
    }
    rows = [
        {
            "purpose": key.purpose,
            "algorithm": key.algorithm,
            "kid": key.kid,
            "digest": key.digest,
            "stage": key.stage,
            "entry": key.index,
            "since": _instant(key.since),
            "until": _instant(key.until),
            "ended": _instant(key.ended),
            "note": "" if key.kid in held or key.purpose == history.RECOVERY else "secret not kept here",
        }
        for key in served.known_keys(here).keys
    ]
    with here.database.reading() as connection:
        counts = data_key_store.counts(connection, here.ledger.id)
    newest = max(here.keyring.keks)
    return rows + [
        {
            "purpose": "kek",
            "algorithm": "aes-256-gcm",
            "kid": str(version),
            "digest": None,
            "stage": "active" if version == newest else "older",
            "entry": None,
            "since": None,
            "until": None,
            "ended": None,
            "note": f"{counts.get(version, 0)} data keys",
        }
        for version in sorted({*counts, *here.keyring.keks})
    ]


def _instant(ms: int | None) -> str | None:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms else None


def rotate_opening(args: argparse.Namespace, app: Flask) -> int:
    """Bring in new opening keys."""
    from server.keys import rotation
    from server.operations.installation import services

    here = services(app)
    found = rotation.rotate_opening(here, days=args.days)
    return _tell(here, [key.kid for key in found], as_json=args.json)


def retire_opening(args: argparse.Namespace, app: Flask) -> int:
    """End an opening key."""
    from server.keys import rotation
    from server.operations.installation import services

    here = services(app)
    found = rotation.retire_opening(here, args.kid, compromised=args.compromised)
    return _tell(here, [found.kid], as_json=args.json)


def rotate_ledger(args: argparse.Namespace, app: Flask) -> int:
    """Bring in a new ledger key."""
    import sys

    from server.cli import USAGE
    from server.keys import ledger_rotation
    from server.operations.installation import services

    if args.compromised and args.days is not None:
        print("keys rotate ledger: a compromised key ends at once; leave --days away", file=sys.stderr)
        return USAGE
    days = ledger_rotation.OVERLAP_DAYS if args.days is None else args.days
    here = services(app)
    found = ledger_rotation.rotate(here, days=days, compromised=args.compromised)
    status = _tell(here, [found.kid], as_json=args.json)
    if args.compromised and not args.json:
        print(
            "Every phone must scan an invite again: `wardledger device invite LOGIN`, then `repin` on the phone."
        )
    return status


def retire_ledger(args: argparse.Namespace, app: Flask) -> int:
    """End an older ledger key."""
    from server.keys import ledger_rotation
    from server.operations.installation import services

    here = services(app)
    found = ledger_rotation.retire(here, args.kid, compromised=args.compromised)
    return _tell(here, [found.kid], as_json=args.json)


def _tell(here: Services, kids: list[str], *, as_json: bool) -> int:
    """Print the keys that a command changed."""
    from server.cli import write_json

    rows = [row for row in _rows(here) if row["kid"] in kids]
    if as_json:
        write_json(rows)
        return 0
    for row in rows:
        print(f"{row['stage']:<10} {row['purpose']} {row['algorithm']} {row['kid']}  entry {row['entry']}")
    print(f"Back up {here.config.keys_dir} now, apart from the database.")
    return 0


def rotate_kek(args: argparse.Namespace, app: Flask) -> int:
    """Wrap every data key under a new KEK."""
    from server.cli import write_json
    from server.cli.ledger import shown
    from server.keys import kek
    from server.operations.installation import services

    here = services(app)
    with shown() as progress:
        done = kek.rotate(here, given=args.given, progress=progress)
    if args.json:
        write_json({"version": done.version, "made": done.made, "data_keys": done.keys})
        return 0
    print(f"{'made' if done.made else 'kept':<10} KEK {done.version}")
    print(f"{'wrapped':<10} {done.keys} data keys")
    print(f"Back up {here.config.kek_file} now, apart from the database.")
    return 0


def retire_kek(args: argparse.Namespace, app: Flask) -> int:
    """Destroy a KEK."""
    from server.keys import kek
    from server.operations.installation import services

    kek.retire(services(app), args.version)
    print(f"destroyed  KEK {args.version}")
    return 0
