"""A statement of defence (陈述申辩): what a party says to a finding that was put to it, before anybody confirms it.

Written once and never changed; whoever has more to say writes another. The finding is heard by it, which the server
notes: that somebody has spoken is a fact and takes no judgement, what follows from it does.
"""

from schemas.declare import NOBODY, UNION, RecordType, allow, choice, day, digest, ref, text
from schemas.parts import files

KINDS = {
    "agrees": ("无异议", "Agrees"),
    "disputes": ("有异议", "Disputes"),
}

TYPE = RecordType(
    name="statement",
    zh="陈述申辩",
    en="Statement of defence",
    create=allow("institution_user", "supervisor"),
    edit=NOBODY,
    resolve=allow("supervisor"),
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        ref("finding", "问题", "Finding", "finding", required=True, waits=True),
        choice("kind", "意见", "Opinion", KINDS, required=True),
        text("words", "陈述内容", "Statement text", chars_max=8000),
        day("stated_on", "陈述日期", "Stated on", required=True),
        files("files", "附件", "Files"),
        digest("proof", "附件摘要", "Digests of the files", merge=UNION),
    ),
    columns=("kind", "stated_on"),
)
