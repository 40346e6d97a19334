"""A reminder policy (催办规则): the ladder of a region, laid down whole and never changed; the newest one counts.

A rung's name says when it goes: `served`, `served+1` while nobody has acknowledged, `T-3`, `T`, `T+1`, in working
days from the due date. What differs is a newer policy, so that what was in force on any day can be read.
"""

from schemas.declare import UNION, RecordType, allow, choice, code, group, integer, text
from schemas.records.reminder import ADDRESSEES, CHANNELS

RECTIFICATION = "rectification"
PETITION = "petition"
CASE_TYPES = {RECTIFICATION: ("限期整改", "Rectification"), PETITION: ("信访举报", "Petition")}
TASKS = {
    "acknowledge": ("请其签收", "Ask for the acknowledgement"),
    "obtain_acknowledgement": ("催收回执", "Obtain the acknowledgement"),
    "phone_call": ("电话提醒", "Phone call"),
    "interview": ("约谈", "Interview"),
    "propose_settlement_suspension": ("拟暂停结算", "Propose a suspension of settlement"),
    "propose_sanction": ("拟处理处罚", "Propose a sanction"),
    "answer_petition": ("答复信访", "Answer the petition"),
    "answer_overdue_petition": ("督促答复信访", "See that the petition is answered"),
}
DAY_MINUTES = 24 * 60
DIGEST_LIMIT_MAX = 1_000
"""No policy lets more messages than these go one by one."""

TYPE = RecordType(
    name="reminder_policy",
    zh="催办规则",
    en="Reminder policy",
    create=allow("supervisor", "leader"),
    edit=allow(),
    resolve=allow("supervisor"),
    synced=False,
    fields=(
        code("region", "行政区划", "Region", "region", required=True),
        choice("case_type", "事项类型", "Case type", CASE_TYPES, required=True),
        group(
            "rungs",
            "节点",
            "Rungs",
            (
                code("name", "节点", "Rung", "rung", required=True),
                choice("roles", "接收角色", "Addressees", ADDRESSEES, merge=UNION),
                choice("channels", "渠道", "Channels", CHANNELS, merge=UNION),
                choice("task", "待办", "Task", TASKS),
            ),
            private=None,
            merge=UNION,
            required=True,
        ),
        integer("quiet_from", "静默开始", "Quiet from", 0, DAY_MINUTES - 1, unit="minute of the day", required=True),
        integer("quiet_until", "静默结束", "Quiet until", 0, DAY_MINUTES - 1, unit="minute of the day", required=True),
        integer("morning", "发送时刻", "Morning", 0, DAY_MINUTES - 1, unit="minute of the day", required=True),
        integer("digest_limit", "逐条发送上限", "Sent one by one at most", 1, DIGEST_LIMIT_MAX),
        text("words", "说明", "In words", chars_max=500),
    ),
    columns=("region", "case_type", "quiet_from", "quiet_until", "morning"),
)  # fmt: skip
