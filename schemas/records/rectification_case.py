"""A rectification case (限期整改): what an institution must put right, and by when.

It opens without a last day: `served_on`, `due_on` and `due_version` come with the service of its notice, and the
clock begins then. Each further term, by extension, return or reopening, is a new `due_version`.
"""

from schemas.declare import (
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    flag,
    integer,
    ref,
    text,
)

LEVELS = {"ordinary": ("一般", "Ordinary"), "serious": ("较重", "Serious"), "grave": ("严重", "Grave")}
SUBJECTS = {
    "authority": ("医保部门", "Authority"),
    "agency": ("经办机构", "Agency"),
    "medical": ("定点医疗机构", "Medical institution"),
    "pharmacy": ("定点零售药店", "Pharmacy"),
    "insured_person": ("参保人", "Insured person"),
    "supplier": ("医药企业", "Supplier"),
}
"""The six kinds of subject that are listed one by one (拉单列账)."""
FAILINGS = {
    "attitude": ("整改不重视", "Not taken seriously"),
    "responsibility": ("责任落实不到位", "Responsibility not taken"),
    "measures": ("整改措施不实", "Measures not real"),
}
RETURNS = {
    **FAILINGS,
    "proof_missing": ("佐证材料缺失", "Proof missing"),
    "money_open": ("款项未追回且无计划", "Money neither paid nor planned"),
    "incomplete": ("未逐项整改", "Not every finding answered"),
    "not_met": ("整改未达要求", "What was asked is not met"),
    "other": ("其他", "Other"),
}
"""Why a report goes back: one of the three failings (整改三不), or what it lacks."""
LOOKS_BACK = {
    "kept": ("整改到位", "Kept"),
    "relapsed": ("问题反弹", "Relapsed"),
}
CALLS_BACK = {
    "satisfied": ("满意", "Satisfied"),
    "fair": ("基本满意", "Fairly satisfied"),
    "dissatisfied": ("不满意", "Dissatisfied"),
    "not_reached": ("未联系上", "Not reached"),
}
DESK = allow("supervisor")
MOVING = allow("supervisor", "machine")
"""Steps that follow from what was served, acknowledged or handed in; the server takes them too."""
CHECKING = allow("supervisor", own_in=("report_submitted", "verifying"))
AFTER_CLOSING = allow("supervisor", own_in=("verifying", "closed", "satisfied"))
REOPENING = allow("supervisor", own_in=("closed",))
RUNNING = ("assigned", "notified", "rectifying", "report_submitted", "verifying", "returned", "reopened")
OPENED = allow("supervisor", own_in=RUNNING)
"""Term, deadline, findings and owner stand once the case is closed; a reopened case may change them again."""

DUE_REASONS = {
    "extension": ("批准延期", "An extension was granted"),
    "calendar": ("工作日历更新", "A new table of working days"),
    "service": ("重新送达", "Served anew"),
    "return": ("退回补正", "The report was returned"),
    "reopening": ("重开", "Opened again"),
    "correction": ("更正", "Corrected"),
}
"""Why a deadline is another one than it was."""
DUE = allow("supervisor", "machine", own_in=RUNNING)
"""The server moves deadlines when a table of working days is published; a person moves them otherwise."""

TYPE = RecordType(
    name="rectification_case",
    zh="整改",
    en="Rectification case",
    create=DESK,
    edit=OPENED,
    resolve=DESK,
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        ref("institution", "被整改机构", "Institution", "institution", required=True),
        choice("subject", "主体", "Subject", SUBJECTS),
        ref("findings", "问题", "Findings", "finding", merge=UNION),
        choice("level", "情节", "Level", LEVELS),
        code("number", "文书号", "Document number", "document"),
        day("served_on", "送达日期", "Served on"),
        integer("working_days", "整改期限", "Term", 1, 250, unit="working days", required=True),
        day("due_on", "到期日", "Due on", right=DUE),
        integer("due_version", "期限版本", "Deadline version", 1, 1000, right=DUE),
        choice("due_reason", "期限变更原因", "Why the deadline moved", DUE_REASONS, right=DUE),
        ref("due_calendar", "工作日历", "Working calendar", "working_calendar", right=DUE),
        day("first_due_on", "原到期日", "First due on", right=DUE),
        ref("extension", "延期", "Extension", "extension", waits=True),
        ref("owner", "责任人", "Owner", "user"),
        integer("returns", "退回次数", "Returns", 0, 100, unit="times"),
        choice("return_code", "退回类别", "Kind of the return", RETURNS),
        text("return_reason", "退回原因", "Reason of the return", chars_max=2000),
        integer("further_days", "补充期限", "Further term", 1, 250, unit="working days"),
        ref("rechecked_by", "复核人", "Rechecked by", "user", right=CHECKING),
        choice("failings", "整改三不", "Failings", FAILINGS, merge=UNION, right=CHECKING),
        flag("money_settled", "款项已追回或已定计划", "Money recovered or planned", right=CHECKING),
        day("call_back_on", "回访日期", "Called back on", right=AFTER_CLOSING),
        choice("call_back_result", "回访结果", "Answer to the call back", CALLS_BACK, right=AFTER_CLOSING),
        text("reopen_reason", "重开原因", "Reason of the reopening", chars_max=2000, right=REOPENING),
        day("look_back_on", "回头看日期", "Look back on", right=AFTER_CLOSING),
        day("looked_back_on", "实际回头看日期", "Looked back on", right=AFTER_CLOSING),
        choice("look_back_result", "回头看结果", "Look back found", LOOKS_BACK, right=AFTER_CLOSING),
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
        Edge("assigned", "notified", MOVING),
        Edge("notified", "rectifying", MOVING),
        Edge("rectifying", "report_submitted", MOVING),
        Edge("report_submitted", "verifying", DESK),
        Edge("verifying", "closed", DESK),
        Edge("verifying", "returned", DESK, forward=False),
        Edge("returned", "rectifying", DESK),
        Edge("closed", "satisfied", DESK),
        Edge("closed", "reopened", DESK, forward=False),
        Edge("reopened", "rectifying", DESK),
    ),
    columns=("stage", "level", "served_on", "due_on", "working_days", "returns", "number"),
)
