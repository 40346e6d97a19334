"""A finding (问题): what was found wrong, under which article, and for how much."""

from schemas.declare import (
    NAME,
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    fen,
    ref,
    text,
)
from schemas.records.inspection import OPEN_STAGES

VIOLATIONS = {
    "bed_hanging": ("挂床住院", "Bed hanging"),
    "split_admission": ("分解住院", "Split admission"),
    "sham_admission": ("虚假住院", "Sham admission"),
    "induced_admission": ("诱导住院", "Induced admission"),
    "impersonation": ("冒名就医", "Impersonation"),
    "card_misuse": ("盗刷医保卡", "Card misuse"),
    "item_substitution": ("串换项目", "Item substitution"),
    "duplicate_charge": ("重复收费", "Duplicate charge"),
    "over_standard_charge": ("超标准收费", "Over-standard charge"),
    "unbundled_charge": ("分解收费", "Unbundled charge"),
    "overtreatment": ("过度诊疗", "Overtreatment"),
    "upcoding": ("高套病种", "Upcoding"),
    "stock_mismatch": ("进销存不符", "Stock mismatch"),
    "dispensing_without_prescription": ("不依处方调剂", "Dispensing without prescription"),
    "cash_out": ("套取现金", "Cash-out"),
    "drug_resale": ("转卖药品", "Drug resale"),
}
"""The violations of the glossary: what an inspection accepts that has no catalogue frozen on it."""
ORIGINS = {
    "on_site": ("现场检查", "On site"),
    "screening": ("审核筛查", "Screening"),
    "tip_off": ("举报", "Tip-off"),
    "transfer": ("移送", "Transfer"),
    "audit": ("审计", "Audit"),
}
STATEMENTS = {
    "agrees": ("无异议", "Agrees"),
    "disputes": ("有异议", "Disputes"),
    "silent": ("未作陈述", "No statement"),
}
OPEN_FINDING = ("draft", "proposed", "heard")
"""Stages in which facts and amount may still change; frozen from `confirmed` on."""
MEMBERS = allow("member", "lead", root_in=OPEN_STAGES, own_in=OPEN_FINDING)
HEARING = allow("member", "lead", "machine", own_in=OPEN_FINDING)
"""The server notes what a party wrote at the portal (`statement`); whoever hears it on the spot enters it himself."""
ASKING = allow("supervisor", own_in=("proposed",))
"""Whoever asks a party to state names the last day; the server notes silence after it."""

TYPE = RecordType(
    name="finding",
    zh="问题",
    en="Finding",
    create=allow("member", "lead", root_in=OPEN_STAGES),
    edit=MEMBERS,
    void=MEMBERS,
    resolve=allow("lead", "supervisor"),
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        code("violation_code", "违规类型", "Violation", "violation", choices=VIOLATIONS, required=True),
        code("legal_basis", "法律依据", "Legal basis"),
        day("legal_basis_on", "依据日期", "Legal basis dated"),
        text("facts", "事实", "Facts", required=True),
        fen("amount_fen", "涉及金额", "Amount", required=True),
        text("persons", "涉及人员", "Persons", chars_max=120, masked=NAME, merge=UNION),
        ref("evidence", "证据", "Evidence", "evidence", merge=UNION),
        choice("origin", "来源", "Origin", ORIGINS, required=True),
        choice("statement_kind", "陈述申辩", "Statement", STATEMENTS, right=HEARING),
        text("statement", "陈述内容", "Statement text", right=HEARING),
        day("heard_on", "听取日期", "Heard on", right=HEARING),
        day("asked_on", "告知陈述日期", "Asked to state on", right=ASKING),
        day("answer_by", "陈述截止日期", "To state by", right=ASKING),
    ),
    stages=(
        Stage("draft", "草拟", "Draft"),
        Stage("proposed", "已提出", "Proposed"),
        Stage("heard", "已听取陈述", "Heard"),
        Stage("confirmed", "已确认", "Confirmed"),
        Stage("withdrawn", "已撤回", "Withdrawn"),
        Stage("in_case", "已立案整改", "In case"),
    ),
    edges=(
        Edge("draft", "proposed", allow("member", "lead")),
        Edge("proposed", "heard", allow("member", "lead", "machine")),
        Edge("heard", "confirmed", allow("supervisor")),
        Edge("heard", "withdrawn", allow("supervisor")),
        Edge("proposed", "withdrawn", allow("supervisor")),
        Edge("confirmed", "in_case", allow("supervisor")),
    ),
)
