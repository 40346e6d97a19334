"""The demo's on-site evidence: files of every kind are captured offline, sent over a weak network, and compared.

One picture is shown twice, byte for byte, and one upload breaks off in the middle and is gone on with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mobile_stub.phone import Phone
from mobile_stub.recording import position
from server.demo import material, names
from server.demo.material import Material, Where
from server.demo.papers import Admission
from server.demo.weak_network import WeakNetwork
from server.evidence import picture, verify
from server.storage import record_store
from server.wiring import Services
from sync.merge import Record

MINUTE_MS = 60_000
STEP_E7 = 1_200
"""From one capture to the next, in 1e-7 degrees: some thirteen metres."""
CUT = "video/mp4"
CUT_SHARE = 0.6


@dataclass(frozen=True)
class Gathered:
    """What was captured. repeats: the item that shows the picture of another; cut: the file that is to break off."""

    evidence: tuple[str, ...]
    repeats: str
    cut: str


def begin(phone: Phone, inspection: str, ward_round: str, at: datetime) -> Future[tuple[Material, ...]]:
    """Begin to make the files of a visit beside everything else, and return where they will be."""
    where = _where(phone, inspection, ward_round, at)
    pool = ThreadPoolExecutor(1)
    made = pool.submit(material.gathered, f"{at.date()}/{where.about.ward}", where)
    # Not as a block, whose end would wait for it: the day goes on meanwhile.
    pool.shutdown(wait=False)
    return made


def _where(phone: Phone, inspection: str, ward_round: str, at: datetime) -> Where:
    hospital = phone.show(phone.show(inspection).values["institution"]).values
    bed = phone.show(min(phone.show(ward_round).values["sample"])).values
    patient = names.person_name(names.chance(at.date(), "papers", bed["bed"]))
    place = hospital["position"]
    about = Admission(str(hospital["name"]), str(bed["ward"]), str(bed["bed"]), patient)
    return Where(about, at, place["lat_e7"], place["lon_e7"])


def capture(
    phone: Phone,
    network: WeakNetwork,
    inspection: str,
    files: Sequence[Material],
    pass_time: Callable[[int], None],
) -> Gathered:
    """Record the files as evidence, offline, with the first picture of a bed shown once more."""
    visit = phone.show(inspection).values
    gate = phone.show(visit["institution"]).values["position"]
    colleague = next(one for one in visit["members"] if one != phone.kit.identity.user)
    taken = []
    for number, one in enumerate(files):
        pass_time(3 * MINUTE_MS)
        here = position(gate["lat_e7"] + STEP_E7 * number, gate["lon_e7"] - STEP_E7, 18)
        said: dict[str, Any] = {"form": one.form, "note": one.note, "position": here, **one.about}
        said["second_officer"] = colleague
        record = phone.take_evidence(
            inspection, one.content, kind=one.kind, media_type=one.media_type, **said
        )
        taken.append(record)
    shown = next(item for item in phone.show_all("evidence") if item.values["media_type"] == "image/jpeg")
    repeats = phone.take_evidence(
        inspection,
        phone.read_file(shown.id),
        kind="audio_visual",
        form="photo",
        media_type="image/jpeg",
        second_officer=colleague,
        note="与另一床位照片为同一文件",
    )
    film = next(record for record, one in zip(taken, files, strict=True) if one.media_type == CUT)
    cut = str(phone.show(film).values["cipher_digest"])
    network.to_cut[cut] = CUT_SHARE
    return Gathered((*taken, repeats), repeats, cut)


def troubles(
    services: Services, network: WeakNetwork, gathered: Gathered, files: Sequence[Material]
) -> list[str]:
    """Return what did not arrive as it was captured; nothing where all is well."""
    found = []
    if network.went_on.get(gathered.cut, 0) == 0:
        found.append("the upload that broke off was not gone on with")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        held = record_store.load(connection, vault, list(gathered.evidence))
    for record, one in zip(gathered.evidence, files, strict=False):
        if held[record].values.get("file_state") != verify.VERIFIED:
            found.append(f"{one.name} is not verified")
        elif b"".join(picture.original(services, held[record]).parts) != one.content:
            found.append(f"{one.name} is not what was captured")
    alike = [one for one in _all(services) if one.values["digest"] == held[gathered.repeats].values["digest"]]
    if len(alike) != 2:
        found.append("the picture that was shown twice is not found by its digest")
    return found


def told(services: Services) -> list[str]:
    """Return a line for each kind of file that the ledger holds."""
    counted: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    ready: Counter[str] = Counter()
    for record in _all(services):
        kind = str(record.values["media_type"])
        counted[kind] += 1
        sizes[kind] += int(record.values["size"])
        ready[kind] += record.values.get("file_state") == verify.VERIFIED
    return [
        f"{kind}: {count} ({sizes[kind] / 1e6:.1f} MB), {ready[kind]} verified"
        for kind, count in sorted(counted.items())
    ]


def _all(services: Services) -> list[Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.query(connection, vault, record_store.selected(services.ledger.id, "evidence"))
