"""Demo data for a census at the desk."""

from __future__ import annotations

from datetime import date

from server.console.pages.census import CensusFault, CensusForm, CensusPage, CensusPreview, CensusRow
from tests.console.sample_frame import HOSPITALS, digest

COLUMNS = ("mdtrt_id", "person_no", "name", "ward", "bed", "admitted_on", "diag_code")
NEEDED = ("mdtrt_id", "name", "ward", "bed", "admitted_on")


def page(*, way: str = "good") -> CensusPage:
    """Return the form: `new`, with a list that fits (`good`), with faults (`bad`), or with no file (`failed`)."""
    bad = way == "bad"
    rows = tuple(
        CensusRow(line=n, ward=f"W1{n % 3}", bed=f"{n:02d}", name="测**", number="3415**********1234",
                  admitted_on=f"2026-11-{n:02d}")
        for n in range(2, 9)
    )  # fmt: skip
    preview = CensusPreview(
        digest=digest("census"),
        institutions=((HOSPITALS[0].code, HOSPITALS[0].name),),
        day=date(2026, 11, 21),
        rows=412,
        columns=COLUMNS,
        left_out=("备注", "主管医师"),
        first=rows,
        wards={"W10": 140, "W11": 138, "W12": 134},
        faults=tuple(CensusFault(line=n, column="admitted_on", words="不是有效日期") for n in (4, 19) if bad),
        fault_count=230 if bad else 0,
        doubts=(CensusFault(line=7, column="diag_code", words="目录中没有该编码"),),
        doubt_count=1,
        created=31,
        changed=44,
        same=337,
        left=29,
        contested=2,
        unchecked=3,
    )  # fmt: skip
    form = CensusForm(
        institution=HOSPITALS[0].code,
        day="2026-11-21",
        failed="bad_file" if way == "failed" else "",
        detail="columns are missing: bed" if way == "failed" else "",
    )
    return CensusPage(
        form=form,
        known=tuple((one.code, one.name) for one in HOSPITALS),
        columns=tuple((name, name in NEEDED) for name in COLUMNS),
        preview=preview if way in ("good", "bad") else None,
        bytes_max=1_500_000,
    )
