"""A deputation (代理): while somebody is away, a deputy has the named desk roles over the same region.

The roles of who is away stand meanwhile: a phone or a desk that is used all the same is not shut out by a calendar.
"""

from collections.abc import Mapping
from typing import Any

from schemas.declare import UNION, Edge, RecordType, Stage, allow, choice, code, day, ref, text

PLANNED, ACTIVE, ENDED = "planned", "active", "ended"
ROLES = {
    "supervisor": ("稽核主管", "Supervisor"),
    "second_reviewer": ("复审员", "Second reviewer"),
    "legal_reviewer": ("法制审核员", "Legal reviewer"),
    "leader": ("负责人", "Leader"),
}
"""What can be handed on: the roles that decide at the desk. Who inspects is replaced in the inspection itself."""
ADMIN = allow("machine", "admin")
WRITTEN = allow("machine", "admin", own_in=(PLANNED,))
EXTENDED = allow("machine", "admin", own_in=(PLANNED, ACTIVE))


def grants(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Hand out the roles to the deputy, over the region, while the deputation is active."""
    if values.get("stage") != ACTIVE:
        return frozenset()
    return frozenset((str(values["deputy"]), role, str(values["region"])) for role in values.get("roles", ()))


TYPE = RecordType(
    name="deputation",
    zh="代理",
    en="Deputation",
    create=ADMIN,
    edit=ADMIN,
    grants=grants,
    synced=False,
    fields=(
        ref("absent", "请假人", "Away", "user", required=True, right=WRITTEN),
        ref("deputy", "代理人", "Deputy", "user", required=True, right=WRITTEN),
        choice("roles", "代理角色", "Roles", ROLES, merge=UNION, required=True, right=WRITTEN),
        code("region", "行政区划", "Region", "region", required=True, right=WRITTEN),
        day("from_on", "起始日期", "From", required=True, right=WRITTEN),
        day("until_on", "截止日期", "Until", required=True, right=EXTENDED),
        text("reason", "事由", "Reason", chars_max=200),
    ),
    stages=(
        Stage(PLANNED, "待生效", "Planned"),
        Stage(ACTIVE, "生效中", "Active"),
        Stage(ENDED, "已结束", "Ended"),
    ),
    edges=(Edge(PLANNED, ACTIVE, ADMIN), Edge(PLANNED, ENDED, ADMIN), Edge(ACTIVE, ENDED, ADMIN)),
    columns=("stage", "absent", "deputy", "roles", "region", "from_on", "until_on"),
)
