"""`wardledger waiting`: changes that did not come into force yet, and a supervisor's word on those that are late."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from schemas.records import TYPES
from schemas.records.decision import REASONS

if TYPE_CHECKING:
    from flask import Flask

    from server.casework.late_changes import Late
    from server.storage.waiting_store import Waiting

PAGE = 100
DAY_MS = 24 * 60 * 60_000


def register(subparsers: Any) -> None:
    """Add `waiting`, and `waiting show|adopt|set-aside`."""
    parser = subparsers.add_parser(
        "waiting",
        help="list what phones recorded and has not come into force yet; rule on what is late",
        description="List the changes that are held until something arrives, and those that are late and wait for a "
        "person, the longest waiting first. Nothing of them is lost; a held one comes into force by itself in the "
        "commit that brings what it waits for.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, one page after the other")
    parser.add_argument("--after", type=int, default=-1, metavar="ENTRY", help="go on behind this entry")
    parser.add_argument("--limit", type=int, default=PAGE, metavar="N", help=f"how many (default: {PAGE})")
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(title="commands", metavar="<command>")
    show = verbs.add_parser(
        "show",
        help="say what a late change, with its group, would write",
        description="Print the fields that a late change would write. What names or describes a person, and free "
        "text, is printed for a user who may read it (numbers and names by their ends), which goes to the access log.",
    )
    show.add_argument("entry", type=int, metavar="ENTRY")
    show.add_argument("--as", dest="reader", metavar="LOGIN", help="who reads the private fields too")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.set_defaults(run=run_show)
    _ruling(
        verbs,
        "adopt",
        "bring a late change, with its group, into force as a supervisor's own write",
        needs=False,
    )
    _ruling(
        verbs,
        "set-aside",
        "decide that a late change stays out of force, and tell its author why",
        needs=True,
    )


def _ruling(verbs: Any, act: str, words: str, *, needs: bool) -> None:
    parser = verbs.add_parser(act, help=words, description=f"{words[0].upper()}{words[1:]}. The change itself stays in "
                              "the ledger as it came; the author's phone is told at its next sync.")  # fmt: skip
    parser.add_argument("entry", type=int, metavar="ENTRY", help="as `wardledger waiting` lists it")
    parser.add_argument("--by", metavar="LOGIN", required=True, help="the supervisor whose word it is")
    parser.add_argument("--reason", choices=list(REASONS), required=needs)
    parser.add_argument("--note", required=needs, help="a sentence for the author of the change")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run_rule, act=act.replace("-", "_"))


def run(args: argparse.Namespace, app: Flask) -> int:
    """List a page."""
    from server.cli import write_json
    from server.operations.installation import services
    from server.storage import waiting_store

    here = services(app)
    limit = max(1, args.limit)
    with here.database.reading() as connection:
        found = waiting_store.open_ones(connection, here.ledger.id, after=args.after, limit=limit + 1)
    rows = [_facts(one, here.now_ms()) for one in found[:limit]]
    if args.json:
        write_json(rows)
        return 0
    if not rows:
        print("nothing waits")
        return 0
    print(f"{'entry':>8}  {'verdict':<7}  {'days':>4}  {'waits for':<40}  {'type':<16}  device")
    for row in rows:
        waits = row["waiting_for"] or "a person's word"
        print(
            f"{row['entry']:>8}  {row['verdict']:<7}  {row['days']:>4}  {waits:<40}  {row['type'] or '-':<16}  "
            f"{row['device']}"
        )
    if len(found) > limit:
        print(f"more: wardledger waiting --after {rows[-1]['entry']}")
    return 0


def run_show(args: argparse.Namespace, app: Flask) -> int:
    """Print what a late change would write."""
    from server.accounts import users
    from server.casework import late_changes
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    reader = users.find(here, args.reader).id if args.reader else None
    late = late_changes.read(here, args.entry, reader)
    rows = [_written(one, now_ms=here.now_ms(), private=reader is not None) for one in late]
    if args.json:
        write_json(rows)
        return 0
    for row in rows:
        print(f"entry {row['entry']}: {row['op']} {row['type']} {row['record']}, by {row['by']}")
        for name, value in row["fields"].items():
            print(f"    {name:<24} {value}")
    return 0


def run_rule(args: argparse.Namespace, app: Flask) -> int:
    """Adopt a late change, or set it aside."""
    from server.accounts import users
    from server.casework.late_changes import Ruling, rule
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    result = rule(here, users.find(here, args.by).id, args.entry, Ruling(args.act, args.reason, args.note))
    verdicts = [outcome.verdict for outcome in result.outcomes]
    if args.json:
        write_json({"act": args.act, "first": result.first, "verdicts": verdicts})
    else:
        words = "adopted" if args.act == "adopt" else "set aside"
        print(
            f"{words}: entries {result.first} to {result.first + len(verdicts) - 1}; the phone hears at its next sync"
        )
    return 0


def _written(one: Late, *, now_ms: int, private: bool) -> dict[str, Any]:
    """Return what a late change would write; private: with the values of private fields too."""
    from server.queries import record_values

    change = one.held.change
    declared = record_values.fields(TYPES[change.type]) if change.type in TYPES else {}

    def told(name: str, value: Any, kept: str | None) -> Any:
        if kept is not None and not private:
            return "(private)"
        return record_values.shown_value(declared[name], value)

    fields: dict[str, Any] = {}
    for name, (value, kept) in change.sets().items():
        if name in declared:
            fields[name] = told(name, value, kept)
    for which, sign in (("add", "+"), ("remove", "-")):
        for name, members in change.members(which).items():
            if name in declared:
                fields[f"{sign}{name}"] = [told(name, value, kept) for value, kept in members]
    return {**_facts(one.held.row, now_ms), "op": change.op, "by": one.held.author.by, "fields": fields}


def _facts(one: Waiting, now_ms: int) -> dict[str, Any]:
    return {
        "entry": one.index,
        "verdict": one.verdict,
        "waiting_for": one.waiting_for,
        "change": one.change,
        "type": one.type,
        "record": one.record,
        "device": one.device,
        "received_at": datetime.fromtimestamp(one.at / 1000, UTC).isoformat(timespec="seconds"),
        "days": max(0, now_ms - one.at) // DAY_MS,
        "last_judged": one.moved,
    }
