"""`wardledger erase`: destroy personal data lawfully; digests, entries and proofs stay."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from schemas.bases import BASES, SERVERS

if TYPE_CHECKING:
    from flask import Flask

    from server.commit.erasing import Plan
    from server.wiring import Services

CHOICES = [basis for basis in BASES if basis not in SERVERS]


def register(subparsers: Any) -> None:
    """Add `erase`."""
    parser = subparsers.add_parser(
        "erase",
        help="erase personal data of a record, lawfully and for good",
        description="Destroy the private lines of a record (names, numbers, free text, clinical values, keys of files) "
        "wherever this installation holds them. The entries, their digests and every proof stay, and the erasure is "
        "itself an entry that names the digests, the basis and both persons. A line goes as a whole, and what it says "
        "goes wherever the record says it again: --dry-run shows what that comes to. A leader decides and a second "
        "leader or a legal reviewer agrees. What is evidence in a proceeding that is not over is refused, except on "
        "the order of a court. Nothing brings erased data back; older backups still hold it until they go.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--record", metavar="ID", action="append", help="may be repeated")
    what.add_argument(
        "--due", action="store_true", help="every record past the retention that retention.json lays down"
    )
    what.add_argument(
        "--again",
        action="store_true",
        help="erase once more what a restored backup brought back, as the signer's record has it",
    )
    parser.add_argument(
        "--field",
        metavar="NAME",
        action="append",
        default=[],
        help="of which no value may be left (default: all)",
    )
    parser.add_argument("--basis", choices=CHOICES, help="the legal basis")
    parser.add_argument("--by", metavar="LOGIN", help="the leader who decides")
    parser.add_argument(
        "--second", metavar="LOGIN", help="the second person, who agrees; needed but for --dry-run"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would go, and change nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Erase, or show what would be erased."""
    from server.operations.installation import services

    if args.again:
        return _again(services(app), args)
    if args.due:
        return _due(services(app), args)
    if args.basis is None or args.by is None:
        args.parser.error("--basis and --by are needed")
    return _asked(services(app), args)


def _again(here: Services, args: argparse.Namespace) -> int:
    from server.cli import write_json
    from server.operations import erasing

    found = erasing.brought_back(here)
    number = sum(map(len, found.values())) if args.dry_run else erasing.erase_again(here)
    if args.json:
        write_json({"records": sorted(found), "lines": number})
    else:
        done = "would be erased" if args.dry_run else "erased"
        print(f"{number} private lines of {len(found)} records that a backup brought back: {done}")
    return 0


def _due(here: Services, args: argparse.Namespace) -> int:
    from server.accounts import users
    from server.cli import write_json
    from server.operations import retention

    found = retention.due(here)
    number = 0
    if not args.dry_run:
        if args.by is None:
            args.parser.error("--by is needed")
        second = users.find(here, args.second).id if args.second else None
        number = retention.erase(here, found, user=users.find(here, args.by).id, second=second)
    if args.json:
        facts = [
            {"record": one.record, "type": one.type, "since": one.since.isoformat(), "held": one.held}
            for one in found
        ]
        write_json({"due": facts, "erased": number})
        return 0
    for one in found:
        kept = f"  kept: {one.held} is open" if one.held else ""
        print(f"{one.type:<20} {one.record}  since {one.since:%Y-%m-%d}{kept}")
    print(f"{len(found)} records are past their retention; {number} erased")
    return 0


def _asked(here: Services, args: argparse.Namespace) -> int:
    from server.accounts import users
    from server.cli import write_json
    from server.commit.submission import Erase
    from server.operations import erasing

    asked = Erase(
        user=users.find(here, args.by).id,
        second=users.find(here, args.second).id if args.second else None,
        records=tuple(dict.fromkeys(args.record)),
        basis=args.basis,
        at=here.now_ms(),
        fields=frozenset(args.field),
    )
    plan = erasing.look(here, asked)
    told = _facts(plan)
    if not args.dry_run:
        told["entry"] = erasing.erase(here, asked).first
    if args.json:
        write_json(told)
    else:
        _print(here, told, done=not args.dry_run)
    return 0


def _facts(plan: Plan) -> dict[str, Any]:
    return {
        "records": [
            {"id": key, "type": record.type, "fields": plan.fields(key)}
            for key, record in sorted(plan.records.items())
        ],
        "lines": len(plan.lines),
        "copies": len(plan.standing),
        "quarantined_texts": len(plan.texts),
        "unreadable_lines": sum(1 for line in plan.lines.values() if line is None),
    }


def _print(here: Services, told: dict[str, Any], *, done: bool) -> None:
    for one in told["records"]:
        print(f"{one['type']:<20} {one['id']}  {', '.join(one['fields']) or '-'}")
    copies = f"{told['lines']} private lines, {told['copies']} copies beside their entries"
    texts = f", {told['quarantined_texts']} texts in quarantine" if told["quarantined_texts"] else ""
    if not done:
        print(f"would erase {copies}{texts}; nothing was changed")
        return
    print(f"erased {copies}{texts}; entry {told['entry']} of {here.ledger.origin}")
    print("backups made before still hold them: let them go with `wardledger backup make --keep`")
