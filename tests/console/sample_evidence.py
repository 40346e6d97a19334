"""Demo data of the review of evidence: the queue, one item, several together."""

from __future__ import annotations

from dataclasses import replace

from server.console.pages import (
    Chip,
    Chosen,
    EvidencePage,
    EvidenceQueuePage,
    EvidenceRow,
    FileFacts,
    Likenesses,
    Paging,
    Proof,
    Review,
    TogetherPage,
    Undo,
    VerifyPage,
)
from server.console.pages.amendments import Amendment, LateAmendment
from server.evidence.exif import Exif
from tests.console import sample_devices, sample_review
from tests.console.sample_frame import FIRST, HOSPITALS, NOW, SECOND, SUPERVISOR, ago, digest, seconds_from

EXIF = Exif(
    camera="Demo Phone 7",
    taken="2026:11:21 13:41:02 +08:00",
    lat=31.755,
    lon=116.508,
    width=1600,
    height=1200,
)
UNDO = Undo(act="approve", items=("e2.18300",), seconds_left=52)


def evidence_rows(count: int = 12) -> tuple[EvidenceRow, ...]:
    """Return a queue of evidence; the fourth has a flag, the sixth waits for its file."""
    return tuple(
        EvidenceRow(
            id=f"e{n}", kind="audio_visual" if n % 5 else "documentary", state="pending_review",
            institution=HOSPITALS[n % 3], captured=seconds_from(ago(minutes=25 * n), 18 + n), version=18_300 + n,
            subject=f"{'心血管内科三病区' if n % 3 == 0 else '康复医学科'} {10 + n} 床" if n % 5 else "出院小结",
            author=FIRST.name, flags=("outside_fence",) if n == 4 else (),
            file_state="partial" if n == 6 else "verified",
        )
        for n in range(1, count + 1)
    )  # fmt: skip


def evidence_queue(*, empty: bool = False) -> EvidenceQueuePage:
    """Return the review queue, or an empty one."""
    chips = (Chip(value="pending_review", count=0 if empty else 12, active=True), Chip(value="returned", count=2),
             Chip(value="approved", count=148), Chip(value="", count=162))  # fmt: skip
    rows = () if empty else evidence_rows()
    return EvidenceQueuePage(state="pending_review", chips=chips, rows=rows, paging=Paging(total=len(rows)))


def evidence(
    *, verdict: str = "ok", blocked: str | None = None, file_state: str = "verified"
) -> EvidencePage:
    """Return one item under review."""
    proof = Proof(verdict=verdict, checked_at=NOW, index=18_402, leaf=digest("leaf"), checkpoint_size=18_466,
                  path=tuple(digest(f"step {n}") for n in range(15)), checkpoint_root=digest("root"),
                  why="" if verdict == "ok" else "root_mismatch" if verdict == "bad" else "not_in_ledger")  # fmt: skip
    file = FileFacts(digest=sample_review.DIGEST, size_bytes=684_112, media_type="image/jpeg", state=file_state,
                     width=1600, height=1200, same_as=("e9",) if verdict == "bad" else ())  # fmt: skip
    earlier = Review(decision="return", officer=SUPERVISOR, at=ago(hours=3), version=18_390,
                     reason="blurred", sentence="床号卡未拍清，请补拍。")  # fmt: skip
    rows = evidence_rows()
    return EvidencePage(
        item=rows[2], version=18_402, author=FIRST, second_officer=SECOND, device="稽核手机 07（应用 1.0.0）",
        received_at=ago(minutes=20), file=file, proof=proof, note="患者床头卡与在院名单一致，床上无人，被褥整齐。",
        **sample_review.place(outside=verdict == "bad"),
        alike=sample_review.alike() if verdict == "bad" else Likenesses(),
        inspection="2026 年第四季度专项检查", round_id="r1", bed_id="b17", reviews=(earlier,),
        blocked=blocked, may_void=blocked is None, exif=EXIF,
        queue=rows, number=3, total=12, previous_id="e2", next_id="e4",
    )  # fmt: skip


def amended() -> EvidencePage:
    """Return an approved item that its author changed on a phone, which arrived late."""
    found, late = evidence(), LateAmendment(change=sample_devices.late(), more=1)
    return replace(
        found,
        item=replace(found.item, id="e5", state="approved"),
        amendment=Amendment(waiting=("e9",), late=(late,)),
    )


def scanned() -> EvidencePage:
    """Return an item whose file is a PDF of three pages."""
    found = evidence()
    file = replace(found.file, media_type="application/pdf", width=None, height=None, pages=3)
    return replace(
        found, item=replace(found.item, id="e7", kind="documentary", picture=False), file=file, exif=None
    )


def written() -> EvidencePage:
    """Return an item whose file is a record that was written on the phone."""
    found = evidence()
    file = replace(found.file, media_type="application/json", width=None, height=None)
    return replace(
        found,
        item=replace(found.item, id="e8", kind="inspection_record", picture=False),
        file=file,
        exif=None,
    )


def verified(state: str | None = "stands") -> VerifyPage:
    """Return what whoever holds a copy of a record is told."""
    if state is None:
        return VerifyPage(record="e8", digest=digest("written"), origin="ledger.example/luan-demo")
    return VerifyPage(
        record="e8",
        digest=digest("written"),
        origin="ledger.example/luan-demo",
        state=state,
        form="现场检查笔录",
        entry=18402,
        received=NOW,
        size=18520,
        root=digest("root"),
    )


def together(*, act: str = "approve") -> TogetherPage:
    """Return five chosen items, of which two cannot be decided on."""
    codes = ("", "", "own_work", "", "file_unverified")
    items = zip(evidence_rows(5), codes, strict=True)
    return TogetherPage(act=act, items=tuple(Chosen(row=row, version=row.version, code=code) for row, code in items),
                        unseen=0 if act == "approve" else 1)  # fmt: skip
