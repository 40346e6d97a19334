"""A recovery (追回): money that goes back to the fund, or is paid as a penalty, from found to paid."""

from schemas.declare import (
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    fen,
    group,
    ref,
    text,
)

KINDS = {
    "refund": ("退回违规费用", "Refund"),
    "penalty": ("违约金、罚款", "Penalty"),
    "voluntary": ("自查自纠退回", "Voluntary"),
}
FUNDS = {
    "pooled": ("统筹基金", "Pooled fund"),
    "personal": ("个人账户", "Personal accounts"),
    "treasury": ("国库", "Treasury"),
}
WAYS = {
    "transfer": ("转账", "Transfer"),
    "offset": ("结算抵扣", "Offset against settlement"),
    "cash": ("现金", "Cash"),
}
DESK = allow("supervisor")
FINDING = allow("supervisor", own_in=("found",))
AGREEING = allow("supervisor", own_in=("found", "agreed"))
PAYING = allow("supervisor", own_in=("agreed", "partly_paid"))
WRITING_OFF = allow("leader", own_in=("found", "agreed", "partly_paid"))

TYPE = RecordType(
    name="recovery",
    zh="追回",
    en="Recovery",
    create=DESK,
    edit=FINDING,
    void=FINDING,
    resolve=DESK,
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        choice("kind", "类别", "Kind", KINDS, required=True),
        ref("case", "整改", "Case", "rectification_case", waits=True),
        ref("sanction", "处理处罚", "Sanction", "sanction", waits=True),
        ref("findings", "问题", "Findings", "finding", merge=UNION),
        choice("fund", "归属", "Fund", FUNDS),
        fen("found_fen", "认定金额", "Found", required=True),
        fen("agreed_fen", "确认金额", "Agreed", right=AGREEING),
        day("pay_by", "应缴日期", "To be paid by", right=AGREEING),
        text("plan", "分期计划", "Plan", chars_max=2000, right=AGREEING),
        fen("paid_fen", "已缴金额", "Paid", right=PAYING),
        group(
            "payments",
            "缴款记录",
            "Payments",
            (
                day("paid_on", "缴款日期", "Paid on", required=True),
                fen("amount_fen", "金额", "Amount", required=True),
                choice("way", "方式", "Way", WAYS, required=True),
                code("voucher", "凭证号", "Voucher", required=True),
            ),
            private=None,
            merge=UNION,
            right=PAYING,
        ),
        text("write_off_reason", "核销理由", "Reason of the write-off", chars_max=2000, right=WRITING_OFF),
    ),
    stages=(
        Stage("found", "已认定", "Found"),
        Stage("agreed", "已确认", "Agreed"),
        Stage("partly_paid", "部分缴款", "Partly paid"),
        Stage("paid", "已缴清", "Paid"),
        Stage("written_off", "已核销", "Written off"),
    ),
    edges=(
        Edge("found", "agreed", DESK),
        Edge("agreed", "partly_paid", DESK),
        Edge("agreed", "paid", DESK),
        Edge("partly_paid", "paid", DESK),
        Edge("found", "written_off", allow("leader")),
        Edge("agreed", "written_off", allow("leader")),
        Edge("partly_paid", "written_off", allow("leader")),
    ),
    columns=("stage", "kind", "fund", "found_fen", "agreed_fen", "paid_fen", "pay_by"),
)
