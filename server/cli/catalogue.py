"""`wardledger catalogue` and the options of `wardledger import catalogue`: which codes hold where and when."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

MEMBERS = {
    "code": "the catalogue's own code",
    "version": "which version of it",
    "zh": "its Chinese name",
    "en": "its English name",
    "region": "where it holds; else in the whole ledger",
    "valid_from": "from which day it holds, YYYY-MM-DD",
    "valid_until": "until which day, that day included",
    "source": "where the list comes from",
}
"""Members of the header that are given as options, with their words."""
LISTS = ("institution_kinds", "inspection_kinds")


def add_import(verbs: Any, run: Callable[[argparse.Namespace, Flask], int]) -> None:
    """Add `import catalogue`; run: what carries it out."""
    from schemas.catalogues.kinds import KINDS
    from server.imports.catalogue_columns import names

    columns = "; ".join(f"{kind}: {', '.join(names(kind))}" for kind in KINDS)
    one = verbs.add_parser(
        "catalogue",
        help="import a dated catalogue of codes, violations or a checklist",
        description="The file is .json (header and rows), .xlsx or CSV (the header by options), or shipped:NAME for "
        "one that the program brings along. Every row is checked first; where one is wrong, nothing is imported. "
        "The catalogue becomes one ledger entry that commits to the digest of its content. A version is never "
        f"changed: what differs is a new version. Columns of {columns}.",
    )
    one.add_argument("file", metavar="FILE", help=".json, .xlsx, CSV in UTF-8 or GB18030, or shipped:NAME")
    one.add_argument("--kind", choices=list(KINDS), help="needed for a table")
    for name, words in MEMBERS.items():
        one.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=words)
    for name in LISTS:
        one.add_argument(f"--{name.replace('_', '-')}", metavar="A,B", help="of a checklist: for which kinds")
    one.add_argument(
        "--on-request", action="store_true", help="a checklist that is taken only where it is asked for"
    )
    one.add_argument("--sheet", metavar="NAME", help="which sheet, where several have the columns")
    one.add_argument("--report", metavar="FILE", type=Path, help="write every fault to this CSV file")
    one.add_argument("--json", action="store_true", help="print the report as JSON")
    one.set_defaults(run=run)


def options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the members of the header that the options give."""
    found = {name: value for name in ("kind", *MEMBERS) if (value := getattr(args, name)) is not None}
    found |= {name: value.split(",") for name in LISTS if (value := getattr(args, name)) is not None}
    return found | ({"on_request": True} if args.on_request else {})


def register(subparsers: Any) -> None:
    """Add `catalogue list|look-up|withdraw`."""
    from schemas.catalogues.kinds import KINDS

    parser = subparsers.add_parser("catalogue", help="show which catalogues hold, and look codes up")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    every = verbs.add_parser("list", help="list every catalogue, shipped or imported")
    every.add_argument("--kind", choices=list(KINDS), help="of one kind only")
    every.set_defaults(run=run_list)
    one = verbs.add_parser("look-up", help="say whether a code holds at a place on a day")
    one.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    one.add_argument("code", metavar="CODE")
    one.add_argument("--on", metavar="DAY", help="YYYY-MM-DD; else today")
    one.add_argument("--region", metavar="CODE", default="000000", help="where; else what holds everywhere")
    one.set_defaults(run=run_look_up)
    gone = verbs.add_parser(
        "withdraw",
        help="let an imported catalogue hold no longer",
        description="Inspections that name it keep it: what is frozen stays what it was.",
    )
    gone.add_argument("digest", metavar="DIGEST", help="of its content, or the first 8 or more digits")
    gone.set_defaults(run=run_withdraw)
    for verb in (every, one, gone):
        verb.add_argument("--json", action="store_true", help="print JSON")


def run_list(args: argparse.Namespace, app: Flask) -> int:
    """List the catalogues."""
    from schemas.catalogues.choosing import SHIPPED
    from server.catalogues import holding
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    with here.database.reading() as connection:
        found = holding.listed(connection, here.vault.session(connection, here.ledger.id))
    shown = sorted(
        (one for one in found if args.kind in (None, one.header["kind"])),
        key=lambda one: (one.header["kind"], one.code, one.rank),
    )
    if args.json:
        write_json([{**one.header, "digest": one.digest, "index": one.index} for one in shown])
        return 0
    for one in shown:
        head = one.header
        until = head.get("valid_until", "")
        where = one.region or "everywhere"
        came = "shipped" if one.index == SHIPPED else f"entry {one.index}"
        words = f"{head['kind']:10} {one.code:28} {head['version']:10} {where:12}"
        print(f"{words} {head['valid_from']}..{until:10} {one.digest[:12]} {came:10} {head['zh']}")
    return 0


def run_look_up(args: argparse.Namespace, app: Flask) -> int:
    """Say whether a code holds; 1 if it does not."""
    from schemas import times
    from schemas.codes import region_code
    from server.catalogues import holding, lookup
    from server.cli import FAILED, write_json
    from server.operations.installation import services
    from sync.rules import NATION

    here = services(app)
    day = (
        times.read_day(args.on) if args.on else times.local_day(here.now_ms(), here.config.zone)
    ).isoformat()
    region = NATION if args.region == NATION else region_code(args.region)
    with here.database.reading() as connection:
        candidates = holding.listed(connection, here.vault.session(connection, here.ledger.id))
        if region == NATION:
            candidates = [one for one in candidates if one.region is None]
        layers = lookup.layers(candidates, args.kind, region=region, day=day)
        asked = [args.code]
        found = lookup.look_up(connection, here.ledger.id, layers, asked, kind=args.kind, day=day)[args.code]
    language = here.config.language
    if args.json:
        told = {"code": found.code, "day": day, "region": region, "state": found.state, "row": found.row}
        write_json({**told, "catalogue": found.catalogue.header if found.catalogue else None})
    else:
        print(f"{found.code} {found.words(language)}")
        if found.catalogue is not None:
            print(f"{found.catalogue.code} {found.catalogue.header['version']} {found.catalogue.digest[:12]}")
    return 0 if found.state == lookup.HOLDS else FAILED


def run_withdraw(args: argparse.Namespace, app: Flask) -> int:
    """Withdraw a catalogue."""
    from server.catalogues.withdrawing import withdraw
    from server.cli import write_json
    from server.operations.installation import services

    record, index = withdraw(services(app), args.digest)
    if args.json:
        write_json({"catalogue": record, "index": index})
    else:
        print(f"withdrawn {record}\nentry     {index}")
    return 0
