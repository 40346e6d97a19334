"""A small phone that talks to the one door directly, and a ledger in which a bit of everything happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.drafting import Draft, write
from schemas.wire.change_set import read_set
from server.commit.acts import act, new_id
from server.commit.submission import Push, Result
from server.imports.institutions import import_institutions
from server.storage import ledger_store
from sync import changes, lines, signing
from sync.changes import Anchor, At, Change, Item, Manifest, Seen
from tests.server.builders import Installation

APP = "test-1.0"
Line = tuple[bytes, tuple[bytes, ...]]
"""A change line with its private lines."""


@dataclass
class Phone:
    """An enrolled phone: it writes change-sets, chains and signs them, and hands them to the door."""

    installation: Installation
    id: str
    user: str
    key: Ed25519PrivateKey
    seq: int = 0
    prev: str = lines.ZERO_DIGEST
    receipts: list[str] = field(default_factory=list)

    def line(self, draft: Draft, *, at: At | None = None) -> Line:
        """Return a draft as the lines that travel."""
        here = self.installation.services
        when = at or At(wall=here.now_ms(), session="t")
        item = write(draft, change_id=new_id(here), at=when, random=here.random)
        assert item.change is not None
        return item.line, tuple(private.line for private in item.change.private)

    def manifest(self, written: Sequence[Line], *, seen: Seen | None = None, root: str = "") -> str:
        """Return the signed manifest of the next set; root: another one than that of the lines."""
        services = self.installation.services
        found = Manifest(
            origin=services.ledger.origin,
            device=self.id,
            seq=self.seq + 1,
            prev=self.prev,
            count=len(written),
            root=root or changes.root_hex([line for line, _ in written]),
            made_at=services.now_ms(),
            app=APP,
            schema=1,
            ledger_key=services.keyring.ledger_digest,
            seen=seen,
        )
        return signing.sign(self.key, signing.MANIFEST, found.payload(), kid=self.id)

    def push(self, *drafts: Draft, seen: Seen | None = None) -> Result:
        """Write, sign and hand in one set; returns what the door answers."""
        return self.push_lines([self.line(draft) for draft in drafts], seen=seen)

    def push_lines(self, written: Sequence[Line], *, seen: Seen | None = None, root: str = "") -> Result:
        """Sign and hand in a set of given lines."""
        jws = self.manifest(written, seen=seen, root=root)
        result = self.hand_in(changes.text_of(jws, list(written)))
        self.seq, self.prev = self.seq + 1, lines.digest(jws.encode("ascii"))
        assert result.receipt is not None
        self.receipts.append(result.receipt)
        return result

    def hand_in(self, text: bytes) -> Result:
        """Hand in the text of a set."""
        services = self.installation.services
        jws, rows = changes.split_text(text)
        push = Push(self.id, read_set(jws, rows), services.now_ms(), text)
        return services.door.submit(push)


def enrol(installation: Installation, user: str, *, also: Mapping[str, object] | None = None) -> Phone:
    """Return a phone of a user, enrolled by an act of the server; also: further fields of its record."""
    services = installation.services
    key = Ed25519PrivateKey.from_private_bytes(services.random(32))
    device = new_id(services)
    values = {
        "user": user,
        "sign_key": lines.b64u(signing.public_raw(key)),
        "seal_key": lines.b64u(services.random(32)),
        "kem": "x25519",
        "app": APP,
        **(also or {}),
    }
    act(services, [Draft("create", "device", device, values)], kind="device")
    return Phone(installation, device, user, key)


def seen_now(installation: Installation) -> Seen:
    """Return the present head as a phone would state that it saw it."""
    services = installation.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    return Seen(head.epoch, head.size, head.root.hex())


@dataclass
class City:
    """A small city with an inspection under way."""

    installation: Installation
    supervisor: str
    institution: str
    inspection: str
    phones: tuple[Phone, Phone]

    def id(self) -> str:
        """Return a fresh id."""
        return new_id(self.installation.services)

    def inspect(self) -> str:
        """Let the supervisor create one more inspection by an act of the desk; returns its id."""
        inspection = self.id()
        values = {
            "kind": "routine_check",
            "mode": "open",
            "institution": self.institution,
            "lead": self.phones[0].user,
            "planned_on": "2026-11-17",
        }
        members = [phone.user for phone in self.phones]
        draft = Draft("create", "inspection", inspection, values, add={"members": members})
        act(self.installation.services, [draft], user=self.supervisor)
        return inspection

    def finding(self, **values: object) -> Draft:
        """Return a new finding of the inspection."""
        told = {
            "inspection": self.inspection,
            "violation_code": "bed_hanging",
            "facts": "演示数据：三号床无人",
            "amount_fen": 120_000,
            "origin": "on_site",
            **values,
        }
        return Draft("create", "finding", self.id(), told, add={"persons": ["测试甲009"]})


def user(installation: Installation, login: str, name: str, *roles: str) -> Draft:
    """Return a new user of the city."""
    values = {"login": login, "display_name": name, "region": "341500"}
    return Draft("create", "user", new_id(installation.services), values, add={"roles": list(roles)})


def found_city(installation: Installation) -> City:
    """Return a city with a supervisor, an inspection on site, and two enrolled phones of its members."""
    services = installation.services
    supervisor = user(installation, "sup", "测试甲001", "supervisor")
    people = [user(installation, f"insp{n}", f"测试甲00{n}", "inspector") for n in (2, 3)]
    hospital = {
        "fixmedins_code": "H34150290001",
        "name": "测试第001医院",
        "kind": "hospital",
        "region": "341502",
    }
    institution = Draft("create", "institution", new_id(services), hospital)
    act(services, [institution, supervisor, *people], kind="setting")
    first, second = (enrol(installation, person.record) for person in people)
    city = City(installation, supervisor.record, institution.record, "", (first, second))
    city.inspection = city.inspect()
    for source, target, who in (
        ("draft", "approved", supervisor.record),
        ("approved", "on_site", first.user),
    ):
        step = Draft("edit", "inspection", city.inspection, {"stage": {"from": source, "to": target}})
        act(services, [step], user=who)
    return city


def live_through_much(installation: Installation, folder: Path) -> City:
    """Return a city in whose ledger stands a change of nearly every kind and verdict, and one import."""
    city = found_city(installation)
    services = installation.services
    one, two = city.phones
    shared = city.finding()
    one.push(shared, city.finding(amount_fen=5))
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    base = (head.epoch, head.size - 2)
    installation.clock.advance(seconds=30)
    # Two phones write different amounts on the same base: a conflict; members of a set merge.
    one.push(
        Draft("edit", "finding", shared.record, {"amount_fen": 7, "facts": "演示数据：改一"}, base=base),
        seen=seen_now(installation),
    )
    edit = Draft(
        "edit", "finding", shared.record, {"amount_fen": 9}, add={"persons": ["测试甲010"]}, base=base
    )
    at = At(services.now_ms(), 5, "s", Anchor(head.epoch, 3, services.now_ms(), 1, 2, "s"))
    two.push_lines([two.line(edit, at=at)], seen=seen_now(installation))
    again = one.line(Draft("edit", "finding", shared.record, {}, add={"persons": ["测试甲011"]}, base=base))
    one.push_lines([again])
    one.push_lines([again])
    _break_rules(city)
    path = folder / "institutions.csv"
    rows = [f"H3415029000{n},测试第00{n}医院,hospital,341502,测试甲02{n}" for n in range(2, 5)]
    path.write_text("fixmedins_code,name,kind,region,contact_name\n" + "\n".join(rows) + "\n", "utf-8")
    import_institutions(services, path)
    act(services, [_case(city, shared.record)], user=city.supervisor)
    leaving = Draft("edit", "inspection", city.inspect(), {}, remove={"members": [two.user]})
    act(services, [leaving], user=city.supervisor)
    installation.clock.advance(days=1)
    act(services, [Draft("edit", "inspection", city.inspection, {"note": "演示数据"})], user=city.supervisor)
    return city


def _break_rules(city: City) -> None:
    """Push what is refused, held, unreadable and not what its manifest says: all of it is in the ledger."""
    one, two = city.phones
    one.push(city.finding(origin="nonsense"), city.finding(inspection=city.id()))
    broken = one.line(city.finding())
    two.push_lines([(broken[0][:-1], ()), two.line(city.finding())], seen=seen_now(city.installation))
    two.push_lines([two.line(city.finding())], root="0" * 64)
    two.push(Draft("void", "finding", city.id()))


def _case(city: City, finding: str) -> Draft:
    values = {
        "inspection": city.inspection,
        "institution": city.institution,
        "served_on": "2026-11-17",
        "working_days": 15,
        "due_on": "2026-12-08",
        "due_version": 1,
    }
    return Draft("create", "rectification_case", city.id(), values, add={"findings": [finding]})


__all__ = ["Change", "City", "Item", "Phone", "enrol", "found_city", "live_through_much", "seen_now", "user"]
