"""A simulated inspector's work: a ward round, a visit to a pharmacy, an amended finding; chance decides what is seen.

Presence follows the field: 92 of 100 in bed, 5 away with a reason, 2 suspect, 1 that nobody can verify.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from mobile_stub.camera import SIDEWAYS, SIZE, Device, Stamp, take_photo
from mobile_stub.phone import Phone
from mobile_stub.recording import position
from mobile_stub.scenery.scene import Scene
from mobile_stub.viewing import Shown
from sync.errors import RecordUnknown

PRESENCE_SHARES = {"in_bed": 92, "explained": 5, "suspect": 2, "unverifiable": 1}
BED_MS = (12_000, 60_000)
BASEMENT_SHARE = 0.1
SCATTER_E7 = 3_000
DONE_STAGES = ("concluded", "confirmed", "explanation_open")
COST_OF_DAY_FEN = (38_000, 96_000)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Style:
    """How a simulated inspector works: how many beds, how many photos of which size, how time passes.

    photo_share: of the usual beds; what is suspect is always photographed
    stamp: draws on every picture, as the demo does to mark its own
    """

    beds_max: int = 50
    photo_share: float = 0.15
    photo_size: tuple[int, int] = SIZE
    zone: tzinfo = ZONE
    stamp: Stamp | None = None
    pass_time: Callable[[int], None] = field(default=lambda ms: None)


@dataclass
class Worked:
    """What was recorded: ids, in the order they were made."""

    ward_round: str | None = None
    bed_checks: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def work_round(
    phone: Phone,
    rng: random.Random,
    inspection: str,
    *,
    ward_round: str | None = None,
    style: Style | None = None,
) -> Worked:
    """Record a whole ward round of an inspection, offline, and return what was recorded.

    ward_round: a planned one; else the inspection's first that is not done, else a new one
    Raises RecordUnknown where the phone holds no in-patients of the institution: sync first.
    """
    style = style or Style()
    arrive(phone, inspection)
    institution = phone.show(inspection).values["institution"]
    patients = [e for e in phone.show_all("encounter") if e.values.get("institution") == institution]
    if not patients:
        raise RecordUnknown(
            "this phone holds no in-patients of the institution; sync first", item=institution
        )
    done = Worked()
    made = ward_round is None and _open_round(phone, inspection) is None
    done.ward_round = (
        ward_round or _open_round(phone, inspection) or _new_round(phone, rng, inspection, patients)
    )
    begun = phone.begin_round(done.ward_round)
    if "started_at" not in begun.values:
        phone.edit(done.ward_round, {"started_at": phone.kit.clock.wall_ms()})
    beds = _beds(phone.show(done.ward_round), patients, style.beds_max)
    spot = _Spot(phone, rng, inspection, style, phone.show(institution).values.get("position"))
    suspects = [bed for bed in beds if _check(spot, done, bed)]
    if suspects:
        facts = f"查房时 {len(suspects)} 张床位无人且原因不明: " + ", ".join(
            str(b.values["bed"]) for b in suspects[:20]
        )
        amount = sum(rng.randint(*COST_OF_DAY_FEN) for _ in suspects)
        done.findings.append(_finding(spot, "bed_hanging", facts, amount, done.evidence))
    if made:
        # Whoever opened the round ends it; a second officer in the same round leaves that to the first.
        phone.edit(done.ward_round, {"ended_at": phone.kit.clock.wall_ms()})
        phone.step(done.ward_round, "concluded")
    return done


def work_visit(
    phone: Phone, rng: random.Random, inspection: str, *, photos: int = 2, style: Style | None = None
) -> Worked:
    """Record a visit without beds (a pharmacy): photos of shelves, and now and then a finding."""
    style, done = style or Style(), Worked()
    arrive(phone, inspection)
    institution = phone.show(inspection).values["institution"]
    spot = _Spot(phone, rng, inspection, style, phone.show(institution).values.get("position"))
    for shelf in range(photos):
        style.pass_time(rng.randint(*BED_MS))
        scene = Scene("pharmacy", f"{rng.choice('ABCD')}{shelf + 1:02d}")
        done.evidence.append(spot.photograph(scene, {}))
    if rng.random() < 0.3:
        facts = "抽查药品进销存数量不符, 账面多于实物"
        amount = rng.randint(8_000, 260_000)
        done.findings.append(_finding(spot, "stock_mismatch", facts, amount, done.evidence))
    return done


def amend_finding(phone: Phone, rng: random.Random, finding: str) -> int:
    """Write another amount into a finding, as the second officer who counted anew; return the amount in fen."""
    amount = int(phone.show(finding).values["amount_fen"]) + 100 * rng.randint(1, 400)
    phone.edit(finding, {"amount_fen": amount})
    return amount


def arrive(phone: Phone, inspection: str) -> None:
    """Take an approved inspection to `on_site`; the lead notes when the identity cards were shown."""
    shown = phone.show(inspection)
    if shown.stage != "approved":
        return
    if shown.values.get("lead") == phone.kit.identity.user and "id_shown_at" not in shown.values:
        phone.edit(inspection, {"id_shown_at": phone.kit.clock.wall_ms()})
    phone.step(inspection, "on_site")


def _open_round(phone: Phone, inspection: str) -> str | None:
    rounds = phone.show_all("ward_round")
    mine = [r for r in rounds if r.values.get("inspection") == inspection and r.stage not in DONE_STAGES]
    return mine[0].id if mine else None


def _new_round(phone: Phone, rng: random.Random, inspection: str, patients: Sequence[Shown]) -> str:
    ward = rng.choice(sorted({str(p.values["ward"]) for p in patients}))
    count = sum(1 for p in patients if p.values["ward"] == ward)
    now = phone.kit.clock.wall_ms()
    return phone.start_round(
        inspection, wards=[ward], census_count=count, sample_method="all_listed", started_at=now
    )


def _beds(ward_round: Shown, patients: Sequence[Shown], most: int) -> list[Shown]:
    """Return whom the round looks for: its drawn sample, else everybody of its wards, by ward and bed."""
    sample, wards = ward_round.values.get("sample"), ward_round.values.get("wards")
    wanted = [p for p in patients if (p.id in sample if sample else not wards or p.values["ward"] in wards)]
    return sorted(wanted, key=lambda p: (str(p.values["ward"]), str(p.values["bed"])))[:most]


@dataclass
class _Spot:
    """Where somebody works: the phone, chance, the inspection, and the place of the institution."""

    phone: Phone
    rng: random.Random
    inspection: str
    style: Style
    place: dict[str, Any] | None

    def position(self) -> dict[str, Any] | None:
        """Return where the phone thinks it is; nowhere in a basement."""
        if self.place is None or self.rng.random() < BASEMENT_SHARE:
            return None
        lat, lon = (
            self.place[name] + self.rng.randint(-SCATTER_E7, SCATTER_E7) for name in ("lat_e7", "lon_e7")
        )
        return position(lat, lon, self.rng.randint(4, 40))

    def _colleague(self) -> str | None:
        """Return another member of the inspection: evidence is taken by two."""
        team = self.phone.show(self.inspection).values.get("members", [])
        return next((one for one in team if one != self.phone.kit.identity.user), None)

    def photograph(self, scene: Scene, about: dict[str, Any]) -> str:
        """Take a photo, keep it as evidence, return the record's id."""
        here = self.position()
        photo = take_photo(
            self.rng,
            scene=scene,
            taken_at=datetime.fromtimestamp(self.phone.kit.clock.wall_ms() / 1000, self.style.zone),
            lat_e7=here["lat_e7"] if here else None,
            lon_e7=here["lon_e7"] if here else None,
            device=Device(),
            size=self.style.photo_size,
            orientation=self.rng.choice((1, 1, SIDEWAYS)),
            stamp=self.style.stamp,
        )
        values = {"kind": "audio_visual", "media_type": "image/jpeg", "position": here, **about}
        values["second_officer"] = self._colleague()
        return self.phone.take_evidence(self.inspection, photo, **values)


def presence(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Return (which of PRESENCE_SHARES, the fields of a bed check that say so)."""
    kind = rng.choices(list(PRESENCE_SHARES), list(PRESENCE_SHARES.values()))[0]
    if kind == "in_bed":
        method = rng.choice(("id_card", "electronic_voucher", "ward_staff"))
        return kind, {"presence": "in_bed", "identity_method": method, "conclusion": "normal"}
    if kind == "explained":
        reason = rng.choice(("exam", "leave", "meal"))
        seen = "absent" if reason == "leave" else "on_site_off_bed"
        return kind, {
            "presence": seen,
            "absence_reason": reason,
            "call_result": "answered",
            "conclusion": "explained",
        }
    if kind == "suspect":
        return kind, {
            "presence": rng.choice(("absent", "absent", "discharged_unsettled")),
            "absence_reason": "unknown",
            "call_result": rng.choice(("not_answered", "wrong_number")),
            "conclusion": "bed_hanging_suspected",
        }
    return kind, {"presence": "unverifiable", "identity_method": "none"}


def _check(spot: _Spot, done: Worked, bed: Shown) -> bool:
    """Record one bed, photographed where it is suspect or by chance; return whether it is suspect."""
    spot.style.pass_time(spot.rng.randint(*BED_MS))
    kind, seen = presence(spot.rng)
    assert done.ward_round is not None, "a bed is checked in a round"
    listed = str(bed.values["bed"])
    where = {"encounter": bed.id, "position": spot.position()}
    check = spot.phone.check_bed(done.ward_round, bed_listed=listed, **where, **seen)
    done.bed_checks.append(check)
    if kind == "suspect" or spot.rng.random() < spot.style.photo_share:
        scene = Scene("ward", listed, occupied=kind == "in_bed")
        about = {"ward_round": done.ward_round, "bed_check": check}
        done.evidence.append(spot.photograph(scene, about))
    return kind == "suspect"


def _finding(spot: _Spot, violation: str, facts: str, amount_fen: int, evidence: Sequence[str]) -> str:
    return spot.phone.write_finding(
        spot.inspection,
        violation_code=violation,
        facts=facts,
        amount_fen=amount_fen,
        evidence=list(evidence[-5:]),
    )
