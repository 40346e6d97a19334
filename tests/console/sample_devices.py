"""Demo data for the pages about conflicts, late arrivals, quarantine and devices; people are generated."""

from __future__ import annotations

from datetime import timedelta

from schemas.wire.outbox_file import MEDIA_TYPE
from server.console.pages import Chip, Paging
from server.console.pages.conflicts import ConflictPage, ConflictRow, ConflictsPage, Contender, Entry
from server.console.pages.devices import (
    DevicePage,
    DeviceRow,
    DevicesPage,
    EnrolPage,
    Health,
    InvitePage,
    LossPage,
    OutboxPage,
    Shelf,
    Visit,
)
from server.console.pages.registers import Cell, Choice, Named
from server.console.pages.waiting import (
    Compared,
    KeptPage,
    LateChange,
    LatePage,
    QuarantinePage,
    QuarantineRow,
    WaitedFor,
    WaitingPage,
    WaitingRow,
)
from server.console.qr import path_of
from server.queries.conflicts import differences
from tests.console.sample_frame import FIRST, HOSPITALS, NOW, SECOND, ago, digest, seconds_from

FACTS = (
    "2026年11月17日查房时，3号床患者不在院，当日仍计床位费、护理费。",
    "2026年11月17日查房时，4号床患者不在院，当日仍计床位费与诊疗费。",
)


def fen(amount: int) -> Cell:
    """Return an amount as a cell."""
    return Cell(kind="fen", values=(amount,), unit="fen")


def conflicts(*, empty: bool = False) -> ConflictsPage:
    """Return the queue of conflicts, or none."""
    shared = {"record_type": "finding", "place": HOSPITALS[0].name, "title": "挂床住院", "may": True}
    rows = (
        ConflictRow(
            id="k1", record="f2", name="amount_fen", label="涉及金额", reason="never_merges",
            values=(fen(152_000), fen(125_000)), officers=(FIRST.name, SECOND.name), since=ago(hours=3), **shared,
        ),
        ConflictRow(
            id="k2", record="f3", name="facts", label="事实", reason="never_merges",
            values=tuple(Cell(kind="text", values=(text,)) for text in FACTS),
            officers=(FIRST.name, SECOND.name), since=ago(days=1), **shared,
        ),
        ConflictRow(
            id="k3", record="b9", record_type="bed_check", place=HOSPITALS[1].name, title="1103", name="conclusion",
            label="结论", reason="unaware", may=False, officers=(SECOND.name,), since=ago(days=2),
            values=(Cell(kind="choice", values=("正常",)), Cell(kind="choice", values=("疑似挂床",))),
        ),
    )  # fmt: skip
    chips = (
        Chip(value="", count=3, active=True),
        Chip(value="bed_check", count=1),
        Chip(value="finding", count=2),
    )
    return ConflictsPage(
        chips=() if empty else chips, rows=() if empty else rows, paging=Paging(total=0 if empty else 3)
    )


def conflict(*, facts: bool = False, failed: str = "") -> ConflictPage:
    """Return a conflict over an amount, or over facts."""
    cells = [Cell(kind="text", values=(text,)) for text in FACTS] if facts else [fen(152_000), fen(125_000)]
    standing = tuple(
        Contender(
            change=f"change-{n}",
            cell=each,
            pieces=differences(FACTS[n], FACTS[1 - n]) if facts else (),
            officer=(FIRST, SECOND)[n],
            role=("lead_inspector", "inspector")[n],
            captured=seconds_from(ago(hours=30 - n)),
            received=ago(hours=5 - n),
            index=18_440 + n * 7,
            seen=18_402,
            unknown=True,
            device="…1a2b3c4d",
        )
        for n, each in enumerate(cells)
    )
    return ConflictPage(
        id="k2" if facts else "k1",
        record_type="finding",
        record=Named(words="挂床住院", id="f2", kind="finding"),
        place=Named(words=HOSPITALS[0].name, id="h1", kind="institution"),
        name="facts" if facts else "amount_fen",
        label="事实" if facts else "涉及金额",
        reason="never_merges",
        standing=standing,
        now=Cell(kind="text", values=("查房时患者不在院。",)) if facts else fen(100_000),
        entry=Entry(kind="text" if facts else "fen", typed="两处合并：" if failed else ""),
        failed=failed,
        fresh=1 if failed else 0,
        number=1,
        waiting=3,
        next="k2",
    )


INVITE = f"wardledger:https://ledger.example/luan#{'A7' * 11}.{digest('ledger')}.{digest('recovery')}"
REASONS = (Choice(value="lost", words="遗失"), Choice(value="left_service", words="人员离岗"))


def health(*trouble: str, hours: float = 1, unsent: int | None = 0) -> Health:
    """Return how a phone keeps up that was heard of so many hours ago."""
    return Health(
        seen_at=ago(hours=hours), told_at=ago(hours=hours), unsent=unsent, receipt_at=ago(hours=hours + 1),
        head_size=18_440, behind=int(7 * hours), trouble=trouble,
    )  # fmt: skip


def device_rows() -> tuple[DeviceRow, ...]:
    """Return phones in every state."""
    app = "wardledger-app/1.4.2"
    never = Health(seen_at=None, told_at=None, unsent=None, receipt_at=None, head_size=None, behind=None)
    told = (
        ("forked", FIRST, health("forked", hours=5), 3),
        ("enrolled", SECOND, health("silent", hours=220, unsent=41), 0),
        ("enrolled", FIRST, health("stuck", hours=0.2, unsent=12), 0),
        ("enrolled", SECOND, health(hours=0.1), 0),
        ("lost", FIRST, health(hours=70), 1),
        ("enrolled", SECOND, never, 0),
    )
    return tuple(
        DeviceRow(
            id=f"01a1e73b-0000-7000-8000-00000000d00{n}", user=who.name, unit=who.unit, app=app, stage=stage,
            sets=40 - 7 * n, health=how, quarantined=kept,
        )
        for n, (stage, who, how, kept) in enumerate(told)
    )  # fmt: skip


def devices(*, empty: bool = False) -> DevicesPage:
    """Return the list of phones, or none."""
    chips = (
        Chip(value="", count=6, active=True),
        Chip(value="trouble", count=2),
        Chip(value="enrolled", count=4),
    )
    rows = () if empty else device_rows()
    return DevicesPage(
        chips=() if empty else chips, rows=rows, paging=Paging(total=len(rows)), may_enrol=True
    )


def device(*, at: int = 3, failed: str = "") -> DevicePage:
    """Return one phone."""
    row = device_rows()[at]
    return DevicePage(
        row=row, version=18_300, user_id="u1", kem="xwing", enrolled_at=ago(days=80), may=True,
        app_now="wardledger-app/1.5.0",
        reasons=REASONS, failed=failed, visits=(Visit(id="i1", title=HOSPITALS[0].name, stage="on_site"),),
        superseded_by=device_rows()[3].id if row.stage == "forked" else None,
    )  # fmt: skip


def outbox() -> OutboxPage:
    """Return the form that brings a phone's file."""
    return OutboxPage(media=MEDIA_TYPE)


def enrol() -> EnrolPage:
    """Return the form that makes an invite."""
    users = tuple(
        Choice(value=f"u{n}", words=f"{one.name} · {one.unit}") for n, one in enumerate((FIRST, SECOND))
    )
    return EnrolPage(users=users, devices=(Choice(value="d1", words=f"{FIRST.name} · …0000d000"),))


def invite(state: str = "open") -> InvitePage:
    """Return an invite on the screen."""
    path, size = path_of(INVITE)
    return InvitePage(
        digest=digest("code"), user=SECOND.name, user_id="u2", state=state, expires_at=NOW + timedelta(minutes=14),
        text=INVITE if state == "open" else "", path=path, size=size, supersedes=None,
        device=device_rows()[3].id if state == "used" else None,
    )  # fmt: skip


def loss() -> LossPage:
    """Return what may be on a lost phone."""
    counts = {"inspection": 1, "ward_round": 2, "bed_check": 64, "evidence": 31, "finding": 4}
    shelves = (
        Shelf(place=Named(words=HOSPITALS[0].name, id="i1", kind="inspection"), type="inspection",
              region="金安区", records=counts),
        Shelf(place=Named(words="…0000d00f", id="i2"), type="inspection", region="裕安区",
              records={"inspection": 1, "bed_check": 20}),
    )  # fmt: skip
    return LossPage(
        device=device_rows()[4].id, user=FIRST.name, stage="lost", reason="stolen", wipe="after_upload",
        last_contact=ago(hours=70), sets=12, file_keys=31, shelves=shelves,
        records={**counts, "inspection": 2, "bed_check": 84},
    )  # fmt: skip


def waiting(*, empty: bool = False) -> WaitingPage:
    """Return what came late, or nothing."""
    row = WaitingRow(
        index=18_512, verdict="late", type="finding", record=Named(words=HOSPITALS[0].name, id="i1"),
        author=SECOND.name, device="…0000d003", received=ago(hours=9), days=0, count=2,
    )  # fmt: skip
    chips = (Chip(value="late", count=0 if empty else 1, active=True), Chip(value="held", count=0))
    return WaitingPage(state="late", chips=chips, rows=() if empty else (row,))


def held() -> WaitingPage:
    """Return what waits for something to arrive: a record, one that waits itself, and a newer server."""
    wanted = (
        WaitedFor(kind="record", words="…0000c001", type="ward_round"),
        WaitedFor(kind="record", words="…0000c002", type="bed_check", entry=18_512),
        WaitedFor(kind="type", words="drone_flight"),
    )
    rows = tuple(
        WaitingRow(
            index=18_512 + n, verdict="held", type="bed_check", record=Named(words=HOSPITALS[n].name, id=f"i{n}"),
            author=SECOND.name, device="…0000d003", received=ago(hours=9 - n), days=0, count=1 + n, wanted=each,
        )
        for n, each in enumerate(wanted)
    )  # fmt: skip
    chips = (Chip(value="late", count=1), Chip(value="held", count=3, active=True))
    return WaitingPage(state="held", chips=chips, rows=rows, next="18514")


def late() -> LatePage:
    """Return a late change beside what the record says."""
    lines = (
        Compared(name="amount_fen", label="涉及金额", now=fen(120_000), late=fen(152_000), way="set", differs=True),
        Compared(name="facts", label="事实", now=Cell(kind="text", values=(FACTS[0],)),
                 late=Cell(kind="text", values=(FACTS[1],)), way="set", differs=True),
    )  # fmt: skip
    change = LateChange(
        index=18_512, op="edit", type="finding", record=Named(words="挂床住院", id="f2"),
        captured=seconds_from(ago(hours=30)), fields=lines,
    )  # fmt: skip
    return LatePage(
        index=18_512, author=SECOND, device="…0000d003", received=ago(hours=9), changes=(change,),
        place=Named(words=HOSPITALS[0].name, id="h1"), root_stage="record_signed",
        reasons=(Choice(value="irrelevant", words="与本案无关"),),
    )  # fmt: skip


def quarantine(*, empty: bool = False) -> QuarantinePage:
    """Return what is kept, or nothing."""
    return QuarantinePage(rows=() if empty else (kept_row(),))


def kept_row() -> QuarantineRow:
    """Return a set of a second copy."""
    return QuarantineRow(
        id="q1", device=device_rows()[0].id, user=FIRST.name, seq=31, code="device_fork", at=ago(hours=5),
        size_bytes=48_213, whole=True, let_in=False,
    )  # fmt: skip


def kept() -> KeptPage:
    """Return one thing that is kept."""
    return KeptPage(row=kept_row(), lines=27, stage="forked")
