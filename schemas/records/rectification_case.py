"""A rectification case (限期整改): what an institution must put right, and by when."""

from schemas.declare import (
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    integer,
    ref,
)

LEVELS = {"ordinary": ("一般", "Ordinary"), "serious": ("较重", "Serious"), "grave": ("严重", "Grave")}
DESK = allow("supervisor")

TYPE = RecordType(
    name="rectification_case",
    zh="整改",
    en="Rectification case",
    create=DESK,
    edit=DESK,
    resolve=DESK,
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        ref("institution", "被整改机构", "Institution", "institution", required=True),
        ref("findings", "问题", "Findings", "finding", merge=UNION),
        choice("level", "情节", "Level", LEVELS),
        code("number", "文书号", "Document number"),
        day("served_on", "送达日期", "Served on", required=True),
        integer("working_days", "整改期限", "Term", 1, 250, unit="working days", required=True),
        day("due_on", "到期日", "Due on", required=True),
        integer("due_version", "期限版本", "Deadline version", 1, 1000, required=True),
        ref("owner", "责任人", "Owner", "user"),
    ),
    stages=(
        Stage("assigned", "交办", "Assigned"),
        Stage("notified", "已送达", "Notified"),
        Stage("rectifying", "跟办", "Rectifying"),
        Stage("report_submitted", "已报整改", "Report submitted"),
        Stage("verifying", "核查中", "Verifying"),
        Stage("returned", "退回", "Returned"),
        Stage("closed", "销号", "Closed"),
        Stage("reopened", "重开", "Reopened"),
        Stage("satisfied", "满意办", "Satisfied"),
    ),
    edges=(
        Edge("assigned", "notified", DESK),
        Edge("notified", "rectifying", DESK),
        Edge("rectifying", "report_submitted", DESK),
        Edge("report_submitted", "verifying", DESK),
        Edge("verifying", "closed", DESK),
        Edge("verifying", "returned", DESK, forward=False),
        Edge("returned", "rectifying", DESK),
        Edge("closed", "satisfied", DESK),
        Edge("closed", "reopened", DESK, forward=False),
        Edge("reopened", "rectifying", DESK),
    ),
)
