"""A rectification report (整改报告): what an institution answers to each finding, with its proof."""

from schemas.declare import (
    NAME,
    UNION,
    Edge,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    day,
    digest,
    fen,
    group,
    integer,
    ref,
    text,
)
from schemas.parts import files, people

MEASURES = {
    "corrected": ("已整改", "Corrected"),
    "planned": ("计划整改", "Planned"),
    "disputed": ("有异议", "Disputed"),
}
VERDICTS = {
    "met": ("符合要求", "Met"),
    "partly": ("部分符合", "Partly met"),
    "not_met": ("不符合要求", "Not met"),
}
FORMS = {
    "electronic": ("网上提交", "In the portal"),
    "paper": ("纸质提交", "On paper"),
}
WRITING = allow("institution_user", "supervisor", own_in=("draft",))
"""An institution may write until it submits; what comes on paper is entered by a supervisor."""
CHECKING = allow("supervisor", own_in=("submitted",))
ENTERING = allow("supervisor", own_in=("draft",))
"""What came on paper is said to have come on paper by whoever enters it, who then does not verify it."""

TYPE = RecordType(
    name="rectification_report",
    zh="整改报告",
    en="Rectification report",
    create=allow("institution_user", "supervisor"),
    edit=WRITING,
    void=WRITING,
    resolve=allow("supervisor"),
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        ref("case", "整改", "Case", "rectification_case", required=True, waits=True),
        ref("notice", "整改通知书", "Notice", "notice", waits=True),
        integer("round", "第几次报告", "Round", 1, 20, required=True),
        choice("form", "提交方式", "Form", FORMS, right=ENTERING),
        text("handed_in_by", "递交人", "Handed in by", chars_max=60, masked=NAME, right=ENTERING),
        day("handed_in_on", "递交日期", "Handed in on", right=ENTERING),
        text("paper_place", "纸质原件存放处", "Where the paper lies", chars_max=200, right=ENTERING),
        group(
            "answers",
            "逐项整改情况",
            "Answers",
            (
                ref("finding", "问题", "Finding", "finding", required=True),
                choice("measure", "整改状态", "Measure", MEASURES, required=True),
                text("words", "整改情况", "What was done", chars_max=4000, required=True),
                day("done_on", "完成日期", "Done on"),
                digest("proof", "佐证材料", "Proof", merge=UNION),
            ),
            needs=(
                Need("measure", ("corrected",), ("done_on", "proof")),
                Need("measure", ("planned",), ("done_on",)),
            ),
            merge=UNION,
        ),
        files("files", "佐证文件", "Files of proof"),
        digest("proof", "佐证材料摘要", "Digests of the proof", merge=UNION),
        fen("refunded_fen", "已退回金额", "Refunded"),
        people("signatories", "签字人", "Signatories"),
        group(
            "checks",
            "逐项核查",
            "Checks",
            (
                ref("finding", "问题", "Finding", "finding", required=True),
                choice("verdict", "核查结论", "Verdict", VERDICTS, required=True),
                text("words", "核查意见", "Remarks", chars_max=2000),
            ),
            needs=(Need("verdict", ("partly", "not_met"), ("words",)),),
            merge=UNION,
            right=CHECKING,
        ),
        text("return_reason", "退回原因", "Reason of the return", chars_max=2000, right=CHECKING),
    ),
    stages=(
        Stage("draft", "草拟", "Draft"),
        Stage("submitted", "已提交", "Submitted"),
        Stage("accepted", "已采纳", "Accepted"),
        Stage("returned", "已退回", "Returned"),
    ),
    edges=(
        Edge("draft", "submitted", allow("institution_user", "supervisor")),
        Edge("submitted", "accepted", allow("supervisor")),
        Edge("submitted", "returned", allow("supervisor")),
    ),
    columns=("stage", "round", "form", "handed_in_on", "refunded_fen"),
)
