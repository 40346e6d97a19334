"""The words of a reminder in each language, as `str.format` templates, which messages.py fills in.

The Chinese follows the form of official letters: 称谓, 正文 in numbered items, 落款 with office and date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from server.reminders.policies import Task

Language = Literal["zh_CN", "en"]
Audience = Literal["institution", "bureau"]
Phase = Literal["served", "changed", "before", "today", "overdue"]
Standing = Phase | Literal["last_gap", "overdue_gap"]
Material = Literal["rectification_report", "proof_per_finding", "refund_receipt"]


@dataclass(frozen=True)
class Wording:
    """All the words of one language.

    subject: by audience; {state} is one of `state`
    state: how it stands, by phase, where `last_gap` is before the end with no working day left, and
        `overdue_gap` after it with none gone by; {due} is a date, {days} a number with its unit
    opening: the first sentence, by audience and phase
    body: the letter around it; {findings}, {materials} and {notes} are lines of their own
    """

    subject: Mapping[Audience, str]
    state: Mapping[Standing, str]
    opening: Mapping[Audience, Mapping[Phase, str]]
    body: str
    finding: str
    materials: Mapping[Material, str]
    tasks: Mapping[Task, str]
    task: str
    provisional: str
    changed: str
    date: str
    months: tuple[str, ...]
    one_day: str
    many_days: str
    separator: str


_NOTICE_ZH = "《限期整改通知书》（{notice_number}，案号：{case_number}）"

ZH_CN = Wording(
    subject={
        "institution": "【限期整改】{notice_number}：{state}",
        "bureau": "【限期整改】{institution_name}：{state}（{case_number}）",
    },
    state={
        "served": "请签收，整改期限至{due}",
        "changed": "整改期限变更为{due}",
        "before": "剩余{days}",
        "last_gap": "到期前已无其他工作日",
        "today": "今日到期",
        "overdue": "已逾期{days}",
        "overdue_gap": "已逾期",
    },
    opening={
        "institution": {
            "served": _NOTICE_ZH + "已送达贵单位。请通过下列链接确认签收，并在期限内完成整改、提交材料。",
            "changed": "贵单位" + _NOTICE_ZH + "的整改期限已变更，请按变更后的期限完成整改、提交材料。",
            "before": "贵单位" + _NOTICE_ZH + "的整改期限将至，请按期完成整改并提交材料。",
            "today": "贵单位" + _NOTICE_ZH + "的整改期限今日届满，请于今日24时前提交材料。",
            "overdue": "贵单位" + _NOTICE_ZH + "的整改期限已届满，案件尚未办结。请立即提交材料；"
            "逾期未完成整改的，将依照有关规定和服务协议处理。",
        },
        "bureau": {
            "served": "{institution_name}的" + _NOTICE_ZH + "已送达，请跟踪整改进展。",
            "changed": "{institution_name}的" + _NOTICE_ZH + "整改期限已变更，请按变更后的期限跟踪整改进展。",
            "before": "{institution_name}的" + _NOTICE_ZH + "整改期限将至，请督促其按期完成整改。",
            "today": "{institution_name}的"
            + _NOTICE_ZH
            + "整改期限今日届满，案件尚未办结，请督促其今日提交材料。",
            "overdue": "{institution_name}的" + _NOTICE_ZH + "整改期限已届满，案件尚未办结。",
        },
    },
    body="""\
{addressee}：

{opening}

一、存在问题（共{count}项）
{findings}
二、应提交材料
    {materials}
三、提交方式
    {where}
    网上办理：{link}
四、整改期限
    {due}（当日24时止），{state}
五、联系方式
    {office}，电话：{phone}
{notes}
本提醒由系统自动发送，请勿直接回复。

{bureau}
{today}
""",
    finding="    {label}：{count}项",
    materials={
        "rectification_report": "整改报告（逐项说明整改情况）",
        "proof_per_finding": "逐项整改佐证材料",
        "refund_receipt": "违规资金退回凭证",
    },
    tasks={
        "acknowledge": "请核实该单位是否已签收。",
        "obtain_acknowledgement": "该单位尚未签收，请电话催收回执并登记。",
        "answer_petition": "请按期答复信访。",
        "answer_overdue_petition": "信访已逾期，请督促答复。",
        "phone_call": "请电话提醒该单位，并登记联系情况。",
        "interview": "请安排约谈该单位。",
        "propose_settlement_suspension": "建议研究暂停结算。系统仅提出建议，是否暂停由有权人员决定。",
        "propose_sanction": "建议研究处理意见并安排双约谈。系统仅提出建议，如何处理由有权人员决定。",
    },
    task="六、待办事项\n    {task}",
    provisional="注：期限所涉年度的放假安排尚未公布，期限如有调整，将另行通知。",
    changed="注：本案整改期限已变更，原期限不再执行，以本提醒所载期限为准。",
    date="{year}年{month}月{day}日",
    months=tuple(str(month) for month in range(1, 13)),
    one_day="1个工作日",
    many_days="{n}个工作日",
    separator="；",
)

_NOTICE_EN = "rectification notice {notice_number} (case {case_number})"

EN = Wording(
    subject={
        "institution": "[Rectification] {notice_number}: {state}",
        "bureau": "[Rectification] {institution_name}: {state} ({case_number})",
    },
    state={
        "served": "please acknowledge, due on {due}",
        "changed": "new due date {due}",
        "before": "{days} left",
        "last_gap": "no other working day before it is due",
        "today": "due today",
        "overdue": "{days} overdue",
        "overdue_gap": "overdue",
    },
    opening={
        "institution": {
            "served": "The "
            + _NOTICE_EN
            + " has been served on you. Please acknowledge it by the link below, "
            "put right what it names and hand in the documents in time.",
            "changed": "The due date of the "
            + _NOTICE_EN
            + " has changed. Please put right what it names and "
            "hand in the documents by the new date.",
            "before": "The " + _NOTICE_EN + " falls due soon. Please put right what it names and hand in the "
            "documents in time.",
            "today": "The " + _NOTICE_EN + " falls due today. Please hand in the documents before midnight.",
            "overdue": "The " + _NOTICE_EN + " is overdue and the case is still open. Please hand in the "
            "documents at once; what is not put right is dealt with by the rules and your service agreement.",
        },
        "bureau": {
            "served": "The "
            + _NOTICE_EN
            + " has been served on {institution_name}. Please follow its progress.",
            "changed": "The due date of the "
            + _NOTICE_EN
            + " of {institution_name} has changed. Please follow "
            "its progress by the new date.",
            "before": "The "
            + _NOTICE_EN
            + " of {institution_name} falls due soon. Please urge them to be in time.",
            "today": "The "
            + _NOTICE_EN
            + " of {institution_name} falls due today and the case is still open. "
            "Please urge them to hand in the documents today.",
            "overdue": "The " + _NOTICE_EN + " of {institution_name} is overdue and the case is still open.",
        },
    },
    body="""\
To: {addressee}

{opening}

1. What is wrong (findings: {count})
{findings}
2. What to hand in
    {materials}
3. Where
    {where}
    Online: {link}
4. By when
    {due} (end of the day), {state}
5. Whom to call
    {office}, telephone {phone}
{notes}
This message was sent automatically; please do not reply to it.

{bureau}
{today}
""",
    finding="    {label}: {count}",
    materials={
        "rectification_report": "rectification report answering each finding",
        "proof_per_finding": "proof for each finding",
        "refund_receipt": "receipt of the money paid back",
    },
    tasks={
        "acknowledge": "Please check that they have acknowledged it.",
        "obtain_acknowledgement": "They have not acknowledged it yet. Please call and note what was said.",
        "answer_petition": "Please answer the petition in time.",
        "answer_overdue_petition": "The petition is overdue. Please see that it is answered.",
        "phone_call": "Please call them and note what was said.",
        "interview": "Please arrange an interview with them.",
        "propose_settlement_suspension": "Proposed: suspend settlement. A person decides.",
        "propose_sanction": "Proposed: a sanction and a joint interview. A person decides.",
    },
    task="6. What to do\n    {task}",
    provisional="Note: the public holidays of a year in this period are not announced yet. "
    "Should the date move, you will be told.",
    changed="Note: the due date of this case has changed; the date in this message is the one that counts.",
    date="{day} {month} {year}",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    one_day="1 working day",
    many_days="{n} working days",
    separator="; ",
)

WORDINGS: Mapping[Language, Wording] = {"zh_CN": ZH_CN, "en": EN}
