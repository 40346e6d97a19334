"""A recusal (回避): somebody stays away from an institution, or from a single inspection, because of an interest.

While it stands he has no role at all over it and over everything that lies in it, whoever else counts him among a
team. He declares it himself, or a supervisor or administrator of the region does; another than he lifts it.
"""

from collections.abc import Mapping
from typing import Any

from schemas.declare import Edge, RecordType, Stage, allow, choice, day, ref, text
from sync.rules import RECUSED

PLANNED, STANDING, LIFTED, ENDED = "planned", "standing", "lifted", "ended"
REASONS = {
    "kinship": ("近亲属任职或有利害关系", "A close relative works there or has a stake in it"),
    "former_post": ("曾在该机构任职", "Worked there before"),
    "financial": ("有经济利益往来", "A financial interest"),
    "dispute": ("存在纠纷或诉讼", "A dispute or lawsuit with it"),
    "own_treatment": ("本人或近亲属为涉事患者", "He or a relative is a patient concerned"),
    "other": ("其他可能影响公正的关系", "Another relation that may bias him"),
}
WORDS_CHARS_MAX = 500
OVERSEEING = ("supervisor", "admin")
"""Who declares another's recusal and lifts one that is not his own."""
DECLARING = allow(
    "machine", *OVERSEEING, "inspector", "lead_inspector", "second_reviewer", "legal_reviewer", "leader"
)
"""Whoever is not among those who oversee declares his own alone: the door asks."""
LIFTING = allow("machine", *OVERSEEING)


def grants(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Take every role over what it is about away from its user while it stands."""
    if values.get("stage") != STANDING:
        return frozenset()
    return frozenset({(str(values["user"]), RECUSED, str(values["about"]))})


TYPE = RecordType(
    name="recusal",
    zh="回避",
    en="Recusal",
    create=DECLARING,
    edit=allow(),
    region_from="institution",
    lookup="user",
    grants=grants,
    synced=False,
    fields=(
        ref("user", "回避人", "Recused", "user", required=True, waits=True),
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        ref("about", "回避事项", "From", "any", required=True, waits=True),
        choice("reason", "事由", "Reason", REASONS, required=True),
        text("words", "说明", "In words", chars_max=WORDS_CHARS_MAX),
        day("from_on", "起始日期", "From", required=True),
        day("until_on", "截止日期", "Until"),
        text("lifted_because", "解除理由", "Lifted because", chars_max=WORDS_CHARS_MAX, right=LIFTING),
    ),
    stages=(
        Stage(PLANNED, "待生效", "Planned"),
        Stage(STANDING, "生效中", "Standing"),
        Stage(LIFTED, "已解除", "Lifted"),
        Stage(ENDED, "已到期", "Ended"),
    ),
    edges=(
        Edge(PLANNED, STANDING, DECLARING),
        Edge(PLANNED, LIFTED, LIFTING),
        Edge(STANDING, LIFTED, LIFTING),
        Edge(PLANNED, ENDED, LIFTING),
        Edge(STANDING, ENDED, LIFTING),
    ),
    columns=("stage", "user", "institution", "about", "reason", "from_on", "until_on"),
)
