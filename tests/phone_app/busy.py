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
from sync import lines
from tests.interop.town import Town
from tests.phone_app.findings import pull

FACTS = "经查，11病区1103床参保人员不在床，且无请假、外出检查的审批和记录，住院费用照常产生。"
REASON = "床号看不清，请对着床头卡重拍。"


@dataclass
class Busy:
    """What was recorded: an inspection under way, two findings, three pictures of which one came back, a record."""

    town: Town
    inspection: str
    findings: list[str]
    photos: list[str]
    record: str


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
    record = write_down(lead, town)
    lead.edit(findings[0], {"amount_fen": 152_000})
    member.edit(findings[0], {"amount_fen": 98_000})
    for phone in (lead, member):
        pull(phone)
        phone.close()
    return Busy(town, inspection, findings, photos, record)


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


def write_down(phone: Phone, town: Town) -> str:
    """Keep an inquiry's record as the app writes it, signed by two and refused by one."""
    at = 1_795_000_000_000
    signed = [
        {"signer": "officer", "name": f"测试检查员{n}", "outcome": "signed", "at": at} for n in ("一", "二")
    ]
    refused = {"signer": "interviewee", "name": "测试护士", "outcome": "refused", "at": at,
               "reason": "不认可", "witness": "测试见证人"}  # fmt: skip
    content = {
        "format": "wardledger-record/1",
        "form": "inquiry_record",
        "inspection": town.found.inspection,
        "institution": "六安市测试第001医院",
        "code": "H34150290001",
        "place": "三楼护士站",
        "began": at,
        "ended": at + 600_000,
        "officers": [{"name": f"测试检查员{n}", "card": "皖0001"} for n in ("一", "二")],
        "person": {"name": "测试护士", "post": "护士长"},
        "rights": "您有权申请回避，有权陈述和申辩。",
        "paragraphs": [{"asked": "12 床患者在哪里？", "text": "回家了，没有请假单。"}],
        "signatures": [*({**one, "ink": "M90 90L180 180L270 90"} for one in signed), refused],
    }
    return phone.take_evidence(
        town.found.inspection,
        lines.encode(content),
        kind="party_statement",
        media_type="application/json",
        form="inquiry_record",
        second_officer=town.found.member,
        person="测试护士",
        rights_told=True,
        signatures=[*signed, refused],
    )


def send_back(town: Town, phone: Phone, evidence: str) -> None:
    """Let the supervisor return a picture for being blurred."""
    shown = phone.show(evidence)
    assert shown.base, "the phone was told of it"
    wanted = Review("return", shown.base[1], "blurred", REASON)
    review_evidence(town.installation.services, town.found.supervisor, evidence, wanted)
