"""The options of the phone's commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from schemas.records.bed_check import PRESENCES
from schemas.records.checklist_answer import ANSWERS
from schemas.records.evidence import KINDS, MEDIA_TYPES
from schemas.records.finding import ORIGINS


def place_options(one: argparse.ArgumentParser) -> None:
    """Add where and about what a thing is recorded."""
    one.add_argument("--inspection", help="the inspection's id; needed where the phone holds several")
    one.add_argument("--round", help="the ward round's id")
    one.add_argument("--lat", type=float, help="latitude in degrees")
    one.add_argument("--lon", type=float, help="longitude in degrees")
    one.add_argument("--accuracy-m", type=int, default=20, help="accuracy of the position in metres")
    one.add_argument("--note", help="free text")


def round_options(one: argparse.ArgumentParser) -> None:
    """Add the options of a ward round."""
    place_options(one)
    one.add_argument("--ward", help="the ward of a new round")
    one.add_argument("--bed", help="record this one bed only")
    one.add_argument("--presence", choices=list(PRESENCES), default="in_bed", help="of the one bed")
    one.add_argument("--encounter", help="the in-patient of the one bed")
    chance_options(one)


def chance_options(one: argparse.ArgumentParser) -> None:
    """Add what leaves a round to chance."""
    one.add_argument("--beds", type=int, default=50, help="beds of a round at most")
    one.add_argument(
        "--photo-share", type=float, default=0.1, help="share of the usual beds that is photographed"
    )
    one.add_argument("--seed", type=int, default=1, help="of all chance")


def evidence_options(one: argparse.ArgumentParser) -> None:
    """Add the options of evidence."""
    one.add_argument("file", metavar="FILE", type=Path)
    place_options(one)
    one.add_argument("--kind", choices=list(KINDS), default="audio_visual")
    one.add_argument("--media-type", choices=list(MEDIA_TYPES))
    one.add_argument("--bed-check", help="the bed check it belongs to")


def slip_options(one: argparse.ArgumentParser) -> None:
    """Add the options of a photographed service slip."""
    one.add_argument("file", metavar="FILE", type=Path)
    about = one.add_mutually_exclusive_group(required=True)
    about.add_argument(
        "--number", help="the document number that stands on the slip, of a case of this phone"
    )
    about.add_argument("--notice", metavar="ID", help="the notice's id, as its page at the desk shows it")
    place_options(one)


def finding_options(one: argparse.ArgumentParser) -> None:
    """Add the options of a finding and of a statement on one."""
    one.add_argument("--inspection", help="the inspection's id; needed where the phone holds several")
    one.add_argument("--violation", metavar="CODE", help="of the inspection's violations; see `violations`")
    one.add_argument("--facts", help="the facts (else the catalogue's wording), or the statement's text")
    one.add_argument(
        "--fill", action="append", default=[], type=_pair, metavar="PLACE=TEXT", help="into the wording"
    )
    one.add_argument("--amount-fen", type=int)
    one.add_argument("--origin", choices=list(ORIGINS), default="on_site")
    one.add_argument("--evidence", action="append", default=[], help="an evidence id; may be repeated")
    one.add_argument("--person", action="append", default=[], help="a person involved; may be repeated")
    one.add_argument("--statement-on", metavar="FINDING", help="record the party's statement on this finding")
    one.add_argument("--statement", choices=["agrees", "disputes", "silent"], default="agrees")
    one.add_argument("--heard-on", metavar="DAY", help="YYYY-MM-DD; today if left out")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError("is written PLACE=TEXT")
    return name, value


def answer_options(one: argparse.ArgumentParser) -> None:
    """Add the options of an answer to a checklist's item."""
    one.add_argument("item", metavar="ITEM", help="the item's code")
    one.add_argument("answer", choices=list(ANSWERS))
    one.add_argument("--inspection", help="the inspection's id; needed where the phone holds several")
    one.add_argument("--note", help="free text")
    one.add_argument("--evidence", action="append", default=[], help="an evidence id; may be repeated")
    one.add_argument("--finding", help="the finding that it led to")


def fleet_options(one: argparse.ArgumentParser) -> None:
    """Add the options of many simulated phones."""
    one.add_argument("--phones", type=int, required=True, help="how many")
    one.add_argument("--days", type=int, default=1, help="cycles of work and sync")
    one.add_argument(
        "--invites", type=Path, help="a file with one invite a line, for phones not yet enrolled"
    )
    one.add_argument("--jobs", type=int, default=4, help="phones at work at the same time")
    chance_options(one)
