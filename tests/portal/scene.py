"""Two institutions with a user each; cases, notices and sanctions as the bureau makes them."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.drafting import Draft
from server.accounts import users
from server.commit.acts import new_id
from tests.security.access.targets import MAKERS
from tests.server.world import PASSWORD, World, beside

FACTS = "测试患者002 核查时不在院，床位费照常收取。"


@dataclass
class Scene:
    """A world, and the county beside it."""

    world: World
    there: World

    def case(self, *, here: bool = True) -> str:
        """Confirm a finding whose case runs; return the case."""
        return MAKERS["case"](self.world if here else self.there)

    def notice(self, case: str, *, until: str = "served", here: bool = True) -> str:
        """Draft a notice on a case and take it up to a stage."""
        world = self.world if here else self.there
        number = f"LA-2026-{int(new_id(world.services)[-6:], 16)}"
        values = {
            "institution": world.hospital,
            "number": number,
            "type": "rectification",
            "case": case,
            "facts": FACTS,
            "demands": "限期退回违规费用，完善住院管理。",
            "working_days": 15,
        }
        notice = world.make("notice", values, by="supervisor")
        steps = [
            ("draft", "signed_off", {}),
            ("signed_off", "issued", {"issued_on": "2026-11-17"}),
            ("issued", "served", {"served_on": "2026-11-17", "method": "electronic"}),
        ]
        for source, target, more in steps:
            if world.record(notice).stage == until:
                break
            step = {"stage": {"from": source, "to": target}, **more}
            world.act(Draft("edit", "notice", notice, step), by="supervisor")
        return notice

    def sanction(self, case: str, *, told: bool = True) -> str:
        """Propose a sanction, and tell the party."""
        values = {
            "case": case,
            "institution": self.world.hospital,
            "track": "agreement",
            "level": "2",
            "proposed_by": "person",
            "reasons": "逾期未整改。",
            "amount_fen": 100_000,
        }
        sanction = self.world.make("sanction", values, by="supervisor")
        if told:
            step = {"stage": {"from": "proposed", "to": "told_party"}, "told_on": "2026-11-18"}
            self.world.act(Draft("edit", "sanction", sanction, step), by="supervisor")
        return sanction

    def put(self, count: int) -> list[str]:
        """Propose findings in an inspection whose record was signed: they lie before the party."""
        world = self.world
        values = {
            "inspection": world.inspection,
            "violation_code": "bed_hanging",
            "facts": "1104 床患者核查时不在院。",
            "origin": "on_site",
            "amount_fen": 100,
        }
        made = []
        for _ in range(count):
            made.append(world.make("finding", values, by="member", evidence=[world.evidence[0]]))
            world.move("finding", made[-1], "draft", "proposed", by="lead")
        if world.record(world.inspection).stage == "on_site":
            world.move("inspection", world.inspection, "on_site", "record_signed", by="lead")
        return made


def stage(world: World) -> Scene:
    """Return the two institutions, with a user of each."""
    for login, region in (("farlead", "341503"), ("farmember", "341503")):
        role = "lead_inspector" if login == "farlead" else "inspector"
        new = users.check(login=login, name="测试甲081", roles=(role,), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    there = beside(world, team=("farlead", "farmember"))
    for login, hospital, region in (
        ("portal", world.hospital, "341502"),
        ("otherportal", there.hospital, "341503"),
    ):
        new = users.check(
            login=login, name="测试甲082", roles=("institution_user",), region=region, institution=hospital
        )
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return Scene(world, there)
