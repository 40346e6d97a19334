"""A task (待办): something that a person must do by a day, such as the phone call of an overdue case."""

from schemas.declare import (
    APPEND,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    group,
    instant,
    ref,
    text,
)

KINDS = {
    "phone_call": ("电话提醒", "Phone call"),
    "interview": ("约谈", "Interview"),
    "acknowledgement": ("催收回执", "Obtain the acknowledgement"),
    "report_check": ("核查整改报告", "Check a report"),
    "call_back": ("回访", "Call back"),
    "look_back": ("回头看", "Look back"),
    "late_change": ("裁定迟到的改动", "Judge a late change"),
    "held_change": ("处理等待中的改动", "See to a held change"),
    "forked_device": ("处理分叉的设备", "See to a forked phone"),
    "second_review": ("复审", "Second review"),
    "missing_file": ("催传证据文件", "Obtain a missing file"),
    "petition_answer": ("答复信访", "Answer a petition"),
    "suspension_proposal": ("研究暂停结算", "Consider a suspension of settlement"),
    "sanction_proposal": ("研究处理处罚", "Consider a sanction"),
    "other": ("其他", "Other"),
}
FOR_ROLES = {
    "inspector": ("稽核员", "Inspector"),
    "supervisor": ("稽核主管", "Supervisor"),
    "second_reviewer": ("复审员", "Second reviewer"),
    "legal_reviewer": ("法制审核员", "Legal reviewer"),
    "leader": ("负责人", "Leader"),
}
CALL_RESULTS = {
    "reached": ("已联系", "Reached"),
    "promised": ("已承诺", "Promised"),
    "not_reached": ("未联系上", "Not reached"),
    "refused": ("拒绝", "Refused"),
}
ANYBODY = ("member", "lead", "supervisor", "second_reviewer", "legal_reviewer", "leader")
UNFINISHED = ("open", "taken")
DOING = allow(*ANYBODY, own_in=UNFINISHED)
PLANNING = allow("supervisor", "machine", own_in=UNFINISHED)

TYPE = RecordType(
    name="task",
    zh="待办",
    en="Task",
    create=allow("supervisor", "machine"),
    edit=PLANNING,
    resolve=allow("supervisor"),
    scope="about",
    fields=(
        ref("about", "对象", "About", "any", required=True, waits=True),
        choice("kind", "事项", "Kind", KINDS, required=True),
        code("cause", "触发节点", "Cause"),
        choice("for_role", "办理角色", "For", FOR_ROLES, required=True),
        ref("assignee", "办理人", "Assignee", "user"),
        day("due_on", "期限", "Due on", required=True),
        text("words", "要求", "In words", chars_max=2000),
        group(
            "calls",
            "联系记录",
            "Calls",
            (
                instant("at", "时间", "At", required=True),
                choice("result", "结果", "Result", CALL_RESULTS, required=True),
                text("whom", "联系人", "Whom", chars_max=60),
                text("words", "说明", "In words", chars_max=1000),
            ),
            merge=APPEND,
            right=DOING,
        ),
        text("result", "办理结果", "Result", chars_max=2000, right=DOING),
    ),
    stages=(
        Stage("open", "待办", "Open"),
        Stage("taken", "办理中", "Taken"),
        Stage("done", "已办", "Done"),
        Stage("dropped", "无需办理", "Dropped"),
    ),
    edges=(
        Edge("open", "taken", allow(*ANYBODY)),
        Edge("open", "done", allow(*ANYBODY)),
        Edge("taken", "done", allow(*ANYBODY)),
        Edge("taken", "open", allow(*ANYBODY), forward=False),
        Edge("open", "dropped", allow("supervisor", "machine")),
        Edge("taken", "dropped", allow("supervisor", "machine")),
    ),
    columns=("stage", "kind", "for_role", "due_on", "cause"),
)
