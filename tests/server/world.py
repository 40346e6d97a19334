"""A small world on an installation: institutions, people with passwords, one inspection worked on the spot."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw

from schemas import codes
from schemas.drafting import Draft
from server.accounts import users
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.evidence import verify
from server.storage import file_store, record_store
from server.wiring import Services
from sync import frames, lines
from sync.merge import Record
from tests.server.builders import Installation

PASSWORD = "correct horse 2026"
HOSPITAL_AT = (317_550_000, 1_165_080_000)
"""The hospital's latitude and longitude in 1e-7 degrees."""
WARD = "W11"
PEOPLE = {
    "supervisor": ("341502", "supervisor"),
    "city": ("341500", "supervisor"),
    "neighbour": ("341503", "supervisor"),
    "auditor": ("341500", "auditor"),
    "lead": ("341502", "lead_inspector"),
    "member": ("341502", "inspector"),
}
"""Login: region and role. `neighbour` supervises another county."""


@dataclass
class World:
    """Who and what is there; ids by a short name. Evidence comes with its file, verified."""

    installation: Installation
    users: dict[str, str] = field(default_factory=dict)
    hospital: str = ""
    inspection: str = ""
    ward_round: str = ""
    encounters: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    finding: str = ""

    @property
    def services(self) -> Services:
        """The installation's services."""
        return self.installation.services

    def act(self, *drafts: Draft, by: str = "", kind: str = "decision") -> Result:
        """Commit drafts as one act of a person (by login) or of the server, a second later."""
        self.installation.clock.advance(seconds=1)
        return act(self.services, drafts, user=self.users.get(by, "machine"), kind=kind)

    def make(self, kind: str, values: Mapping[str, Any], *, by: str = "", **sets: list[Any]) -> str:
        """Create a record and return its id; sets: its set-fields."""
        record = new_id(self.services)
        self.act(Draft("create", kind, record, values, add=sets), by=by)
        return record

    def move(self, kind: str, record: str, *stages: str, by: str = "") -> None:
        """Take a record through stages, one edit for each step."""
        for source, target in pairwise(stages):
            self.act(Draft("edit", kind, record, {"stage": {"from": source, "to": target}}), by=by)

    def record(self, record: str) -> Record:
        """Return a record as it stands."""
        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            return record_store.load(connection, vault, [record])[record]

    def photograph(
        self,
        number: int = 0,
        *,
        by: str = "member",
        sent: bool = True,
        plain: bytes | None = None,
        **values: Any,
    ) -> str:
        """Let somebody capture a photo of a bed; sent: whether its file arrives; plain: the file, if not the usual."""
        plain = photo(number) if plain is None else plain
        key = self.services.random(frames.KEY_BYTES)
        cipher = b"".join(frames.encrypt([plain], key, self.services.random(frames.PREFIX_BYTES)))
        digest = hashlib.sha256(cipher).hexdigest()
        given = {
            "inspection": self.inspection,
            "kind": "audio_visual",
            "digest": hashlib.sha256(plain).hexdigest(),
            "size": len(plain),
            "media_type": "image/jpeg",
            "cipher_digest": digest,
            "cipher_size": len(cipher),
            "file_key": lines.b64u(key),
            "position": near(number),
            "second_officer": self.users["lead"],
            "note": f"测试照片{number:03d}",
            **values,
        }
        told = {name: value for name, value in given.items() if value is not None}
        sets = {name: told.pop(name) for name in list(told) if isinstance(told[name], list)}
        record = self.make("evidence", told, by=by, **sets)
        if sent:
            self.deliver(digest, cipher)
        return record

    def deliver(self, digest: str, cipher: bytes) -> None:
        """Let a cipher file arrive and be verified, as the last part of an upload does."""
        here = self.services
        here.files.write(digest, 0, [cipher], len(cipher))
        assert here.files.finish(digest, digest)
        with here.database.writing(here.ledger.id) as connection:
            file_store.arrived(connection, here.ledger.id, digest=digest, size=len(cipher), at=here.now_ms())
        verify.settle(here, digest)


def build(installation: Installation, *, beds: int = 4, photos: int = 2, checked: int | None = None) -> World:
    """Return a world with an inspection on the spot, a round of `beds`, some checked, and photos to review."""
    world = World(installation)
    _found(world)
    _inspect(world)
    _admit(world, beds)
    _walk(world, beds if checked is None else checked)
    for number in range(photos):
        named = {"ward_round": world.ward_round, "bed_check": world.checks[number % len(world.checks)]}
        world.evidence.append(world.photograph(number, **named))
    _find(world)
    return world


def beside(world: World, *, region: str = "341503", chief: str = "neighbour", team: tuple[str, str]) -> World:
    """Return another county of the same installation, with a hospital and an inspection of its own.

    chief: who supervises it; team: (lead, member); in what is returned they go by the names of their offices
    """
    lead, member = team
    known = world.users
    offices = {"supervisor": known[chief], "lead": known[lead], "member": known[member]}
    other = World(world.installation, offices)
    values = {
        "fixmedins_code": f"H{region}90002",
        "name": "测试市第002医院",
        "kind": "hospital",
        "region": region,
    }
    other.hospital = other.make("institution", values)
    _inspect(other)
    _admit(other, 2)
    _walk(other, 2)
    named = {"ward_round": other.ward_round, "bed_check": other.checks[0]}
    other.evidence.append(other.photograph(190, **named))
    _find(other)
    return other


def _inspect(world: World) -> None:
    """Plan an inspection, approve it, and come to the spot."""
    world.inspection = world.make(
        "inspection",
        {
            "kind": "routine_check",
            "mode": "open",
            "institution": world.hospital,
            "lead": world.users["lead"],
            "planned_on": "2026-11-17",
        },
        by="supervisor",
        members=[world.users["member"]],
    )
    world.move("inspection", world.inspection, "draft", "approved", by="supervisor")
    world.move("inspection", world.inspection, "approved", "on_site", by="lead")


def _found(world: World) -> None:
    """Enter the hospital and the people."""
    lat, lon = HOSPITAL_AT
    world.hospital = world.make(
        "institution",
        {
            "fixmedins_code": "H34150290001",
            "name": "测试市第001医院",
            "kind": "hospital",
            "region": "341502",
            "contact_name": "测试联系人",
            "contact_phone": "0564-0000000",
            "contact_email": "contact@hospital.example",
            "position": {"lat_e7": lat, "lon_e7": lon, "accuracy_m": 5, "provider": "gps", "mock": False},
        },
    )
    for number, (login, (region, role)) in enumerate(PEOPLE.items(), start=1):
        new = users.check(login=login, name=f"测试甲{number:03d}", roles=(role,), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)


def _admit(world: World, beds: int) -> None:
    """Enter the in-patients of the census."""
    for number in range(1, beds + 1):
        values = {
            "institution": world.hospital,
            "mdtrt_id": f"M{number:05d}",
            "person_no": person_number(number),
            "name": f"测试患者{number:03d}",
            "ward": WARD,
            "bed": f"11{number:02d}",
            "admitted_on": "2026-11-10",
            "diag_code": "I10.x00x002",
        }
        world.encounters.append(world.make("encounter", values))


def _walk(world: World, checked: int) -> None:
    """Walk the round: every bed in order, the third patient absent and suspected."""
    world.ward_round = world.make(
        "ward_round",
        {
            "inspection": world.inspection,
            "mode": "bedside",
            "trigger": "plan",
            "started_at": world.services.now_ms(),
            "sample_method": "all_listed",
        },
        by="lead",
        wards=[WARD],
    )
    world.move("ward_round", world.ward_round, "planned", "sampled", "in_progress", by="lead")
    for number, encounter in enumerate(world.encounters[:checked], start=1):
        absent = {"presence": "absent", "absence_reason": "unknown", "conclusion": "bed_hanging_suspected"}
        seen = absent if number == 3 else {"presence": "in_bed", "conclusion": "normal"}
        values = {
            "ward_round": world.ward_round,
            "encounter": encounter,
            "bed_listed": f"11{number:02d}",
            "identity_method": "id_card",
            "position": near(number),
            **seen,
        }
        world.checks.append(world.make("bed_check", values, by="member"))


def _find(world: World) -> None:
    """Propose a finding and hear the party."""
    values = {
        "inspection": world.inspection,
        "violation_code": "bed_hanging",
        "facts": "1103 床患者测试患者003 核查时不在院，住院费用照常产生。",
        "amount_fen": 1_234_567,
        "origin": "on_site",
        "legal_basis": "SCFB-735-38",
        "legal_basis_on": "2021-05-01",
    }
    sets = {"evidence": world.evidence[:2], "persons": ["测试患者003"]}
    world.finding = world.make("finding", values, by="member", **{k: v for k, v in sets.items() if v})
    world.move("finding", world.finding, "draft", "proposed", by="lead")
    heard = {"statement_kind": "disputes", "statement": "患者当日请假外出。", "heard_on": "2026-11-17"}
    step = {"stage": {"from": "proposed", "to": "heard"}}
    world.act(Draft("edit", "finding", world.finding, {**heard, **step}), by="lead")


def person_number(number: int) -> str:
    """Return an identity number of nobody: a county that there is not, with the right check character."""
    body = f"341599{19_400_101:08d}{number:03d}"
    return body + codes.resident_check(body)


def near(number: int) -> dict[str, Any]:
    """Return a position some metres from the hospital's."""
    lat, lon = HOSPITAL_AT
    return {
        "lat_e7": lat + 900 * (number + 1),
        "lon_e7": lon - 700,
        "accuracy_m": 8,
        "provider": "gps",
        "mock": False,
    }


@cache
def photo(number: int) -> bytes:
    """Return a small JPEG, each number's another, stored sideways with EXIF as phones do."""
    image = Image.new("RGB", (640, 480), (200, 210 - number % 100, 205))
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 200, 520, 400), fill="#f7f8f6", outline="#6d7675", width=6)
    draw.text((200, 120), f"DEMO {number}", fill="#0f5f63", font_size=48)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Demo Phone"
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80, exif=exif)
    return made.getvalue()
