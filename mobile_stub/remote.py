"""Remote rounds on the phone: an inspector orders one, a ward's operator answers the beds that were drawn.

Ordering and answering are recording like any other, offline; only the server draws and calls. The operator's
phone holds a round from the moment it was called, and no longer than it is open.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mobile_stub import recording
from mobile_stub.camera import Device, take_photo
from mobile_stub.kit import Kit
from mobile_stub.phone import Phone
from mobile_stub.recording import position
from mobile_stub.scenery.scene import Scene
from mobile_stub.viewing import Shown, show, show_all
from mobile_stub.working import BED_MS, SCATTER_E7, Style, presence
from schemas.records.ward_round import ANSWERING, REMOTE
from sync.challenge import challenge
from sync.errors import BadTransition, BadValue, NotAllowed

ANSWERED = ("presence", "identity_method", "absence_reason", "call_result")
"""What of a simulated bed check the ward itself says; it concludes nothing."""


def order_round(kit: Kit, institution: str, *, method: str = "everybody", **more: Any) -> str:
    """Keep the order of a remote round at an institution, led by this phone's user; return its id.

    method: everybody, random or random_by_ward; more: draw_size, wards, members, operator, respond_minutes,
    explain_minutes, challenge_by_bed, trigger, occasion
    The server draws and calls as soon as the order arrives; a sync brings what became of it.
    """
    own = kit.identity.user
    values = {
        "mode": REMOTE,
        "institution": institution,
        "lead": own,
        "initiator": own,
        "draw_method": method,
    }
    return recording.create(kit, "ward_round", {"trigger": "surprise", **values, **more})


def order_draw(
    kit: Kit, inspection: str, *, method: str = "random", size: int | None = None, **more: Any
) -> str:
    """Keep a bedside round whose sample the server is to draw; return its id. The next sync brings the sample."""
    values = {"inspection": inspection, "mode": "bedside", "draw_method": method, "draw_size": size}
    return recording.create(kit, "ward_round", {"trigger": "plan", **values, **more})


def called(kit: Kit) -> list[Shown]:
    """Return the open rounds that called this phone's user, the most pressing first."""
    mine = [
        one for one in show_all(kit.journal, "ward_round") if one.values.get("operator") == kit.identity.user
    ]
    return sorted(
        (one for one in mine if one.stage in ANSWERING), key=lambda one: int(one.values["respond_by"])
    )


def asking(kit: Kit, ward_round: str) -> Shown:
    """Return a round that called this phone's user and still takes answers.

    Raises RecordUnknown, BadValue, NotAllowed or BadTransition, and says which of it is not so.
    """
    shown = show(kit.journal, ward_round)
    if shown.type != "ward_round" or shown.values.get("mode") != REMOTE:
        raise BadValue("this is no remote round", item=ward_round)
    if shown.values.get("operator") != kit.identity.user:
        raise NotAllowed("the round called somebody else to answer", item=ward_round)
    if shown.stage not in ANSWERING:
        raise BadTransition("the round takes no answers", item=ward_round, field="stage")
    return shown


def unanswered(kit: Kit, ward_round: Shown) -> list[Shown]:
    """Return the in-patients whom a round asks for and this phone has not answered, in the order of the beds."""
    mine = [
        one for one in show_all(kit.journal, "bed_check") if one.values.get("ward_round") == ward_round.id
    ]
    done = {one.values.get("encounter") for one in mine}
    left = [show(kit.journal, one) for one in ward_round.values.get("drawn", ()) if one not in done]
    return sorted(left, key=lambda one: (str(one.values["ward"]), str(one.values["bed"])))


def expected_challenge(ward_round: Shown, encounter: str) -> str:
    """Return the characters that a picture of an in-patient must show; raises BadTransition before the call."""
    root = ward_round.values.get("challenge_root")
    if root is None:
        raise BadTransition("the round was not called yet; sync first", item=ward_round.id)
    bed = encounter if ward_round.values.get("challenge_by_bed") else ""
    return challenge(bytes.fromhex(str(root)), ward_round.id, bed)


def answer_bed(kit: Kit, ward_round: str, encounter: str, *, presence: str, **more: Any) -> str:
    """Keep the answer for one in-patient of a called round, with its challenge; return the check's id.

    more: any field that an answer has; challenge: as the operator typed it, else what the card must show
    Raises NotAllowed on a phone whose user was not called, BadTransition when the round has ended, BadValue for
    an in-patient whom it did not draw. Whether it is late is not the phone's to say: the server derives it.
    """
    shown = asking(kit, ward_round)
    if encounter not in shown.values.get("drawn", ()):
        raise BadValue("the round asks for no such in-patient", item=encounter)
    listed = str(show(kit.journal, encounter).values["bed"])
    more = {"challenge": expected_challenge(shown, encounter), **more}
    return recording.check_bed(
        kit, ward_round, encounter=encounter, bed_listed=listed, presence=presence, **more
    )


@dataclass
class Answered:
    """What was answered, in the order of the beds: ids."""

    ward_round: str
    bed_checks: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


def answer_round(
    phone: Phone,
    rng: random.Random,
    ward_round: str,
    *,
    place: dict[str, Any] | None = None,
    style: Style | None = None,
) -> Answered:
    """Answer every in-patient who was not answered yet, by chance, each with a picture; return what was recorded.

    place: where the hospital is, as a position; None: the phone knows none
    """
    style, done = style or Style(), Answered(ward_round)
    shown = asking(phone.kit, ward_round)
    for encounter in unanswered(phone.kit, shown)[: style.beds_max]:
        style.pass_time(rng.randint(*BED_MS))
        kind, seen = presence(rng)
        here = _near(rng, place)
        said = {name: seen[name] for name in ANSWERED if name in seen}
        check = answer_bed(phone.kit, ward_round, encounter.id, position=here, **said)
        done.bed_checks.append(check)
        card = expected_challenge(shown, encounter.id)
        picture = photograph(
            phone, rng, check, challenge=card, here=here, style=style, occupied=kind == "in_bed"
        )
        done.evidence.append(show_picture(phone, check, picture, here=here))
    return done


def _near(rng: random.Random, place: dict[str, Any] | None) -> dict[str, Any] | None:
    if place is None:
        return None
    lat, lon = (place[name] + rng.randint(-SCATTER_E7, SCATTER_E7) for name in ("lat_e7", "lon_e7"))
    return position(lat, lon, rng.randint(4, 40))


def photograph(
    phone: Phone,
    rng: random.Random,
    check: str,
    *,
    challenge: str,
    here: dict[str, Any] | None = None,
    style: Style | None = None,
    occupied: bool = True,
) -> bytes:
    """Return a picture of an answer's bed with a card that shows `challenge`.

    check: the answer; here: where the phone thinks it is
    """
    style = style or Style()
    bed = str(phone.show(check).values["bed_listed"])
    return take_photo(
        rng,
        scene=Scene("ward", bed, occupied=occupied, challenge=challenge),
        taken_at=datetime.fromtimestamp(phone.kit.clock.wall_ms() / 1000, style.zone),
        lat_e7=here["lat_e7"] if here else None,
        lon_e7=here["lon_e7"] if here else None,
        device=Device(),
        size=style.photo_size,
        orientation=1,
        stamp=style.stamp,
    )


def show_picture(phone: Phone, check: str, picture: bytes, *, here: dict[str, Any] | None = None) -> str:
    """Keep the picture of an answer as evidence; return the record's id."""
    about = {"bed_check": check, "position": here, "kind": "audio_visual", "media_type": "image/jpeg"}
    return phone.take_evidence(str(phone.show(check).values["ward_round"]), picture, **about)
