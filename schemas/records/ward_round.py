"""A ward round (远程查房): is the patient who is billed in the bed?"""

from schemas.declare import (
    REVIEW,
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    digest,
    instant,
    integer,
    ref,
)
from schemas.records.inspection import OPEN_STAGES

MODES = {"bedside": ("现场查房", "Bedside"), "remote": ("远程查房", "Remote")}
TRIGGERS = {
    "plan": ("计划", "Plan"),
    "surprise": ("突击", "Surprise"),
    "tip_off": ("举报", "Tip-off"),
    "lead": ("线索", "Lead"),
}
SAMPLING = allow("supervisor", "member", "lead", root_in=OPEN_STAGES, own_in=("planned",))
"""The sample is frozen when it is drawn: nobody changes it once the round stands at `sampled`."""
METHODS = {"all_listed": ("全部在册床位", "Every listed bed"), "random": ("随机抽样", "Random sample")}

TYPE = RecordType(
    name="ward_round",
    zh="查房",
    en="Ward round",
    create=allow("supervisor", "member", "lead", root_in=OPEN_STAGES),
    edit=allow("supervisor", "member", "lead", root_in=OPEN_STAGES),
    void=allow("supervisor"),
    resolve=allow("lead", "supervisor"),
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        choice("mode", "方式", "Mode", MODES, required=True),
        choice("trigger", "来由", "Trigger", TRIGGERS, required=True),
        code("wards", "病区", "Wards", merge=UNION, right=SAMPLING),
        ref("initiator", "发起人", "Initiator", "user"),
        ref("second_officer", "同行检查员", "Second officer", "user"),
        integer("census_count", "在册人数", "Census count", 0, 20_000, right=SAMPLING),
        instant("census_at", "名单时间", "Census at", right=SAMPLING),
        choice("sample_method", "抽样方法", "Sample method", METHODS, right=SAMPLING),
        ref("sample", "样本", "Sample", "encounter", merge=UNION, right=SAMPLING),
        digest("seed", "抽样种子", "Seed", right=allow("machine")),
        instant("started_at", "开始时间", "Started at", merge=REVIEW),
        instant("ended_at", "结束时间", "Ended at", merge=REVIEW),
        instant("respond_by", "应答截止", "Respond by", right=allow("supervisor")),
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
        Edge("planned", "sampled", allow("supervisor", "lead", "member", "machine")),
        Edge("sampled", "in_progress", allow("member", "lead")),
        Edge("in_progress", "explanation_open", allow("member", "lead")),
        Edge("in_progress", "concluded", allow("member", "lead")),
        Edge("explanation_open", "concluded", allow("member", "lead")),
        Edge("concluded", "confirmed", allow("supervisor")),
    ),
)
