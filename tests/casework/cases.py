"""Opening cases in a world and taking them from stage to stage, as the desk and an institution do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from schemas.drafting import Draft
from server.accounts import users
from server.casework import case_desk, desk
from server.casework.confirm import Confirmation
from server.casework.serving import Service
from server.casework.verifying import Checked, Verdict
from server.commit.acts import new_id
from sync.merge import Record
from tests.server.world import PASSWORD, World

PROOF = "ab" * 32


@dataclass
class Cases:
    """Cases of one world. `supervisor` drafts and serves, `city` signs off and closes, unless it is said otherwise."""

    world: World

    @property
    def today(self) -> date:
        return self.world.services.today()

    def user(self, login: str) -> str:
        return self.world.users[login]

    def version(self, record: str) -> int:
        return self.world.record(record).version

    def finding(self, amount_fen: int = 100) -> str:
        """Propose a finding and hear the party; return its id."""
        world = self.world
        values = {
            "inspection": world.inspection,
            "violation_code": "bed_hanging",
            "facts": "测试床位核查时无人。",
            "origin": "on_site",
            "amount_fen": amount_fen,
            "legal_basis": "SCFB-735-38",
            "legal_basis_on": "2021-05-01",
        }
        made = world.make("finding", values, by="member")
        world.move("finding", made, "draft", "proposed", by="lead")
        heard = {"statement_kind": "agrees", "heard_on": "2026-11-17"}
        step = {"stage": {"from": "proposed", "to": "heard"}}
        world.act(Draft("edit", "finding", made, {**heard, **step}), by="lead")
        return made

    def confirm(self, finding: str, **more: Any) -> str:
        """Confirm a finding and return its case."""
        wanted = Confirmation(self.version(finding), **more)
        result = desk.confirm_finding(self.world.services, self.user("supervisor"), finding, wanted)
        return next(one.id for one in result.records.values() if one.type == "rectification_case")

    def assigned(self, *, amount_fen: int = 100, working_days: int = 15) -> str:
        """Open a case that was not served yet."""
        return self.confirm(self.finding(amount_fen), working_days=working_days)

    def draft(self, case: str, by: str = "supervisor", **more: Any) -> str:
        """Draft a case's notice."""
        return case_desk.draft_notice(
            self.world.services, self.user(by), case, version=self.version(case), **more
        )

    def sign_off(self, notice: str, by: str = "city") -> str:
        """Sign a notice off; return its number."""
        return case_desk.sign_off_notice(
            self.world.services, self.user(by), notice, version=self.version(notice)
        )

    def issue(self, notice: str) -> None:
        case_desk.issue_notice(
            self.world.services, self.user("supervisor"), notice, version=self.version(notice)
        )

    def serve(self, notice: str, **more: Any) -> None:
        told = {"method": "direct", "served_on": self.today, "received_by": "测试签收人", **more}
        case_desk.serve_notice(
            self.world.services,
            self.user("supervisor"),
            notice,
            Service(**told),
            version=self.version(notice),
        )

    def acknowledge(self, notice: str) -> None:
        case_desk.acknowledge_notice(
            self.world.services, self.user("supervisor"), notice, version=self.version(notice)
        )

    def served(self, **more: Any) -> tuple[str, str]:
        """Return a case and its notice, served today."""
        case = self.assigned(**more)
        notice = self.draft(case)
        self.sign_off(notice)
        self.issue(notice)
        self.serve(notice)
        return case, notice

    def rectifying(self, **more: Any) -> str:
        """Return a case whose notice was acknowledged."""
        case, notice = self.served(**more)
        self.acknowledge(notice)
        return case

    def report(self, case: str, by: str = "lead", *, proof: bool = True, answered: bool = True) -> str:
        """Hand in a report as the server does for an institution, made by somebody."""
        world, record = self.world, world_id(self.world)
        answers = [self._answer(one, proof=proof) for one in self.findings(case)] if answered else []
        values = {"institution": world.hospital, "case": case, "round": 1}
        author = by if by in ("supervisor", "city") else "supervisor"
        stage = world.record(case).stage
        world.act(
            Draft("create", "rectification_report", record, values, add={"answers": answers}),
            Draft("edit", "rectification_report", record, {"stage": {"from": "draft", "to": "submitted"}}),
            Draft("edit", "rectification_case", case, {"stage": {"from": stage, "to": "report_submitted"}}),
            by=author,
        )
        return record

    def _answer(self, finding: str, *, proof: bool) -> dict[str, Any]:
        done = (self.today - timedelta(days=1)).isoformat()
        answer = {"finding": finding, "words": "已完成整改。", "done_on": done}
        if not proof:
            return {**answer, "measure": "planned"}
        return {**answer, "measure": "corrected", "proof": [PROOF]}

    def findings(self, case: str) -> list[str]:
        return list(self.world.record(case).values["findings"])

    def reported(self, by: str = "supervisor", **more: Any) -> str:
        """Return a case with a report handed in; by: who entered it."""
        told = {name: more.pop(name) for name in ("proof", "answered") if name in more}
        case = self.rectifying(**more)
        self.report(case, by, **told)
        return case

    def verify(
        self, case: str, by: str = "city", verdict: str = "met", *, settled: bool = True, failings: Any = ()
    ) -> None:
        words = "" if verdict == "met" else "尚未完成。"
        verdicts = {one: Verdict(verdict, words) for one in self.findings(case)}
        said = Checked(verdicts=verdicts, failings=frozenset(failings), money_settled=settled)
        case_desk.verify_report(self.world.services, self.user(by), case, said, version=self.version(case))

    def enlist(self, login: str, region: str = "341502", role: str = "supervisor") -> None:
        """Let another person of the bureau in, once."""
        if login not in self.world.users:
            new = users.check(login=login, name="测试甲070", roles=(role,), region=region)
            self.world.users[login], _ = users.enlist(self.world.services, new, PASSWORD)

    def record(self, record: str) -> Record:
        return self.world.record(record)


def world_id(world: World) -> str:
    """Return a fresh id."""
    return new_id(world.services)
