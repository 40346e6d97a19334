"""An interview (约谈), of one institution or jointly with other authorities (双约谈)."""

from schemas.declare import (
    UNION,
    Edge,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    day,
    instant,
    ref,
    text,
)
from schemas.parts import people, signatures

KINDS = {
    "interview": ("约谈", "Interview"),
    "joint_interview": ("双约谈", "Joint interview"),
}
TRIGGERS = {
    "overdue": ("逾期未整改", "Overdue"),
    "bulletin": ("连续通报", "Repeatedly in the bulletin"),
    "finding": ("发现问题", "A finding"),
    "tip_off": ("举报投诉", "Tip-off"),
    "other": ("其他", "Other"),
}
AUTHORITIES = {
    "discipline": ("纪检监察", "Discipline inspection"),
    "health": ("卫生健康", "Health"),
    "market": ("市场监管", "Market supervision"),
    "finance": ("财政", "Finance"),
    "police": ("公安", "Police"),
    "parent": ("主管单位", "Superior body"),
}
DESK = allow("supervisor", "leader")
PLANNING = allow("supervisor", "leader", own_in=("planned", "invited", "missed"))
RECORDING = allow("supervisor", "leader", own_in=("invited", "held"))
"""What was said is written down until it is signed."""

TYPE = RecordType(
    name="interview",
    zh="约谈",
    en="Interview",
    create=DESK,
    edit=PLANNING,
    void=allow("supervisor", "leader", own_in=("planned",)),
    resolve=DESK,
    scope="institution",
    fields=(
        ref("institution", "被约谈机构", "Institution", "institution", required=True, waits=True),
        choice("kind", "约谈方式", "Kind", KINDS, required=True),
        choice("trigger", "事由", "Trigger", TRIGGERS, required=True),
        choice("joint_with", "联合单位", "Jointly with", AUTHORITIES, merge=UNION),
        ref("case", "整改", "Case", "rectification_case", waits=True),
        ref("bulletin", "通报", "Bulletin", "bulletin", waits=True),
        instant("scheduled_at", "约谈时间", "Scheduled at", required=True),
        text("place", "地点", "Place", chars_max=200),
        ref("officers", "约谈人", "Officers", "user", merge=UNION),
        people("attendees", "被约谈人", "Attendees", right=RECORDING),
        instant("started_at", "开始时间", "Started at", right=RECORDING),
        instant("ended_at", "结束时间", "Ended at", right=RECORDING),
        text("record", "约谈记录", "Record", right=RECORDING),
        text("demands", "整改要求", "Demands", right=RECORDING),
        text("commitments", "整改承诺", "Commitments", right=RECORDING),
        day("answer_by", "回复期限", "Answer by", right=RECORDING),
        signatures("signatures", "签名", "Signatures", right=RECORDING),
    ),
    needs=(Need("kind", ("joint_interview",), ("joint_with",)),),
    stages=(
        Stage("planned", "拟约谈", "Planned"),
        Stage("invited", "已通知", "Invited"),
        Stage("held", "已约谈", "Held"),
        Stage("signed", "记录已签", "Record signed"),
        Stage("missed", "未到场", "Missed"),
        Stage("cancelled", "已取消", "Cancelled"),
    ),
    edges=(
        Edge("planned", "invited", DESK),
        Edge("invited", "held", DESK),
        Edge("held", "signed", DESK),
        Edge("invited", "missed", DESK),
        Edge("missed", "invited", DESK, forward=False),
        Edge("planned", "cancelled", DESK),
        Edge("invited", "cancelled", DESK),
    ),
    columns=("stage", "kind", "trigger", "scheduled_at", "answer_by"),
)
