"""An installation in which something waits for an inspector: returned pictures, clashing values, late and held work."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from mobile_stub.camera import Device, take_photo
from mobile_stub.phone import Phone
from mobile_stub.scenery.scene import Scene
from server.casework.review import Review
from server.casework.reviewing import review_evidence
from tests.interop.town import Town
from tests.phone_app.findings import pull

FACTS = "经查，11病区1103床参保人员不在床，且无请假、外出检查的审批和记录，住院费用照常产生。"
REASON = "床号看不清，请对着床头卡重拍。"


@dataclass
class Busy:
    """What was recorded: the town, an inspection under way, two findings, three pictures of which one came back."""

    town: Town
    inspection: str
    findings: list[str]
    photos: list[str]


def make_busy(town: Town) -> Busy:
    """Let two Python phones work a morning, and a supervisor send a picture back; the member is left alone then."""
    lead, member = town.python(town.found.lead), town.python(town.found.member)
    inspection = town.found.inspection
    lead.step(inspection, "on_site")
    pull(lead)
    pull(member)
    photos = [photograph(member, inspection, bed) for bed in ("1101", "1102", "1103")]
    findings = [
        lead.write_finding(
            inspection,
            violation_code=code,
            facts=FACTS,
            amount_fen=amount,
            persons=["测试甲002"],
            evidence=photos,
        )
        for code, amount in (("bed_hanging", 126_000), ("duplicate_charge", 845_050))
    ]
    for phone in (member, lead, member, lead):
        pull(phone)
    send_back(town, lead, photos[2])
    lead.edit(findings[0], {"amount_fen": 152_000})
    member.edit(findings[0], {"amount_fen": 98_000})
    for phone in (lead, member):
        pull(phone)
        phone.close()
    return Busy(town, inspection, findings, photos)


def photograph(phone: Phone, inspection: str, bed: str) -> str:
    """Take a drawn picture of a bed."""
    picture = take_photo(
        random.Random(bed),
        scene=Scene("ward", bed, occupied=False),
        taken_at=datetime.now(UTC),
        lat_e7=None,
        lon_e7=None,
        device=Device(),
        size=(640, 480),
    )
    about = {"kind": "audio_visual", "media_type": "image/jpeg", "form": "photo", "note": f"{bed} 床"}
    return phone.take_evidence(inspection, picture, **about)


def send_back(town: Town, phone: Phone, evidence: str) -> None:
    """Let the supervisor return a picture for being blurred."""
    shown = phone.show(evidence)
    assert shown.base, "the phone was told of it"
    wanted = Review("return", shown.base[1], "blurred", REASON)
    review_evidence(town.installation.services, town.found.supervisor, evidence, wanted)
