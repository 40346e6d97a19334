"""A sanction (处理处罚): proposed by a person or the ladder, decided by a leader alone."""

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
    fen,
    flag,
    integer,
    private_code,
    ref,
    text,
)
from schemas.parts import STATEMENTS
from schemas.records.notice import SERVICE_METHODS

TRACKS = {
    "agreement": ("协议处理", "Agreement"),
    "administrative": ("行政处罚", "Administrative"),
    "person": ("人员处理", "Person"),
}
LEVELS = {
    "1": ("一级：限期整改", "1: rectification within a term"),
    "2": ("二级：暂停支付", "2: payment suspension"),
    "3": ("三级：拒付", "3: payment refusal"),
    "4": ("四级：拒付并处违约金", "4: payment refusal and liquidated damages"),
    "5": ("五级：中止协议", "5: agreement suspension"),
    "6": ("六级：解除协议", "6: agreement termination"),
}
"""The six levels in their order; a word never changes."""
MEASURES = {
    "correction": ("责令改正", "Correction"),
    "public_criticism": ("通报批评", "Public criticism"),
    "refund": ("退回基金", "Refund"),
    "fine": ("罚款", "Fine"),
    "liquidated_damages": ("违约金", "Liquidated damages"),
    "settlement_suspension": ("暂停结算", "Settlement suspension"),
    "penalty_points": ("记分", "Penalty points"),
    "qualification_suspension": ("暂停服务资格", "Qualification suspended"),
    "blacklist": ("纳入黑名单", "Blacklist"),
    "transfer": ("移送", "Transfer to another authority"),
}
PROPOSERS = {
    "person": ("人工提出", "A person"),
    "ladder": ("逾期催办", "The ladder of an overdue case"),
    "bulletin": ("连续通报", "A streak in the bulletin"),
}
OPINIONS = {
    "agreed": ("同意", "Agreed"),
    "amended": ("建议修改", "To be amended"),
    "opposed": ("不同意", "Opposed"),
}
PROPOSING = allow("supervisor", "machine", own_in=("proposed",))
"""What is proposed stands from the day the party was told of it; another proposal is a new sanction."""
TELLING = allow("supervisor", own_in=("proposed", "told_party"))
REVIEWING = allow("legal_reviewer", own_in=("told_party",))
DECIDING = allow("leader", own_in=("legal_reviewed", "appealed"))
RETURNING = allow("leader", own_in=("legal_reviewed",))
SERVING = allow("supervisor", own_in=("decided",))
EXECUTING = allow("supervisor", own_in=("served", "executing"))
DISCLOSED = ("served", "executing", "done", "revoked")
"""Stages in which the outcome is, or was, made public (执法公示)."""

TYPE = RecordType(
    name="sanction",
    zh="处理处罚",
    en="Sanction",
    create=allow("supervisor", "machine"),
    edit=PROPOSING,
    void=allow("supervisor", own_in=("proposed", "told_party")),
    resolve=allow("leader"),
    scope="case",
    lookup="number",
    fields=(
        ref("case", "整改", "Case", "rectification_case", required=True, waits=True),
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        choice("track", "处理途径", "Track", TRACKS, required=True),
        choice("level", "层级", "Level", LEVELS),
        choice("measures", "措施", "Measures", MEASURES, merge=UNION),
        choice("proposed_by", "提出方式", "Proposed by", PROPOSERS, required=True),
        ref("findings", "问题", "Findings", "finding", merge=UNION),
        code("legal_basis", "法律依据", "Legal basis", merge=UNION),
        day("legal_basis_on", "依据日期", "Legal basis dated"),
        text("reasons", "理由", "Reasons"),
        fen("base_fen", "计算基数", "Base of the amount"),
        integer("factor_permille", "倍数", "Factor", 0, 10_000, unit="permille"),
        fen("amount_fen", "拟处理金额", "Amount proposed"),
        day("period_from", "起始日期", "Period from"),
        day("period_until", "截止日期", "Period until"),
        text("person", "被处理人", "Person", chars_max=60, masked=NAME),
        private_code("physician_code", "医保医师编码", "Physician's code"),
        integer("penalty_points", "记分", "Penalty points", 0, 12, unit="points"),
        day("told_on", "告知日期", "Told on", right=TELLING),
        choice("statement_kind", "陈述申辩", "Statement", STATEMENTS, right=TELLING),
        text("statement", "陈述内容", "Statement text", right=TELLING),
        flag("hearing_wanted", "要求听证", "Hearing wanted", right=TELLING),
        day("heard_on", "听证日期", "Heard on", right=TELLING),
        choice("legal_opinion", "法制审核意见", "Legal opinion", OPINIONS, right=REVIEWING),
        text("legal_remarks", "法制审核说明", "Legal remarks", right=REVIEWING),
        choice("decided_level", "决定层级", "Level decided", LEVELS, right=DECIDING),
        fen("decided_amount_fen", "决定金额", "Amount decided", right=DECIDING),
        text("decision_reasons", "决定理由", "Reasons of the decision", right=DECIDING),
        day("decided_on", "决定日期", "Decided on", right=DECIDING),
        code("number", "决定书文号", "Number of the decision", "document", right=DECIDING),
        digest("document", "决定书摘要", "Digest of the decision", right=DECIDING),
        text("return_reason", "退回理由", "Reason of the return", chars_max=2000, right=RETURNING),
        ref(
            "approvals", "审批", "Approvals", "decision", merge=UNION, right=allow("legal_reviewer", "leader")
        ),
        ref("notice", "决定文书", "Notice", "notice", right=SERVING),
        choice("method", "送达方式", "Method of service", SERVICE_METHODS, right=SERVING),
        day("served_on", "送达日期", "Served on", right=SERVING),
        text("received_by", "签收人", "Received by", chars_max=60, masked=NAME, right=SERVING),
        text("witness", "见证人", "Witness", chars_max=60, masked=NAME, right=SERVING),
        digest("receipt", "送达回证摘要", "Digest of the service receipt", right=SERVING),
        day("disclosed_on", "公示日期", "Disclosed on", right=allow("supervisor", own_in=DISCLOSED)),
        day("done_on", "执行完毕日期", "Done on", right=EXECUTING),
    ),
    needs=(
        Need("track", ("agreement",), ("level",)),
        Need("track", ("administrative",), ("measures", "legal_basis")),
        Need("track", ("person",), ("person", "measures")),
    ),
    stages=(
        Stage("proposed", "拟处理", "Proposed"),
        Stage("told_party", "已告知", "Party told"),
        Stage("legal_reviewed", "已法制审核", "Legally reviewed"),
        Stage("decided", "已决定", "Decided"),
        Stage("served", "已送达", "Served"),
        Stage("executing", "执行中", "Executing"),
        Stage("done", "已执行", "Done"),
        Stage("appealed", "复议诉讼中", "Appealed"),
        Stage("revoked", "已撤销", "Revoked"),
    ),
    edges=(
        Edge("proposed", "told_party", allow("supervisor")),
        Edge("told_party", "legal_reviewed", allow("legal_reviewer")),
        Edge("legal_reviewed", "decided", allow("leader")),
        Edge("legal_reviewed", "proposed", allow("leader"), forward=False),
        Edge("decided", "served", allow("supervisor")),
        Edge("served", "executing", allow("supervisor")),
        Edge("executing", "done", allow("supervisor")),
        Edge("served", "appealed", allow("supervisor")),
        Edge("executing", "appealed", allow("supervisor")),
        Edge("appealed", "decided", allow("leader"), forward=False),
        Edge("appealed", "revoked", allow("leader")),
    ),
    columns=("stage", "track", "level", "amount_fen", "decided_level", "decided_amount_fen", "served_on"),
)
