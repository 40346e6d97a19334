"""A petition (信访举报): what somebody told the bureau; answered within one or three working days.

Who it was never reaches a phone or an institution: the type is not synced, and lies in no institution.
"""

from schemas.declare import (
    NAME,
    NUMBER,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    fen,
    flag,
    group,
    instant,
    integer,
    private_code,
    ref,
    text,
)

KINDS = {
    "tip_off": ("举报", "Tip-off"),
    "complaint": ("投诉", "Complaint"),
    "petition": ("信访", "Petition"),
    "inquiry": ("咨询", "Inquiry"),
}
CHANNELS = {
    "phone": ("电话", "Phone"),
    "letter": ("来信", "Letter"),
    "visit": ("来访", "Visit"),
    "online": ("网络", "Online"),
    "transfer": ("转办", "Transferred"),
}
SATISFACTIONS = {
    "satisfied": ("满意", "Satisfied"),
    "fair": ("基本满意", "Fairly satisfied"),
    "dissatisfied": ("不满意", "Dissatisfied"),
    "not_reached": ("未联系上", "Not reached"),
}
DESK = allow("supervisor")
OPEN = ("received", "assigned", "handling", "answered")
HANDLING = allow("supervisor", own_in=OPEN)
INTAKE = allow("supervisor", "machine", own_in=("received", "assigned"))

TYPE = RecordType(
    name="petition",
    zh="信访举报",
    en="Petition",
    create=allow("supervisor", "machine"),
    edit=INTAKE,
    void=allow("supervisor", own_in=("received",)),
    resolve=DESK,
    natural_key="number",
    synced=False,
    fields=(
        code("number", "登记号", "Number", required=True),
        code("region", "行政区划", "Region", "region", required=True),
        choice("kind", "类别", "Kind", KINDS, required=True),
        choice("channel", "渠道", "Channel", CHANNELS, required=True),
        instant("received_at", "收到时间", "Received at", required=True),
        ref("institution", "涉及机构", "Institution", "institution", waits=True),
        code("violation_code", "违规类型", "Violation", "violation"),
        text("words", "内容", "In words", required=True),
        flag("anonymous", "匿名", "Anonymous"),
        flag("answer_wanted", "要求答复", "Answer wanted"),
        group(
            "reporter",
            "信访举报人",
            "Reporter",
            (
                text("name", "姓名", "Name", chars_max=60, masked=NAME),
                text("phone", "电话", "Phone", chars_max=40, masked=NUMBER),
                text("address", "地址", "Address", chars_max=200, masked=NAME),
                private_code("person_no", "证件号码", "Identity number", "resident", masked=NUMBER),
            ),
        ),
        integer("working_days", "办理期限", "Term", 1, 60, unit="working days", required=True),
        day("due_on", "到期日", "Due on", required=True),
        ref("owner", "承办人", "Owner", "user", right=HANDLING),
        ref("inspection", "检查", "Inspection", "inspection", right=HANDLING),
        ref("case", "整改", "Case", "rectification_case", right=HANDLING),
        text("answer", "答复", "Answer", right=HANDLING),
        day("answered_on", "答复日期", "Answered on", right=HANDLING),
        choice("satisfaction", "回访结果", "Satisfaction", SATISFACTIONS, right=HANDLING),
        fen("reward_fen", "举报奖励", "Reward", right=allow("leader")),
        day("reward_paid_on", "奖励发放日期", "Reward paid on", right=allow("supervisor", "leader")),
    ),
    stages=(
        Stage("received", "已登记", "Received"),
        Stage("assigned", "交办", "Assigned"),
        Stage("handling", "跟办", "Handling"),
        Stage("answered", "办结", "Answered"),
        Stage("satisfied", "满意办", "Satisfied"),
        Stage("transferred", "已转出", "Transferred"),
        Stage("rejected", "不予受理", "Not accepted"),
    ),
    edges=(
        Edge("received", "assigned", DESK),
        Edge("received", "transferred", DESK),
        Edge("received", "rejected", DESK),
        Edge("assigned", "handling", DESK),
        Edge("handling", "answered", DESK),
        Edge("handling", "transferred", DESK),
        Edge("answered", "satisfied", DESK),
        Edge("answered", "handling", DESK, forward=False),
    ),
    columns=(
        "number", "kind", "channel", "stage", "received_at", "working_days", "due_on", "satisfaction",
    ),
)  # fmt: skip
