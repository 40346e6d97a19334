"""An appeal (陈述申辩、听证、复议、诉讼): what a party says against a sanction, and what came of it."""

from schemas.declare import (
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    ref,
    text,
)
from schemas.parts import files

KINDS = {
    "statement_of_defence": ("陈述申辩", "Statement of defence"),
    "hearing": ("听证", "Hearing"),
    "agreement_dispute": ("协议争议处理", "Agreement dispute"),
    "administrative_review": ("行政复议", "Administrative review"),
    "lawsuit": ("行政诉讼", "Lawsuit"),
}
OUTCOMES = {
    "upheld": ("维持", "Upheld"),
    "changed": ("变更", "Changed"),
    "revoked": ("撤销", "Revoked"),
}
FILING = allow("institution_user", "supervisor", own_in=("filed",))
ANSWERING = allow("supervisor", "leader", own_in=("filed", "accepted"))

TYPE = RecordType(
    name="appeal",
    zh="申辩复议",
    en="Appeal",
    create=allow("institution_user", "supervisor"),
    edit=FILING,
    resolve=allow("supervisor"),
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        ref("sanction", "处理处罚", "Sanction", "sanction", required=True, waits=True),
        choice("kind", "方式", "Kind", KINDS, required=True),
        day("filed_on", "提出日期", "Filed on", required=True),
        text("reasons", "理由", "Reasons", required=True),
        files("files", "附件", "Files"),
        digest("proof", "附件摘要", "Digests of the files", merge=UNION),
        code("number", "受理文号", "Document number", right=ANSWERING),
        day("accepted_on", "受理日期", "Accepted on", right=ANSWERING),
        text("answer", "答复", "Answer", right=ANSWERING),
        choice("outcome", "结果", "Outcome", OUTCOMES, right=ANSWERING),
        day("decided_on", "决定日期", "Decided on", right=ANSWERING),
    ),
    stages=(
        Stage("filed", "已提出", "Filed"),
        Stage("accepted", "已受理", "Accepted"),
        Stage("rejected", "不予受理", "Not accepted"),
        Stage("decided", "已有结果", "Decided"),
        Stage("withdrawn", "已撤回", "Withdrawn"),
    ),
    edges=(
        Edge("filed", "accepted", allow("supervisor")),
        Edge("filed", "rejected", allow("supervisor")),
        Edge("accepted", "decided", allow("leader")),
        Edge("filed", "withdrawn", allow("institution_user", "supervisor")),
        Edge("accepted", "withdrawn", allow("institution_user", "supervisor")),
    ),
    columns=("stage", "kind", "filed_on", "accepted_on", "outcome", "decided_on"),
)
