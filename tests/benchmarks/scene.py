"""What is measured against: a fresh installation with an inspection on site, its phones, and sealed sets.

Everything a phone does before it sends (writing, signing, sealing) is done here, before any clock runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from schemas.drafting import Draft, write
from server.commit.acts import act, new_id
from server.config import Config, load
from server.operations.installation import initialise, services
from server.storage import ledger_store
from server.wiring import Services
from sync import changes, envelope, lines, signing
from sync.changes import Anchor, At, Item, Manifest, Seen
from sync.envelope import SEED_BYTES, XWING, OpeningKey, opening_key

ORIGIN = "ledger.bench/luan"
REGION = "341502"
APP = "bench-1.0"
BEDS = 60
TOLD = "演示数据：患者自述因胸闷入院，自费部分已付，未获减免，护士每日查房两次，饮食正常。"


@dataclass
class Phone:
    """An enrolled phone with its keys and the head of its chain."""

    device: str
    user: str
    key: Ed25519PrivateKey
    opening: OpeningKey
    seq: int = 0
    prev: str = lines.ZERO_DIGEST


@dataclass(frozen=True)
class SealedSet:
    """One set, ready to be sent, and its text for those who hand it in without an envelope."""

    seq: int
    jws: str
    text: bytes
    sealed: bytes
    items: tuple[Item, ...]


@dataclass
class Scene:
    """A fresh installation with phones whose users are members of one inspection on site."""

    app: Flask
    config: Config
    ward_round: str
    encounters: list[str]
    phones: list[Phone]
    seen: Seen
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """Return the installation's services."""
        return services(self.app)

    def bed_check(self, n: int, at: At) -> Item:
        """Return the check of one bed, with the patient's answers in a private line."""
        bed = n % len(self.encounters)
        values = {
            "ward_round": self.ward_round,
            "encounter": self.encounters[bed],
            "bed_listed": str(1101 + bed),
            "presence": "in_bed",
            "identity_method": "electronic_voucher",
            "conclusion": "normal",
            "position": {
                "lat_e7": 317_500_000 + n, "lon_e7": 1_165_000_000, "accuracy_m": 12, "provider": "gps",
                "mock": False,
            },
            "answers": TOLD,
        }  # fmt: skip
        here = self.services
        draft = Draft("create", "bed_check", new_id(here), values)
        item = write(draft, change_id=new_id(here), at=at, random=here.random)
        assert item.fault is None, item.fault
        return item

    def seal(self, phone: Phone, count: int) -> SealedSet:
        """Return the phone's next set of `count` bed checks, as it travels."""
        here = self.services
        now = here.now_ms()
        anchor = Anchor(self.seen.epoch, self.seen.size - 1, now, now, 0, "bench")
        at = At(now, 0, "bench", anchor)
        items = tuple(self.bed_check(phone.seq * 7 + n, at) for n in range(count))
        manifest = Manifest(
            origin=ORIGIN,
            device=phone.device,
            seq=phone.seq + 1,
            prev=phone.prev,
            count=count,
            root=changes.root_hex([item.line for item in items]),
            made_at=now,
            app=APP,
            schema=1,
            ledger_key=here.keyring.ledger_digest,
            seen=self.seen,
        )
        jws = signing.sign(phone.key, signing.MANIFEST, manifest.payload(), kid=phone.device)
        written = [(i.line, tuple(p.line for p in i.change.private)) for i in items if i.change]
        text = changes.text_of(jws, written)
        key = self.opening_key
        info = envelope.change_set_info(ORIGIN, phone.device, key.kid)
        sealed = envelope.seal(text, kem=key.kem, public=key.public, info=info)
        phone.seq, phone.prev = phone.seq + 1, lines.digest(jws.encode("ascii"))
        return SealedSet(phone.seq, jws, text, sealed, items)

    @property
    def opening_key(self) -> OpeningKey:
        """Return the server's hybrid opening key, to which phones seal."""
        return next(key for key in self.services.keyring.opening if key.kem == XWING)


@contextmanager
def scene(home: Path, database_url: str, *, phones: int) -> Iterator[Scene]:
    """Yield a fresh installation on an empty database; its connections are closed afterwards."""
    # What is measured is the server, not how often it lets one phone ask.
    env = {
        "WARDLEDGER_ORIGIN": ORIGIN,
        "WARDLEDGER_DATABASE_URL": database_url,
        "WARDLEDGER_RATE_DEVICE": "0",
    }
    config = load({"WARDLEDGER_HOME": str(home), **env})
    app = initialise(config, demo=True)
    here = services(app)
    try:
        yield _furnish(app, config, here, phones, env)
    finally:
        here.engine.dispose()


def _furnish(app: Flask, config: Config, here: Services, count: int, env: Mapping[str, str]) -> Scene:
    supervisor, lead = _user(here, "sup", "supervisor"), _user(here, "lead", "lead_inspector")
    team = [_user(here, f"insp{n}", "inspector") for n in range(count)]
    act(here, [supervisor, lead, *team], kind="setting")
    institution, inspection, ward_round = (new_id(here) for _ in range(3))
    place = {
        "fixmedins_code": "H34150290001", "name": "演示数据六安市测试第001医院", "kind": "hospital",
        "region": REGION,
    }  # fmt: skip
    encounters = [new_id(here) for _ in range(BEDS)]
    listed = [_encounter(one, institution, n) for n, one in enumerate(encounters)]
    act(here, [Draft("create", "institution", institution, place), *listed], kind="setting")
    planned = {
        "kind": "routine_check", "mode": "open", "institution": institution, "lead": lead.record,
        "planned_on": "2026-11-17", "stage": {"from": "draft", "to": "approved"},
    }  # fmt: skip
    members = [one.record for one in (lead, *team)]
    called = {
        "inspection": inspection, "mode": "bedside", "trigger": "plan", "sample_method": "all_listed",
        "stage": {"from": "planned", "to": "sampled"},
    }  # fmt: skip
    sample = {"wards": ["W11"], "sample": list(encounters)}
    drafts = [
        Draft("create", "inspection", inspection, planned, add={"members": members}),
        Draft("create", "ward_round", ward_round, called, add=sample),
    ]
    act(here, drafts, user=supervisor.record)
    step = {"stage": {"from": "approved", "to": "on_site"}}
    act(here, [Draft("edit", "inspection", inspection, step)], user=lead.record)
    phones = [_enrol(here, one.record) for one in team]
    with here.database.reading() as connection:
        head = ledger_store.head(connection, here.ledger.id)
    seen = Seen(head.epoch, head.size, head.root.hex())
    return Scene(app, config, ward_round, encounters, phones, seen, env)


def _user(here: Services, login: str, role: str) -> Draft:
    values = {"login": login, "display_name": f"测试{login}", "region": REGION}
    return Draft("create", "user", new_id(here), values, add={"roles": [role]})


def _encounter(record: str, institution: str, n: int) -> Draft:
    values = {
        "institution": institution, "mdtrt_id": f"M{n:04d}", "name": f"测试甲{n:03d}", "ward": "W11",
        "bed": str(1101 + n), "admitted_on": "2026-11-10",
    }  # fmt: skip
    return Draft("create", "encounter", record, values)


def _enrol(here: Services, user: str) -> Phone:
    key = Ed25519PrivateKey.from_private_bytes(here.random(32))
    opening = opening_key(XWING, here.random(SEED_BYTES[XWING]))
    device = new_id(here)
    values = {
        "user": user,
        "sign_key": lines.b64u(signing.public_raw(key)),
        "seal_key": lines.b64u(opening.public),
        "kem": XWING,
        "app": APP,
    }
    act(here, [Draft("create", "device", device, values)], kind="device")
    return Phone(device, user, key, opening)
