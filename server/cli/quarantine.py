"""`wardledger quarantine`: what phones sent and could not be accepted. It is kept, encrypted, never dropped."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync.errors import NotFound

if TYPE_CHECKING:
    from flask import Flask

    from server.storage.device_store import Quarantined
    from server.wiring import Services


def register(subparsers: Any) -> None:
    """Add `quarantine list|show|readmit`."""
    parser = subparsers.add_parser("quarantine", help="list what phones sent and could not be accepted")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    every = verbs.add_parser("list", help="list what is kept, oldest first")
    every.add_argument("--json", action="store_true", help="print JSON")
    every.set_defaults(run=show_all)
    one = verbs.add_parser(
        "show",
        help="say what one item is, without anybody's name",
        description="Say whose an item is, why it is kept, how large it is and of how many lines. Its words, in which "
        "names may stand, are not printed.",
    )
    one.add_argument("id", metavar="ID")
    one.add_argument("--json", action="store_true", help="print JSON")
    one.set_defaults(run=show)
    let_in = verbs.add_parser(
        "readmit",
        help="let a set that was kept into the ledger, as a named supervisor",
        description="Let a whole set that was kept of a forked, revoked, lost or replaced phone into the ledger. It is "
        "judged as of now, with the time at which it came. A set that joins the phone's chain goes on with it; any "
        "other stands beside it as a branch. Said again it does nothing more. Both are entries, and audited.",
    )
    let_in.add_argument("id", metavar="ID")
    let_in.add_argument(
        "--by", required=True, metavar="LOGIN", help="the supervisor, who is not the phone's user"
    )
    let_in.add_argument(
        "--reason", required=True, metavar="WORDS", help="why; it stands in the ledger, encrypted"
    )
    let_in.add_argument("--json", action="store_true", help="print JSON")
    let_in.set_defaults(run=readmit)


def show_all(args: argparse.Namespace, app: Flask) -> int:
    """List what is kept."""
    from server.casework import readmissions
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    kept = _kept(here)
    with here.database.reading() as connection:
        whole = [one.id for one in kept if one.code in readmissions.WHOLE]
        let_in = readmissions.let_in(here, connection, whole)
    rows = [{**_facts(one), "readmitted": one.id in let_in} for one in kept]
    if args.json:
        write_json(rows)
        return 0
    print(f"{'id':<36}  {'device':<36}  {'seq':>6}  {'code':<16}  {'when':<25}  let in")
    for row in rows:
        done = "yes" if row["readmitted"] else ""
        print(
            f"{row['id']:<36}  {row['device']:<36}  {row['seq']:>6}  {row['code']:<16}  {row['at']}  {done}".rstrip()
        )
    return 0


def show(args: argparse.Namespace, app: Flask) -> int:
    """Say what one item is."""
    from server.cli import write_json
    from server.commit.work import QUARANTINE_PURPOSE
    from server.operations.installation import services

    here = services(app)
    one = next((one for one in _kept(here) if one.id == args.id), None)
    if one is None:
        raise NotFound("nothing in quarantine has this id; `wardledger quarantine list` shows what is there")
    with here.database.reading() as connection:
        vault = here.vault.session(connection, here.ledger.id)
        text = vault.open(one.device, QUARANTINE_PURPOSE, one.sealed)
    found = {**_facts(one), "size_bytes": len(text), "lines": text.count(b"\n")}
    if args.json:
        write_json(found)
        return 0
    for name, value in found.items():
        print(f"{name:<10} {value}")
    return 0


def readmit(args: argparse.Namespace, app: Flask) -> int:
    """Let a set in."""
    from server.accounts.users import find
    from server.casework import readmissions
    from server.cli import write_json
    from server.intake.followed import follow
    from server.operations.installation import services

    here = services(app)
    done, result = readmissions.readmit(here, find(here, args.by).id, args.id, args.reason)
    if result is not None:
        follow(here, result)
    facts = {
        "readmission": done.record,
        "branch": done.branch,
        "again": done.again,
        "verdicts": dict(done.verdicts),
    }
    if args.json:
        write_json(facts)
        return 0
    told = ", ".join(f"{verdict} {count}" for verdict, count in sorted(done.verdicts.items()))
    print("had been let in before; nothing was done" if done.again else f"let in      {told}")
    print(f"record      {done.record}")
    if done.branch:
        print(f"branch      {done.branch}")
    return 0


def _kept(here: Services) -> list[Quarantined]:
    from server.storage import device_store

    with here.database.reading() as connection:
        return device_store.quarantined(connection, here.ledger.id)


def _facts(one: Quarantined) -> dict[str, Any]:
    at = datetime.fromtimestamp(one.at / 1000, UTC).isoformat(timespec="seconds")
    return {"id": one.id, "device": one.device, "seq": one.seq, "code": one.code, "at": at}
