"""A notice (文书): what is served on an institution; word for word the same from the day it is signed off.

It is found by its number, which a draft does not have yet; that no two notices of a ledger share one is kept by the
door (`server.commit.numbers`), as the records of two institutions do not lie together.
"""

from schemas.declare import (
    NAME,
    UNION,
    Edge,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    instant,
    integer,
    ref,
    text,
)

NOTICE_TYPES = {
    "rectification": ("限期整改通知书", "Rectification notice"),
    "correction_order": ("责令改正通知书", "Correction order"),
    "interview": ("约谈通知书", "Interview notice"),
    "registered_hold": ("先行登记保存通知书", "Registered hold"),
    "sealing": ("封存通知书", "Sealing"),
    "sanction_told": ("处理处罚告知书", "Notice of an intended sanction"),
    "hearing": ("听证通知书", "Hearing notice"),
    "sanction_decided": ("处理意见书", "Decision on a sanction"),
    "extension_answer": ("延期答复书", "Answer on an extension"),
    "closing": ("销号通知书", "Closing notice"),
}
SERVICE_METHODS = {
    "direct": ("直接送达", "Direct"),
    "left": ("留置送达", "Left at the place"),
    "electronic": ("电子送达", "Electronic"),
    "post": ("邮寄送达", "By post"),
    "entrusted": ("委托送达", "Entrusted"),
    "announcement": ("公告送达", "By announcement"),
}
DESK = allow("supervisor")
DRAFTING = allow("supervisor", own_in=("draft",))
"""What a notice says may change while it is a draft; afterwards it is mended by a new notice alone."""
NUMBERING = allow("supervisor", "leader", own_in=("draft",))
"""Whoever signs off gives the number; a draft has none."""
ISSUING = allow("supervisor", own_in=("signed_off",))
SERVING = allow("supervisor", "machine", own_in=("issued",))
ACKNOWLEDGING = allow("institution_user", "supervisor", "machine", own_in=("served",))
"""The server does where the link of a message came back: whoever followed it had not signed in."""

TYPE = RecordType(
    name="notice",
    zh="文书",
    en="Notice",
    create=DESK,
    edit=DRAFTING,
    void=DRAFTING,
    resolve=DESK,
    scope="institution",
    lookup="number",
    fields=(
        ref("institution", "受送达机构", "Institution", "institution", required=True, waits=True),
        code("number", "文书号", "Document number", "document", right=NUMBERING),
        choice("type", "文书类型", "Type", NOTICE_TYPES, required=True),
        ref("case", "整改", "Case", "rectification_case", waits=True),
        ref("sanction", "处理处罚", "Sanction", "sanction", waits=True),
        ref("interview", "约谈", "Interview", "interview", waits=True),
        ref("replaces", "替换文书", "Replaces", "notice", waits=True),
        text("facts", "认定事实", "Facts"),
        text("demands", "要求", "Demands"),
        code("legal_basis", "法律依据", "Legal basis", merge=UNION),
        day("legal_basis_on", "依据日期", "Legal basis dated"),
        integer("working_days", "期限", "Term", 1, 250, unit="working days"),
        digest("document", "文书摘要", "Digest of the document", right=ISSUING),
        day("issued_on", "签发日期", "Issued on", right=ISSUING),
        choice("method", "送达方式", "Method of service", SERVICE_METHODS, right=SERVING),
        day("served_on", "送达日期", "Served on", right=SERVING),
        text("received_by", "签收人", "Received by", chars_max=60, masked=NAME, right=SERVING),
        text("witness", "见证人", "Witness", chars_max=60, masked=NAME, right=SERVING),
        digest("receipt", "送达回证摘要", "Digest of the service receipt", right=SERVING),
        instant("acknowledged_at", "确认时间", "Acknowledged at", right=ACKNOWLEDGING),
        ref("acknowledged_by", "确认人", "Acknowledged by", "user", right=ACKNOWLEDGING),
    ),
    needs=(Need("type", ("rectification",), ("case", "working_days")),),
    stages=(
        Stage("draft", "草拟", "Draft"),
        Stage("signed_off", "已签发审定", "Signed off"),
        Stage("issued", "已制发", "Issued"),
        Stage("served", "已送达", "Served"),
        Stage("acknowledged", "已确认", "Acknowledged"),
    ),
    edges=(
        Edge("draft", "signed_off", allow("supervisor", "leader")),
        Edge("signed_off", "issued", DESK),
        Edge("issued", "served", allow("supervisor", "machine")),
        Edge("served", "acknowledged", allow("institution_user", "supervisor", "machine")),
    ),
    columns=("number", "type", "stage", "issued_on", "served_on", "method", "acknowledged_at"),
)
