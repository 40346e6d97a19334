"""A phone on the bench: a fake ledger with an inspection, an enrolled phone, and clocks that stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mobile_stub.clock import SteppedClock
from mobile_stub.identity import Hardness
from mobile_stub.phone import Phone
from tests.mobile_stub.fake_ledger import START_MS, FakeLedger

PIN = "135790"
SOFT = Hardness(memory_kib=64, passes=1, lanes=1)
INSTITUTION = {
    "fixmedins_code": "H34150200001",
    "name": "测试医院001",
    "kind": "hospital",
    "region": "341502",
}
NAME = "测试甲002"


class Bench:
    """One ledger and the phones of one inspector; `inspection`, `encounter` are known to the ledger."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ledger = FakeLedger()
        self.clock = SteppedClock(START_MS)
        self.supervisor = self.ledger.user("supervisor")
        self.inspector = self.ledger.user("inspector")
        self.institution = self.ledger.act("create", "institution", set=INSTITUTION)
        self.inspection = self.ledger.act(
            "create",
            "inspection",
            by=self.supervisor,
            set={
                "kind": "routine_check",
                "mode": "open",
                "institution": self.institution,
                "lead": self.inspector,
                "planned_on": "2026-11-18",
            },
            add={"members": [self.inspector]},
        )
        self.encounter = self.patient("W11", "1101")

    def patient(self, ward: str, bed: str) -> str:
        values = {
            "institution": self.institution,
            "mdtrt_id": f"M{ward}{bed}",
            "name": NAME,
            "ward": ward,
            "bed": bed,
            "admitted_on": "2026-11-12",
        }
        return self.ledger.act("create", "encounter", set=values)

    def pass_time(self, ms: int) -> None:
        """Let phone and server go on together."""
        self.clock.advance(ms)
        self.ledger.now_ms += ms

    def enrol(self, name: str = "phone", user: str | None = None, **more: Any) -> Phone:
        invite = self.ledger.invite(user or self.inspector)
        more = {"clock": self.clock, "client": self.ledger.client(), "hardness": SOFT, **more}
        return Phone.enrol(self.folder / name, invite, PIN, **more)

    def open(self, name: str = "phone", *, watch: Callable[[str], None] | None = None, **more: Any) -> Phone:
        more = {"clock": self.clock, "client": self.ledger.client(), "sleep": lambda seconds: None, **more}
        return Phone.open(self.folder / name, PIN, watch=watch, **more)

    def ready(self, name: str = "phone", **more: Any) -> Phone:
        """Return a phone that is enrolled and has pulled."""
        phone = self.enrol(name, **more)
        report = phone.sync()
        assert report.clean, report.errors
        return phone
