"""The phone's command line for the ward: which rounds called, and the answers, without a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mobile_stub import fleet, remote
from mobile_stub.phone import Phone
from mobile_stub.trouble import Unclear
from mobile_stub.viewing import Shown
from mobile_stub.working import Style
from schemas.records.bed_check import ABSENCE_REASONS, IDENTITY_METHODS
from sync.errors import RecordUnknown

RECORD, CALLED, ANSWER = "record", "called", "answer"
VERBS = (RECORD, CALLED, ANSWER)


def options(one: argparse.ArgumentParser) -> None:
    """Add the verb of `round`, and what an answer says besides the options of a bed."""
    one.add_argument(
        "verb",
        nargs="?",
        choices=VERBS,
        default=RECORD,
        help="record a round at the bedside (the default), list the rounds that called, or answer one of them",
    )
    one.add_argument(
        "--photo", metavar="FILE", type=Path, help="the answer's picture, with the challenge on it"
    )
    one.add_argument(
        "--without-photo", action="store_true", help="answer without a picture; it will be flagged"
    )
    one.add_argument("--challenge", metavar="TEXT", help="as it stands on the card; else what it must show")
    one.add_argument("--identity", choices=list(IDENTITY_METHODS), help="how the patient was identified")
    one.add_argument("--reason", choices=list(ABSENCE_REASONS), help="why the patient is not in bed")


def called(phone: Phone) -> dict[str, Any]:
    """Return the open rounds that called this phone's user, the most pressing first, by id."""
    return {one.id: _standing(phone, one) for one in remote.called(phone.kit)}


def _standing(phone: Phone, ward_round: Shown) -> dict[str, Any]:
    left = remote.unanswered(phone.kit, ward_round)
    by_bed = bool(ward_round.values.get("challenge_by_bed"))
    return {
        "stage": ward_round.stage,
        "respond_by": ward_round.values["respond_by"],
        "beds": len(ward_round.values.get("drawn", ())),
        "left": [
            {
                "ward": one.values["ward"],
                "bed": one.values["bed"],
                "encounter": one.id,
                **({"challenge": remote.expected_challenge(ward_round, one.id)} if by_bed else {}),
            }
            for one in left
        ],
        **({} if by_bed else {"challenge": remote.expected_challenge(ward_round, "")}),
    }


def answer(
    phone: Phone, chosen: argparse.Namespace, place: dict[str, Any] | None, media: str | None
) -> dict[str, Any]:
    """Answer one bed as the options say, or every bed that is left by chance; return what was recorded.

    place: where the phone stands; media: of the picture
    Raises Unclear where no picture is named, RecordUnknown where no round asks.
    """
    ward_round = remote.asking(phone.kit, chosen.round).id if chosen.round else _most_pressing(phone)
    if not (chosen.bed or chosen.encounter):
        rng = fleet.chance(chosen.seed, phone.kit.identity.device, len(phone.show_all("bed_check")))
        done = remote.answer_round(phone, rng, ward_round, place=place, style=Style(beds_max=chosen.beds))
        return dict(vars(done))
    if chosen.photo is None and not chosen.without_photo:
        raise Unclear("an answer has a picture with the challenge on it: name its file with --photo")
    if chosen.photo is not None and media is None:
        raise Unclear(f"name a picture instead of {chosen.photo.name}")
    said = {
        "challenge": chosen.challenge,
        "identity_method": chosen.identity,
        "absence_reason": chosen.reason,
        "note": chosen.note,
        "position": place,
    }
    check = remote.answer_bed(
        phone.kit,
        ward_round,
        chosen.encounter or _in_bed(phone, ward_round, chosen.bed),
        presence=chosen.presence,
        **{name: value for name, value in said.items() if value is not None},
    )
    told: dict[str, Any] = {"ward_round": ward_round, "bed_check": check}
    if chosen.photo is not None:
        about = {"kind": "audio_visual", "media_type": media, "bed_check": check, "position": place}
        told["evidence"] = phone.take_evidence(ward_round, chosen.photo, **about)
    return told


def _most_pressing(phone: Phone) -> str:
    rounds = remote.called(phone.kit)
    if not rounds:
        raise RecordUnknown("no round asks this phone for answers; sync to see whether one was called")
    return rounds[0].id


def _in_bed(phone: Phone, ward_round: str, bed: str) -> str:
    """Return the in-patient of a bed; raises Unclear unless the round asks for exactly one in a bed of this number."""
    drawn = [phone.show(one) for one in phone.show(ward_round).values.get("drawn", ())]
    found = [one.id for one in drawn if one.values["bed"] == bed]
    if len(found) != 1:
        raise Unclear(f"the round asks for {len(found)} in-patients in a bed {bed}: name one by --encounter")
    return found[0]
