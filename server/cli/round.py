"""`wardledger round`: call remote rounds, and see how they stand."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from schemas.codes import fixmedins_code
from schemas.records.ward_round import DRAWS, MINUTES_MAX, TRIGGERS
from sync.draw import SIZE_MAX
from sync.errors import NotFound

if TYPE_CHECKING:
    from flask import Flask

    from server.wiring import Services

LISTED_MAX = 1_000


def register(subparsers: Any) -> None:
    """Add `round call|list`."""
    parser = subparsers.add_parser("round", help="call remote ward rounds and list those that are under way")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    call = verbs.add_parser(
        "call",
        help="call one ward or fifty hospitals",
        description="Order a remote round at each institution as a supervisor (or as whoever inspects there), draw "
        "its sample from the newest census, and call it: its operator's phone receives the round, its sample "
        "and the root of the challenge at its next sync. Whose sample cannot be drawn says why.",
    )
    _call_options(call)
    call.set_defaults(run=run_call)
    known = verbs.add_parser("list", help="list rounds that are planned or under way, with why one waits")
    known.add_argument("--json", action="store_true", help="print JSON")
    known.set_defaults(run=run_list)


def _call_options(call: argparse.ArgumentParser) -> None:
    call.add_argument("institutions", metavar="CODE", nargs="+", help="institution codes")
    call.add_argument("--by", metavar="LOGIN", required=True, help="whose order it is; his rights count")
    call.add_argument("--method", choices=list(DRAWS), default="random", help="default: %(default)s")
    call.add_argument("--size", type=_whole(1, SIZE_MAX), help="how many to draw; not with everybody")
    call.add_argument("--ward", action="append", default=[], help="of this ward alone; may be repeated")
    call.add_argument(
        "--operator", metavar="LOGIN", help="who answers, where an institution has several users"
    )
    call.add_argument("--minutes", type=_whole(1, MINUTES_MAX), help="time to answer; else the region's rule")
    call.add_argument("--explain-minutes", type=_whole(0, MINUTES_MAX), help="time to explain after that")
    call.add_argument("--trigger", choices=list(TRIGGERS), default="surprise", help="default: %(default)s")
    call.add_argument("--challenge-by-bed", action="store_true", help="other characters for each bed")
    call.add_argument("--json", action="store_true", help="print JSON")


def _whole(low: int, high: int) -> Any:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            raise argparse.ArgumentTypeError(f"a number from {low} to {high}")
        return int(text)

    return number


def run_call(args: argparse.Namespace, app: Flask) -> int:
    """Call rounds; 1 if one of them could not be drawn or called."""
    from server.accounts import users
    from server.cli import FAILED, OK, write_json
    from server.operations.installation import services
    from server.rounds.calling import Call, order

    here = services(app)
    places = _institutions(here, args.institutions)
    by = users.find(here, args.by).id
    operator = users.find(here, args.operator).id if args.operator else None
    wanted = Call(
        institutions=tuple(places),
        method=args.method,
        size=args.size,
        wards=tuple(args.ward),
        operators=dict.fromkeys(places, operator) if operator else {},
        trigger=args.trigger,
        respond_minutes=args.minutes,
        explain_minutes=args.explain_minutes,
        challenge_by_bed=args.challenge_by_bed,
    )
    made = order(here, by, wanted)
    told = _standing(here, made)
    if args.json:
        write_json(told)
    else:
        _print(told)
    return OK if all(one["stage"] == "in_progress" for one in told) else FAILED


def run_list(args: argparse.Namespace, app: Flask) -> int:
    """List rounds that are not concluded."""
    from server.cli import OK, write_json
    from server.operations.installation import services
    from server.storage.record_store import TABLE, selected

    here = services(app)
    stages = ("planned", "sampled", "in_progress", "explanation_open")
    with here.database.reading() as connection:
        statement = selected(here.ledger.id, "ward_round").where(TABLE.c.stage.in_(stages))
        ids = connection.execute(
            statement.with_only_columns(TABLE.c.id).order_by(TABLE.c.id.desc()).limit(LISTED_MAX)
        ).scalars()
        listed = list(ids)
    told = _standing(here, listed)
    if args.json:
        write_json(told)
    else:
        _print(told)
    return OK


def _institutions(services: Services, written: list[str]) -> dict[str, str]:
    """Return {record id: code} in the order of the words; raises BadCode, NotFound."""
    from server.storage import record_store

    wanted = [fixmedins_code(code) for code in dict.fromkeys(written)]
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", wanted)
    for code in wanted:
        if code not in found:
            raise NotFound(f"the ledger holds no institution {code}")
    return {found[code].id: code for code in wanted}


def _standing(services: Services, ids: list[str]) -> list[dict[str, Any]]:
    """Return how rounds stand, as plain data."""
    from server.rounds import orders
    from server.storage import record_store

    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        rounds = record_store.load(connection, vault, ids)
        places = {key: orders.institution_of(connection, vault, one) for key, one in rounds.items()}
        named = record_store.load(connection, vault, places.values())
    found = []
    for key in ids:
        values = rounds[key].values
        told: dict[str, Any] = {
            "round": key,
            "institution": named[places[key]].values["fixmedins_code"],
            "mode": values["mode"],
            "stage": rounds[key].stage,
            "drawn": len(values.get("drawn", ())),
        }
        told |= {name: values[name] for name in ("respond_by", "order_fault") if name in values}
        found.append(told)
    return found


def _print(told: list[dict[str, Any]]) -> None:
    for one in told:
        fault = f"  {one['order_fault']}" if one["stage"] == "planned" and "order_fault" in one else ""
        print(
            f"{one['round']}  {one['institution']}  {one['mode']:8} {one['stage']:16} {one['drawn']:4} drawn{fault}"
        )
    if not told:
        print("no round is planned or under way")
