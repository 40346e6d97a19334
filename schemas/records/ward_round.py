"""A ward round (远程查房): is the patient who is billed in the bed?

Bedside, two inspectors walk the ward: the round lies in their inspection. Remote, the bureau calls it and
the ward answers by its own phone: the round is a scope root of its own, with its own team, and hands the
ward's operator a right over itself and its sample alone, which ends with it. What only the server may
write (who was drawn, the call, the challenge) no phone can.
"""

from collections.abc import Mapping
from typing import Any

from schemas.declare import (
    NOBODY,
    SELF,
    SERVER_ONLY,
    UNION,
    Edge,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    digest,
    flag,
    instant,
    integer,
    ref,
)
from schemas.records.inspection import OPEN_STAGES
from sync.draw import BY_WARD, POPULATION_MAX, RANDOM, SIZE_MAX
from sync.rules import OPERATOR

BEDSIDE, REMOTE = "bedside", "remote"
MODES = {BEDSIDE: ("现场查房", "Bedside"), REMOTE: ("远程查房", "Remote")}
TRIGGERS = {
    "plan": ("计划", "Plan"),
    "surprise": ("突击", "Surprise"),
    "tip_off": ("举报", "Tip-off"),
    "lead": ("线索", "Lead"),
}
METHODS = {
    "all_listed": ("全部在册床位", "Every listed bed"),
    "chosen": ("检查人员选定", "Chosen by the officers"),
}
"""How people take a sample. What the server draws is told by the order and the seed."""
DRAWS = {
    "everybody": ("全部在册", "Everybody listed"),
    RANDOM: ("随机抽样", "Random sample"),
    BY_WARD: ("按病区分层随机抽样", "Random sample, each ward with its share"),
}
FAULTS = {
    "no_census": ("没有可用的在院名单", "No census to draw from"),
    "nobody_listed": ("名单上没有符合条件的病人", "Nobody listed to draw"),
    "too_many": ("人数超过上限", "More than a round can hold"),
    "no_size": ("未填抽样数量", "The order names no size"),
    "operator_unfit": (
        "应答人员未定，或不是该机构的在用用户",
        "No operator, or none of the institution's active users",
    ),
}
"""Why the server could not do what a round orders; the order stands until it is mended or voided."""
ANSWERING = ("in_progress", "explanation_open")
"""Stages of a remote round in which its ward answers: first the call, then what it can explain."""
BEFORE = ("planned", "sampled")
RECORDING = (*OPEN_STAGES, *ANSWERING)
"""In which a scope root takes bed checks and evidence, be it an inspection or a remote round."""
ORDERING = allow(
    "supervisor", "member", "lead", "machine", root_in=(*OPEN_STAGES, "planned"), own_in=("planned",)
)
"""What a round orders is frozen when it is carried out: nobody changes a sample once it is drawn."""
BY_HAND = allow(
    "supervisor",
    "member",
    "lead",
    root_in=(*OPEN_STAGES, "planned"),
    own_in=("planned",),
    unless="draw_method",
)
"""Where the server is to draw, nobody else names the sample or says that it is taken."""
RUNNING = allow("supervisor", "member", "lead", "machine", root_in=(*OPEN_STAGES, *BEFORE, *ANSWERING))
TEAM = allow("member", "lead")
DRAWING = allow("machine", own_in=("planned",))
CALLING = allow("machine", own_in=("sampled",))
ENDING = allow("machine", own_in=ANSWERING)
MINUTES_MAX = 7 * 24 * 60
OPERATOR_READS = ("ward_round", "bed_check", "evidence", "encounter")
"""What a ward's operator is shown of a round that called him: nothing that anybody decided about it."""


def grants(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Hand out the rights over a remote round: to its team until it is confirmed, to its operator while it asks.

    A round that lies in an inspection hands out nothing: its team is the inspection's.
    """
    stage = values.get("stage")
    if "inspection" in values or "institution" not in values or stage == "confirmed":
        return frozenset()
    roots = (record, str(values["institution"]))
    handed = {(str(user), "member", root) for user in values.get("members", ()) for root in roots}
    if lead := values.get("lead"):
        handed |= {(str(lead), "lead", root) for root in roots}
    called = stage in ANSWERING and "called_at" in values and "answers_closed_at" not in values
    if called and (operator := values.get("operator")):
        handed |= {(str(operator), OPERATOR, root) for root in (record, *values.get("drawn", ()))}
    return frozenset(handed)


def sample_of(values: Mapping[str, Any]) -> list[str]:
    """Return the in-patients whom a round looks for: those drawn by the server, else those that people named."""
    return list(values.get("drawn") or values.get("sample") or ())


TYPE = RecordType(
    name="ward_round",
    zh="查房",
    en="Ward round",
    create=allow("supervisor", "member", "lead", "machine", root_in=OPEN_STAGES),
    edit=RUNNING,
    void=allow("supervisor"),
    resolve=allow("lead", "supervisor"),
    scope="inspection",
    scope_else=SELF,
    region_from="institution",
    grants=grants,
    needs=(Need("mode", (BEDSIDE,), ("inspection",)), Need("mode", (REMOTE,), ("institution", "lead"))),
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", waits=True),
        ref("institution", "机构", "Institution", "institution", waits=True),
        choice("mode", "方式", "Mode", MODES, required=True, right=NOBODY),
        choice("trigger", "来由", "Trigger", TRIGGERS, required=True),
        ref("schedule", "排期", "Schedule", "round_schedule", right=NOBODY),
        ref("occasion", "关联检查", "Inspection it serves", "inspection"),
        ref("lead", "负责人", "Lead", "user"),
        ref("members", "查房人员", "Officers", "user", merge=UNION),
        ref("initiator", "发起人", "Initiator", "user"),
        ref("second_officer", "同行检查员", "Second officer", "user"),
        code("wards", "病区", "Wards", merge=UNION, right=ORDERING),
        integer("census_count", "在册人数", "Census count", 0, POPULATION_MAX, right=BY_HAND),
        instant("census_at", "名单时间", "Census at", right=BY_HAND),
        choice("sample_method", "抽样方法", "Sample method", METHODS, right=BY_HAND),
        ref("sample", "样本", "Sample", "encounter", merge=UNION, right=BY_HAND),
        choice("draw_method", "由系统抽样", "Draw ordered", DRAWS, right=ORDERING),
        integer("draw_size", "抽样数量", "Number to draw", 1, SIZE_MAX, right=ORDERING),
        ref("drawn", "抽中病人", "Drawn", "encounter", merge=UNION, right=DRAWING),
        digest("seed", "抽样种子", "Seed", merge=SERVER_ONLY, right=DRAWING),
        ref("census", "所用名单", "Census drawn from", "census", merge=SERVER_ONLY, right=DRAWING),
        integer("draw_number", "当次序号", "Draw from this census", 1, merge=SERVER_ONLY, right=DRAWING),
        integer(
            "population_count", "总体人数", "Population", 0, POPULATION_MAX, merge=SERVER_ONLY, right=DRAWING
        ),
        digest("population_digest", "总体摘要", "Digest of the population", merge=SERVER_ONLY, right=DRAWING),
        choice(
            "order_fault", "未能执行的原因", "Why not carried out", FAULTS, merge=SERVER_ONLY, right=DRAWING
        ),
        ref("operator", "病区应答人员", "Ward operator", "user", right=ORDERING),
        instant("call_at", "定时呼叫", "Call at", right=ORDERING),
        integer(
            "respond_minutes", "应答时限", "Time to answer", 1, MINUTES_MAX, unit="minutes", right=ORDERING
        ),
        integer(
            "explain_minutes", "说明时限", "Time to explain", 0, MINUTES_MAX, unit="minutes", right=ORDERING
        ),
        flag("challenge_by_bed", "每床单独验证码", "A challenge for each bed", right=ORDERING),
        instant("called_at", "呼叫时间", "Called at", merge=SERVER_ONLY, right=CALLING),
        integer(
            "challenge_size", "验证码所据台账", "Ledger at the call", 1, merge=SERVER_ONLY, right=CALLING
        ),
        digest("challenge_root", "验证码所据根", "Root at the call", merge=SERVER_ONLY, right=CALLING),
        instant("respond_by", "应答截止", "Respond by", right=allow("machine", "supervisor")),
        instant("explain_by", "说明截止", "Explain by", right=allow("machine", "supervisor")),
        instant("answers_closed_at", "应答关闭时间", "Answers closed at", merge=SERVER_ONLY, right=ENDING),
        instant("started_at", "开始时间", "Started at"),
        instant("ended_at", "结束时间", "Ended at"),
    ),
    stages=(
        Stage("planned", "待抽样", "Planned"),
        Stage("sampled", "已抽样", "Sampled"),
        Stage("in_progress", "进行中", "In progress"),
        Stage("explanation_open", "待说明", "Explanation open"),
        Stage("concluded", "已结论", "Concluded"),
        Stage("confirmed", "已确认", "Confirmed"),
    ),
    edges=(
        Edge("planned", "sampled", allow("supervisor", "lead", "member", "machine", unless="draw_method")),
        Edge("sampled", "in_progress", allow("member", "lead", "machine", unless="operator")),
        Edge("in_progress", "explanation_open", allow("member", "lead", "machine")),
        Edge("in_progress", "concluded", TEAM),
        Edge("explanation_open", "concluded", TEAM),
        Edge("concluded", "confirmed", allow("supervisor")),
    ),
    columns=("stage", "mode", "trigger", "called_at", "respond_by", "started_at", "population_count"),
)
