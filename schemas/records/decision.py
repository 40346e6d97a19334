"""A decision: a person's act on exactly one version of one record; it is never edited."""

from schemas.declare import RecordType, allow, choice, digest, integer, ref, text

ACTS = {
    "approve": ("通过", "Approve"),
    "return": ("退回", "Return"),
    "reject": ("不予采用", "Reject"),
    "confirm": ("确认", "Confirm"),
    "withdraw": ("撤回", "Withdraw"),
    "undo": ("撤销操作", "Undo"),
    "supersede": ("替换", "Supersede"),
    "void": ("作废", "Void"),
    "accept": ("接收", "Accept"),
    "sign_off": ("签发审定", "Sign off"),
    "grant": ("批准", "Grant"),
    "refuse": ("不予批准", "Refuse"),
    "close": ("销号", "Close"),
    "reopen": ("重开", "Reopen"),
    "adopt": ("采纳迟到的改动", "Adopt a late change"),
    "set_aside": ("不采纳迟到的改动", "Set a late change aside"),
    "agree": ("复审一致", "Second review agrees"),
    "disagree": ("复审不一致", "Second review disagrees"),
    "legal_agree": ("法制审核通过", "Legal review passed"),
    "legal_oppose": ("法制审核不通过", "Legal review opposed"),
    "decide": ("决定", "Decide"),
    "revoke": ("撤销", "Revoke"),
    "hand_over": ("移交", "Hand over"),
}
"""A word is never renamed: it stands in the ledger for ever."""
REASONS = {
    "blurred": ("影像不清", "Blurred"),
    "incomplete": ("内容不全", "Incomplete"),
    "wrong_place": ("地点不符", "Wrong place"),
    "wrong_time": ("时间不符", "Wrong time"),
    "duplicate": ("重复使用", "Duplicate"),
    "irrelevant": ("与本案无关", "Irrelevant"),
    "unlawful": ("取证程序不当", "Unlawfully taken"),
    "mistaken": ("操作有误", "By mistake"),
    "not_proven": ("依据不足", "Not proven"),
    "other": ("其他", "Other"),
}

TYPE = RecordType(
    name="decision",
    zh="决定",
    en="Decision",
    # What each of them may decide, the stages of what is decided on say: a leader alone decides a sanction.
    create=allow("supervisor", "second_reviewer", "legal_reviewer", "leader"),
    edit=allow(),
    scope="about",
    fields=(
        ref("about", "对象", "About", "any", required=True, waits=True),
        digest("change", "迟到改动的摘要", "Digest of the late change"),
        integer("about_version", "对象版本", "Version", required=True),
        choice("act", "决定", "Act", ACTS, required=True),
        choice("reason", "理由", "Reason", REASONS),
        text("note", "说明", "Note", chars_max=500),
    ),
)
