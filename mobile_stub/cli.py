"""The phone's command line: one function a command, plain data out, exit status 0, 1 (failed) or 2 (usage)."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from mobile_stub import cli_catalogues, cli_options, cli_remote, fleet, outbox_file, recording
from mobile_stub.phone import Phone
from mobile_stub.recording import position
from mobile_stub.trouble import ServerRefused, Trouble, Unclear, Wiped
from mobile_stub.viewing import Shown, show, sides
from mobile_stub.working import Style, work_round
from schemas.wire.enrol import read_invite
from sync.errors import Refusal

PIN_VARIABLE = "WARDLEDGER_PIN"
FAILED, USAGE = 1, 2
SUFFIXES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
}
Out = Callable[[str], Any]


def main(
    argv: Sequence[str] | None = None,
    out: Out = sys.stdout.write,
    complain: Out = sys.stderr.write,
    client: httpx.Client | None = None,
) -> int:
    """Run one command and return the exit status; argparse itself exits with 2.

    client: to reach the server by; left out, one of its own
    """
    parser = build_parser()
    chosen = parser.parse_args(argv)
    chosen.client, chosen.complain = client, complain
    if chosen.act is not run_fleet and not (chosen.pin or os.environ.get(PIN_VARIABLE)):
        parser.error(f"give the phone's PIN with --pin or in {PIN_VARIABLE}")
    try:
        status: int = chosen.act(chosen, out)
        return status
    except ServerRefused as refused:
        complain(f"{refused.code}: {refused.refusal.detail}\n{refused.problem.next}\n")
    except (Trouble, Refusal) as trouble:
        where = f" ({trouble.field})" if isinstance(trouble, Refusal) and trouble.field else ""
        complain(f"{trouble.code}{where}: {trouble.detail}\n{trouble.next}\n")
        return USAGE if isinstance(trouble, Unclear) else FAILED
    except OSError as error:
        complain(f"file: {error}\n")
    return FAILED


# -- the commands ------------------------------------------------------------------------------------------


def _pin(chosen: argparse.Namespace) -> str:
    return str(chosen.pin or os.environ[PIN_VARIABLE])


def _open(chosen: argparse.Namespace) -> Phone:
    return Phone.open(chosen.home, _pin(chosen), client=chosen.client)


def _tell(chosen: argparse.Namespace, out: Out, data: dict[str, Any]) -> None:
    """Write data: as one JSON object, or a line for each member."""
    if chosen.json:
        out(json.dumps(data, ensure_ascii=False, sort_keys=True) + "\n")
        return
    for name, value in data.items():
        plain = isinstance(value, str | int | None)
        out(f"{name:24} {value if plain else json.dumps(value, ensure_ascii=False)}\n")


def enrol(chosen: argparse.Namespace, out: Out) -> int:
    """Enrol this folder as a phone."""
    text = chosen.url if "#" in chosen.url else f"{chosen.url}#{chosen.code}"
    with Phone.enrol(chosen.home, read_invite(text), _pin(chosen), client=chosen.client) as phone:
        own = phone.kit.identity
        _tell(chosen, out, {"origin": own.origin, "device": own.device, "user": own.user})
    return 0


def repin(chosen: argparse.Namespace, out: Out) -> int:
    """Pin the ledger key of an invite, after the one pinned before was compromised."""
    with _open(chosen) as phone:
        phone.repin(read_invite(chosen.invite), _pin(chosen))
        _tell(chosen, out, {"ledger_pin": phone.kit.identity.ledger_pin})
    return 0


def ward_round(chosen: argparse.Namespace, out: Out) -> int:
    """Record a whole round by chance, or one bed as the options say; or answer a round that called this phone."""
    with _open(chosen) as phone:
        if chosen.verb == cli_remote.CALLED:
            _tell(chosen, out, cli_remote.called(phone))
            return 0
        if chosen.verb == cli_remote.ANSWER:
            media = SUFFIXES.get(chosen.photo.suffix.lower()) if chosen.photo else None
            _tell(chosen, out, cli_remote.answer(phone, chosen, _position(chosen), media))
            return 0
        inspection = chosen.inspection or _inspection_of(phone, chosen.round)
        if chosen.bed:
            begun = chosen.round or phone.start_round(inspection, wards=[chosen.ward] if chosen.ward else [])
            phone.begin_round(begun)
            more = {"encounter": chosen.encounter, "note": chosen.note, "position": _position(chosen)}
            check = phone.check_bed(begun, bed_listed=chosen.bed, presence=chosen.presence, **more)
            _tell(chosen, out, {"ward_round": begun, "bed_check": check})
            return 0
        rng = fleet.chance(chosen.seed, phone.kit.identity.device, len(phone.show_all("ward_round")))
        style = Style(beds_max=chosen.beds, photo_share=chosen.photo_share)
        done = work_round(phone, rng, inspection, ward_round=chosen.round, style=style)
        _tell(chosen, out, dict(vars(done)))
    return 0


def evidence(chosen: argparse.Namespace, out: Out) -> int:
    """Record a file as evidence."""
    media = chosen.media_type or SUFFIXES.get(chosen.file.suffix.lower())
    if media is None:
        raise Unclear(f"name the media type of {chosen.file.name} with --media-type")
    with _open(chosen) as phone:
        values = {
            "kind": chosen.kind,
            "media_type": media,
            "position": _position(chosen),
            "ward_round": chosen.round,
            "bed_check": chosen.bed_check,
            "note": chosen.note,
        }
        record = phone.take_evidence(chosen.inspection or _inspection_of(phone, None), chosen.file, **values)
        shown = show(phone.kit.journal, record).values
        _tell(chosen, out, {"evidence": record, "digest": shown["digest"], "size": shown["size"]})
    return 0


def slip(chosen: argparse.Namespace, out: Out) -> int:
    """Photograph a signed service slip for the case that bears a number, or for a notice by its id."""
    media = SUFFIXES.get(chosen.file.suffix.lower())
    if media is None:
        raise Unclear(f"{chosen.file.name} is no picture or PDF that this phone knows")
    with _open(chosen) as phone:
        about, inspection = chosen.notice, chosen.inspection
        if about is None:
            case = recording.case_numbered(phone.kit, chosen.number)
            about, inspection = case.id, str(case.values["inspection"])
        more = {"media_type": media, "position": _position(chosen), "note": chosen.note}
        record = phone.photograph_slip(inspection or _inspection_of(phone, None), about, chosen.file, **more)
        shown = show(phone.kit.journal, record).values
        _tell(chosen, out, {"evidence": record, "slip_of": about, "digest": shown["digest"]})
    return 0


def finding(chosen: argparse.Namespace, out: Out) -> int:
    """Record a finding, or the party's statement on one."""
    with _open(chosen) as phone:
        if chosen.statement_on:
            day = chosen.heard_on or datetime.now(UTC).date().isoformat()
            change = phone.take_statement(
                chosen.statement_on, kind=chosen.statement, text=chosen.facts, heard_on=day
            )
            _tell(chosen, out, {"finding": chosen.statement_on, "change": change})
            return 0
        if not chosen.violation or chosen.amount_fen is None:
            raise Unclear("a finding needs --violation and --amount-fen")
        record = phone.write_finding(
            chosen.inspection or _inspection_of(phone, None),
            violation_code=chosen.violation,
            facts=chosen.facts,
            amount_fen=chosen.amount_fen,
            places=dict(chosen.fill),
            origin=chosen.origin,
            evidence=chosen.evidence,
            persons=chosen.person,
        )
        shown = show(phone.kit.journal, record).values
        _tell(
            chosen, out, {"finding": record, "legal_basis": shown.get("legal_basis"), "facts": shown["facts"]}
        )
    return 0


def checklist(chosen: argparse.Namespace, out: Out) -> int:
    """Show the checklist of an inspection and how its items stand, without a network."""
    with _open(chosen) as phone:
        inspection = chosen.inspection or _inspection_of(phone, None)
        _tell(chosen, out, cli_catalogues.checklist(phone, inspection, chosen.search, as_data=chosen.json))
    return 0


def violations(chosen: argparse.Namespace, out: Out) -> int:
    """Show the violations that hold for an inspection, with their articles, without a network."""
    with _open(chosen) as phone:
        inspection = chosen.inspection or _inspection_of(phone, None)
        _tell(chosen, out, cli_catalogues.violations(phone, inspection, chosen.search, as_data=chosen.json))
    return 0


def answer(chosen: argparse.Namespace, out: Out) -> int:
    """Answer an item of the checklist, or change one's own answer."""
    with _open(chosen) as phone:
        inspection = chosen.inspection or _inspection_of(phone, None)
        more = {"note": chosen.note, "evidence": chosen.evidence, "finding": chosen.finding}
        record = phone.answer_item(inspection, chosen.item, chosen.answer, **more)
        _tell(chosen, out, {"checklist_answer": record})
    return 0


def _contested(phone: Phone, conflict: Shown) -> dict[str, Any]:
    """Return what an open conflict is about, and the values between which somebody decides."""
    known = {name: conflict.values[name] for name in ("about", "record_type", "field")}
    against = sides(phone.kit.journal, known["about"], known["field"])
    return known | {"sides": [{name: side[name] for name in ("value", "by", "at")} for side in against]}


def resolve(chosen: argparse.Namespace, out: Out) -> int:
    """Decide an open conflict; without a value, list the open ones."""
    with _open(chosen) as phone:
        if chosen.conflict is None:
            listed = [c for c in phone.show_all("conflict") if c.values.get("state") == "open"]
            _tell(
                chosen,
                out,
                {c.id: _contested(phone, c) for c in listed},
            )
            return 0
        if chosen.value is None:
            raise Unclear("name the value that is right with --value (JSON, or plain text)")
        _tell(chosen, out, {"change": phone.resolve(chosen.conflict, _value(chosen.value))})
    return 0


def sync(chosen: argparse.Namespace, out: Out) -> int:
    """Sync once; 1 if anything failed."""
    with _open(chosen) as phone:
        report = phone.sync()
        _tell(chosen, out, report.json())
        if report.epoch is not None:
            sys.stderr.write(
                "\nThe ledger was recovered after a disaster and goes on in a new epoch "
                f"({report.epoch['to']}).\n{report.epoch['sets_to_send_again']} sets that it lost are sent again; "
                "`status` says what came back.\n"
            )
        if report.alarm is not None:
            chosen.complain(
                f"\n*** ALARM: {report.alarm}\n*** Keep this phone as it is and tell your supervisor.\n"
            )
        if report.wiped:
            chosen.complain(f"{Wiped.code}: {Wiped.__doc__}\n{Wiped.next}\n")
    return 0 if report.clean else FAILED


def status(chosen: argparse.Namespace, out: Out) -> int:
    """Tell how the phone stands; 1 while an alarm stands."""
    with _open(chosen) as phone:
        found = phone.status()
        if chosen.type:
            found = {
                shown.id: shown.values | {"pending": shown.pending} for shown in phone.show_all(chosen.type)
            }
        _tell(chosen, out, found)
        return FAILED if phone.kit.alarm else 0


def run_fleet(chosen: argparse.Namespace, out: Out) -> int:
    """Let many phones work and sync; 1 if any of them failed."""
    invites = (
        [read_invite(line) for line in chosen.invites.read_text("utf-8").split()] if chosen.invites else []
    )
    if chosen.phones > len(invites):
        known = (fleet.home_of(chosen.home, n) for n in range(len(invites) + 1, chosen.phones + 1))
        if missing := [home.name for home in known if not home.exists()]:
            raise Unclear(
                f"{len(missing)} phones have no invite: write one a line into a file and name it by --invites"
            )
    padded = [*invites[: chosen.phones], *([None] * (chosen.phones - len(invites)))]
    style = Style(beds_max=chosen.beds, photo_share=chosen.photo_share)

    def told(done: int, phones: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {phones} phones" + ("\n" if done == phones else ""))

    total = fleet.run(
        chosen.home,
        padded,
        days=chosen.days,
        seed=chosen.seed,
        jobs=chosen.jobs,
        style=style,
        told=told,
        client=chosen.client,
    )
    _tell(chosen, out, dict(vars(total)))
    return FAILED if total.errors or total.alarms else 0


def export(chosen: argparse.Namespace, out: Out) -> int:
    """Write what was not sent into one sealed file, for `wardledger import outbox` at the desk."""
    with _open(chosen) as phone, phone.kit.alone():
        _tell(chosen, out, asdict(outbox_file.export(phone.kit, chosen.file)))
    return 0


def _inspection_of(phone: Phone, round_id: str | None) -> str:
    """Return the inspection of a round, or the only one that is open."""
    if round_id:
        return str(show(phone.kit.journal, round_id).values["inspection"])
    found = fleet.inspections_of(phone)
    if len(found) != 1:
        raise Unclear(f"this phone holds {len(found)} open inspections: sync, or name one with --inspection")
    return found[0].id


def _position(chosen: argparse.Namespace) -> dict[str, Any] | None:
    if chosen.lat is None or chosen.lon is None:
        return None
    return position(round(chosen.lat * 10**7), round(chosen.lon * 10**7), chosen.accuracy_m)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


# -- the parser --------------------------------------------------------------------------------------------


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m mobile_stub", description="The reference phone of Wardledger."
    )
    parser.add_argument(
        "--home", type=Path, required=True, help="the phone's folder; for fleet, that of all phones"
    )
    parser.add_argument("--pin", help=f"the phone's PIN; better in {PIN_VARIABLE}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = _command(commands, "enrol", enrol)
    one.add_argument("url", metavar="URL", help="the server's address, or the whole text of the QR code")
    one.add_argument("code", metavar="CODE", nargs="?", default="", help="what follows '#' in the invite")
    one = _command(commands, "repin", repin)
    one.add_argument(
        "invite", metavar="INVITE", help="the whole text of a QR code at your own bureau's screen"
    )
    one = _command(commands, "round", ward_round)
    cli_remote.options(one)
    cli_options.round_options(one)
    cli_options.evidence_options(_command(commands, "evidence", evidence))
    cli_options.slip_options(_command(commands, "slip", slip))
    cli_options.finding_options(_command(commands, "finding", finding))
    for name, act in (("checklist", checklist), ("violations", violations)):
        one = _command(commands, name, act)
        one.add_argument("inspection", nargs="?", help="the inspection's id; needed where there are several")
        one.add_argument("--search", metavar="TEXT", default="", help="only what holds all of these words")
    cli_options.answer_options(_command(commands, "answer", answer))
    one = _command(commands, "resolve", resolve)
    one.add_argument("conflict", nargs="?", help="the conflict's id; without it, the open ones are listed")
    one.add_argument("--value", help="the right value, as JSON or plain text")
    _command(commands, "sync", sync)
    one = _command(commands, "export", export)
    one.add_argument("file", metavar="FILE", type=Path, help="what to write, such as phone.wlo")
    one = _command(commands, "status", status)
    one.add_argument("--type", help="list the records of a type instead, as this phone sees them")
    cli_options.fleet_options(_command(commands, "fleet", run_fleet))
    return parser


def _command(
    commands: Any, name: str, act: Callable[[argparse.Namespace, Out], int]
) -> argparse.ArgumentParser:
    words = (act.__doc__ or "").strip()
    one: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    one.add_argument("--json", action="store_true", help="write one JSON object")
    one.set_defaults(act=act)
    return one
