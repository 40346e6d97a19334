"""An inspection under way, as the cases of a verdict begin: its people, two phones, a finding that both know."""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from schemas.vectors.book import Book, Phone
from schemas.vectors.fixed import REGION, Chance, identity, public
from schemas.vectors.telling import Case, Pushed
from sync.outcomes import Outcome

AMOUNT_FEN = 126_000
PLACE = {"fixmedins_code": "H34150290001", "name": "测试第一医院", "kind": "hospital", "region": REGION}


class Scene:
    """A book with a supervisor, a lead and a member of one inspection; ann and lea are the two phones."""

    def __init__(self, name: str):
        self.name = name
        self.book = Book("scene")
        self.people = {
            word: identity(f"{word} of the scene") for word in ("supervisor", "lead", "member", "other")
        }
        self.institution, self.inspection = identity("institution"), identity("inspection")
        roles = {
            "supervisor": "supervisor",
            "lead": "lead_inspector",
            "member": "inspector",
            "other": "inspector",
        }
        self.act("machine", *(self._user(word, role) for word, role in roles.items()))
        self.act("machine", Draft("create", "institution", self.institution, PLACE))
        self.act(self.people["supervisor"], self._inspection())
        self.ann = Phone("ann", self.people["member"])
        self.lea = Phone("lea", self.people["lead"])
        self.eve = Phone("eve", self.people["other"])
        self.pull()
        self.finding = identity("finding")
        self.push(self.ann, self.draft())
        self.pull()
        self.before = list(self.book.steps)
        self.book.chance = Chance(f"verdict {name}")

    def _user(self, word: str, role: str) -> Draft:
        values = {"login": word, "display_name": "测试甲001", "region": REGION}
        return Draft("create", "user", self.people[word], values, add={"roles": [role]})

    def _inspection(self) -> Draft:
        values = {
            "kind": "routine_check",
            "mode": "open",
            "institution": self.institution,
            "lead": self.people["lead"],
            "planned_on": "2026-11-20",
        }
        team = [self.people["lead"], self.people["member"]]
        return Draft("create", "inspection", self.inspection, values, add={"members": team})

    def draft(self, record: str = "", **values: Any) -> Draft:
        """Return the create of a finding in the inspection."""
        given = {
            "inspection": self.inspection,
            "violation_code": "bed_hanging",
            "facts": "测试床位无人",
            "amount_fen": AMOUNT_FEN,
            "origin": "on_site",
            **values,
        }
        return Draft("create", "finding", record or self.finding, given)

    def edit(self, index: int | None = None, **values: Any) -> Draft:
        """Return an edit of the finding on the version at hand, or on the one that a ledger index led to."""
        return Draft("edit", "finding", self.finding, values, base=self.book.base(self.finding, index))

    def step(self, record: str, kind: str, source: str, target: str, index: int | None = None) -> Draft:
        """Return a step of a record's stage."""
        values = {"stage": {"from": source, "to": target}}
        return Draft("edit", kind, record, values, base=self.book.base(record, index))

    def pull(self) -> None:
        """Let every phone hear where the ledger stands."""
        self.book.pull(self.ann, self.lea, self.eve)

    def act(self, user: str, *drafts: Draft) -> tuple[Outcome, ...]:
        """Let the desk act; it must come into force."""
        outcomes = self.book.act(user, *drafts)
        assert all(outcome.in_force for outcome in outcomes), (self.name, outcomes)
        return outcomes

    def push(self, phone: Phone, *given: Any) -> Pushed:
        """Push a set."""
        return self.book.push(phone, *given)

    def case(self, verdict: str, code: str | None = None, **more: Any) -> Case:
        """Return the case; verdict, code: what the last change of the last set came to, which must be so."""
        steps = self.book.steps[len(self.before) :]
        last = [step["set"] for step in steps if "set" in step][-1]["changes"][-1]["outcome"]
        assert (last["verdict"], last.get("code")) == (verdict, code), (self.name, last)
        return {"name": self.name, "shows": {"verdict": verdict, "code": code}, "steps": steps, **more}


def before() -> tuple[list[Case], Case]:
    """Return (what was done before every case begins, {device id: its public key in hex})."""
    scene = Scene("before")
    phones = (scene.ann, scene.lea, scene.eve)
    return scene.before, {phone.id: public(f"device {phone.name}").hex() for phone in phones}
