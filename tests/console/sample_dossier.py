"""Demo pages of institutions, their dossiers, search and the ledger's entries."""

from __future__ import annotations

from datetime import date

from server.console.pages.bundles import BundleOffer
from server.console.pages.frame import Paging
from server.console.pages.institutions import (
    Contact,
    DossierEvent,
    DossierItem,
    DossierPart,
    DossierVisit,
    InstitutionPage,
    InstitutionRow,
    InstitutionsPage,
    Lack,
)
from server.console.pages.ledger import EntriesPage, EntryPage, LedgerEntry
from server.console.pages.registers import Cell, Choice, Line
from server.console.pages.search import Hit, HitGroup, SearchPage
from tests.console.sample_casework import cases, findings
from tests.console.sample_evidence import evidence_rows
from tests.console.sample_frame import HOSPITALS, ago, digest
from tests.console.sample_rounds import ROUND_ROWS
from tests.console.sample_users import party_users

ROWS = tuple(
    InstitutionRow(id=f"i{n + 1}", institution=place, kind="hospital", level=3 - n % 3 or None, region="金安区",
                   grade="CBAD"[n % 4], open_findings=n + 2, open_cases=n % 2 + 3,
                   inspected_on=date(2026, 11, 17) if n % 2 == 0 else None)
    for n, place in enumerate(HOSPITALS)
)  # fmt: skip


def institutions(*, empty: bool = False) -> InstitutionsPage:
    """Return the list of institutions."""
    return InstitutionsPage(
        rows=() if empty else ROWS, paging=Paging(total=0 if empty else 134), asked="",
        kinds=(Choice(value="hospital", words="医院"), Choice(value="pharmacy", words="药店")),
        levels=(Choice(value="3", words="3"),), grades=(Choice(value="A", words="A级"),),
        regions=(Choice(value="341502", words="金安区"), Choice(value="341503", words="裕安区")),
        sorts=tuple(Choice(value=each, words=each, active=each == "code") for each in ("code", "findings", "cases")),
    )  # fmt: skip


def institution() -> InstitutionPage:
    """Return one institution whose dossier lacks something."""
    item = DossierItem(kind="evidence", id="e1", title="视听资料", stage="approved", at=ago(days=2), index=18_401,
                       digest=digest("e1"), picture=True)  # fmt: skip
    lack = Lack(code="no_notice", about="测医保改〔2026〕12号", kind="rectification_case", id="c1")
    parts = (
        DossierPart(name="basic", state="missing", lacks=(Lack(code="field", about="统一社会信用代码"),)),
        DossierPart(name="certificates", state="missing", lacks=(Lack(code="no_agreement"),)),
        DossierPart(name="evidence", state="complete", items=(item,), more=3),
        DossierPart(name="interviews", state="not_needed"),
        DossierPart(name="notices", state="missing", lacks=(lack,)),
        DossierPart(name="reports", state="complete"),
        DossierPart(name="decisions", state="not_needed"),
    )
    lines = (
        Line(name="name", label="名称", cell=Cell(kind="text", values=(HOSPITALS[0].name,))),
        Line(name="beds", label="床位数", cell=Cell(kind="integer", values=(620,))),
    )
    return InstitutionPage(
        row=ROWS[0], lines=lines, parts=parts, ready=4,
        timeline=tuple(
            DossierEvent(at=ago(days=n), kind="inspection", id="n1", title="日常检查", stage=stage, by="测试丙003",
                      index=18_000 - n)
            for n, stage in enumerate(("accepted", "submitted", "on_site", "approved"))
        ),
        inspections=(DossierVisit(id="n1", kind="routine_check", mode="open", stage="accepted",
                                   planned_on=date(2026, 11, 17), team=("测试甲001", "测试乙002")),),
        rounds=ROUND_ROWS[:2], findings=findings().rows, cases=cases().rows, evidence=evidence_rows(4),
        people=(Contact(name="测试联系人", duty="医保办主任", phone="0564-0000000"),), more={"findings": 7},
        may_download=True, bundle=BundleOffer(kind="institution", id="i1"), accounts=party_users().rows,
    )  # fmt: skip


def search(*, empty: bool = False) -> SearchPage:
    """Return what was found for a name."""
    if empty:
        return SearchPage(asked="没有的机构")
    place = Hit(kind="institution", id="i1", title=HOSPITALS[0].name, detail=f"{HOSPITALS[0].code} · 金安区",
                endpoint="console.institution", query={"id": "i1"})  # fmt: skip
    case = Hit(kind="rectification_case", id="c1", title="测医保改〔2026〕12号", detail=HOSPITALS[0].name,
               stage="rectifying", endpoint="console.case", query={"id": "c1"})  # fmt: skip
    phone = Hit(kind="device", id="d1", title="…0123456789ab", detail="测试甲001", stage="enrolled")
    return SearchPage(
        asked="第一人民",
        groups=(
            HitGroup(name="institutions", total=1, over=False, hits=(place,)),
            HitGroup(name="cases", total=1_000, over=True, hits=(case,) * 3),
            HitGroup(name="devices", total=1, over=False, hits=(phone,)),
        ),
    )


def _entry(index: int) -> LedgerEntry:
    return LedgerEntry(
        index=index,
        at=ago(minutes=18_470 - index),
        kind="change",
        type="bed_check",
        outcome="applied",
        role="phone",
    )


def entries() -> EntriesPage:
    """Return the newest entries."""
    return EntriesPage(size=18_466, entries=tuple(_entry(18_465 - n) for n in range(6)), kind="", type="",
                       kinds=("change", "decision"), types=("bed_check", "finding"), from_index=18_465, below=18_459,
                       looked=6)  # fmt: skip


def entry() -> EntryPage:
    """Return one entry whose proof holds."""
    return EntryPage(
        entry=_entry(18_465), size=18_466, verdict="ok", why="", leaf=digest("leaf"),
        path=tuple(digest(str(n)) for n in range(14)), root=digest("root"), checkpoint="ledger.example/x\n18466\n",
        change=digest("change"), by="phone", record="b1", record_kind="bed_check", device="0123456789abcdef", seq=12,
        witnesses=("witness.example/w1",),
    )  # fmt: skip
