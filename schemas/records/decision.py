"""A decision: a person's act on exactly one version of one record; it is never edited."""

from schemas.declare import RecordType, allow, choice, integer, ref, text

ACTS = {
    "approve": ("通过", "Approve"),
    "return": ("退回", "Return"),
    "reject": ("不予采用", "Reject"),
    "confirm": ("确认", "Confirm"),
    "withdraw": ("撤回", "Withdraw"),
}
REASONS = {
    "blurred": ("影像不清", "Blurred"),
    "incomplete": ("内容不全", "Incomplete"),
    "wrong_place": ("地点不符", "Wrong place"),
    "wrong_time": ("时间不符", "Wrong time"),
    "duplicate": ("重复使用", "Duplicate"),
    "irrelevant": ("与本案无关", "Irrelevant"),
    "unlawful": ("取证程序不当", "Unlawfully taken"),
    "other": ("其他", "Other"),
}

TYPE = RecordType(
    name="decision",
    zh="决定",
    en="Decision",
    create=allow("supervisor"),
    edit=allow(),
    scope="about",
    fields=(
        ref("about", "对象", "About", "any", required=True, waits=True),
        integer("about_version", "对象版本", "Version", required=True),
        choice("act", "决定", "Act", ACTS, required=True),
        choice("reason", "理由", "Reason", REASONS),
        text("note", "说明", "Note", chars_max=500),
    ),
)
