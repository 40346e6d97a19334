"""An inspection (检查): who goes where, and how far the visit has come."""

from collections.abc import Mapping
from typing import Any

from schemas.declare import (
    SERVER_ONLY,
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    instant,
    integer,
    ref,
    text,
)

KINDS = {
    "routine_check": ("日常检查", "Routine check"),
    "special_check": ("专项检查", "Special check"),
    "unannounced_check": ("飞行检查", "Unannounced check"),
}
MODES = {"open": ("公开", "Open"), "covert": ("暗访", "Covert")}
OPEN_STAGES = ("draft", "approved", "on_site", "returned")
"""Stages of the inspection in which its members still record; frozen from `record_signed` on."""
OFFICERS_MAX = 20
PLANNING = allow("supervisor", own_in=("draft",))
"""Who goes is drawn while a visit is planned; what was drawn, and from whom, stays to be drawn again by anybody."""
FROZEN = allow("supervisor", "machine", own_in=("draft",))
"""What holds for a visit is written with its planning and its approval, by the server; from then on it stays."""


def grants(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Let members and lead work on the inspection and read its institution, until it is archived."""
    if values.get("stage") == "archived":
        return frozenset()
    roots = (record, str(values["institution"]))
    handed = {(str(user), "member", root) for user in values.get("members", ()) for root in roots}
    if lead := values.get("lead"):
        handed |= {(str(lead), "lead", root) for root in roots}
    return frozenset(handed)


TYPE = RecordType(
    name="inspection",
    zh="检查",
    en="Inspection",
    create=allow("supervisor"),
    edit=allow("supervisor"),
    void=allow("supervisor"),
    resolve=allow("lead", "supervisor"),
    region_from="institution",
    grants=grants,
    fields=(
        choice("kind", "检查类型", "Kind", KINDS, required=True),
        choice("mode", "方式", "Mode", MODES, required=True),
        ref("institution", "被检查机构", "Institution", "institution", required=True, waits=True),
        ref("members", "检查人员", "Members", "user", merge=UNION),
        ref("lead", "检查组长", "Lead", "user", required=True),
        day("planned_on", "计划日期", "Planned on", required=True),
        code(
            "checklist_wanted",
            "指定检查清单",
            "Checklist asked for",
            right=allow("supervisor", own_in=("draft",)),
        ),
        code("checklist", "检查清单", "Checklist", merge=SERVER_ONLY, right=FROZEN),
        digest(
            "checklist_digest", "检查清单内容摘要", "Checklist's content", merge=SERVER_ONLY, right=FROZEN
        ),
        code("violations", "违规行为目录", "Violation catalogue", merge=SERVER_ONLY, right=FROZEN),
        digest(
            "violations_digest",
            "违规行为目录内容摘要",
            "Violations' content",
            merge=SERVER_ONLY,
            right=FROZEN,
        ),
        integer(
            "draw_size",
            "随机抽取人数",
            "Officers to draw",
            1,
            OFFICERS_MAX,
            merge=SERVER_ONLY,
            right=PLANNING,
        ),
        ref("draw_from", "抽取范围", "Drawn from", "user", merge=UNION, right=PLANNING),
        ref("drawn", "抽中人员", "Drawn", "user", merge=UNION, right=PLANNING),
        digest("draw_seed", "抽取种子", "Seed of the draw", merge=SERVER_ONLY, right=PLANNING),
        instant(
            "id_shown_at", "出示证件时间", "IDs shown at", right=allow("member", "lead", root_in=OPEN_STAGES)
        ),
        text("note", "备注", "Note", right=allow("member", "lead", "supervisor", root_in=OPEN_STAGES)),
    ),
    stages=(
        Stage("draft", "草拟", "Draft"),
        Stage("approved", "已批准", "Approved"),
        Stage("on_site", "现场检查", "On site"),
        Stage("record_signed", "笔录已签", "Record signed"),
        Stage("submitted", "已提交", "Submitted"),
        Stage("accepted", "已接收", "Accepted"),
        Stage("returned", "退回补充", "Returned"),
        Stage("archived", "已归档", "Archived"),
    ),
    edges=(
        Edge("draft", "approved", allow("supervisor")),
        Edge("approved", "on_site", allow("member", "lead")),
        Edge("on_site", "record_signed", allow("lead")),
        Edge("record_signed", "submitted", allow("lead")),
        Edge("submitted", "accepted", allow("supervisor")),
        Edge("submitted", "returned", allow("supervisor"), forward=False),
        Edge("returned", "submitted", allow("lead")),
        Edge("accepted", "archived", allow("supervisor")),
    ),
)
