"""A bulletin (周通报): once a week, who is overdue and for how many weeks running, with what follows.

The first week names an institution, the second running brings a phone call, the third an interview,
the fifth a proposal to suspend settlement: when each step is due is configuration of the server.
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
    digest,
    group,
    integer,
    ref,
    text,
)

STEPS = {
    "named": ("通报", "Named"),
    "phone_call": ("电话提醒", "Phone call"),
    "interview": ("约谈", "Interview"),
    "settlement_suspension": ("拟暂停结算", "Proposal to suspend settlement"),
}
DRAFTING = allow("supervisor", "machine", own_in=("draft",))

TYPE = RecordType(
    name="bulletin",
    zh="周通报",
    en="Weekly bulletin",
    create=allow("supervisor", "machine"),
    edit=DRAFTING,
    void=allow("supervisor", own_in=("draft",)),
    resolve=allow("supervisor"),
    natural_key="number",
    fields=(
        code("number", "通报期号", "Number", required=True),
        code("region", "行政区划", "Region", "region", required=True),
        day("from_on", "起", "From", required=True),
        day("until_on", "止", "Until", required=True),
        integer("cases_open", "在办整改", "Cases open", 0, 1_000_000),
        integer("cases_overdue", "逾期整改", "Cases overdue", 0, 1_000_000),
        integer("cases_closed", "本期销号", "Cases closed", 0, 1_000_000),
        group(
            "lines",
            "通报名单",
            "Lines",
            (
                ref("institution", "机构", "Institution", "institution", required=True),
                integer("cases_overdue", "逾期整改", "Cases overdue", 0, 10_000, required=True),
                integer(
                    "weeks_running", "连续周数", "Weeks running", 1, 520, unit="weeks", required=True
                ),
                choice("step", "措施", "Step", STEPS, required=True),
            ),
            private=None,
            merge=UNION,
        ),
        text("words", "说明", "In words"),
        digest("document", "通报摘要", "Digest of the document"),
        day("issued_on", "印发日期", "Issued on", right=allow("supervisor", own_in=("draft",))),
    ),
    stages=(
        Stage("draft", "草拟", "Draft"),
        Stage("issued", "已印发", "Issued"),
        Stage("withdrawn", "已撤回", "Withdrawn"),
    ),
    edges=(
        Edge("draft", "issued", allow("supervisor")),
        Edge("issued", "withdrawn", allow("supervisor")),
    ),
    columns=(
        "number", "stage", "from_on", "until_on", "cases_open", "cases_overdue", "cases_closed", "issued_on",
    ),
)  # fmt: skip
