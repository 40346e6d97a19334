"""A schedule of remote rounds (查房排期): daily at an hour, or by surprise at times that the server draws.

It is never sent to a phone, and the drawn times are not stored: they follow from the entry by which the
server planned the week, so nobody chose them, nobody outside can know them, and an auditor can redo them.
"""

from schemas.declare import (
    SERVER_ONLY,
    UNION,
    Edge,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    flag,
    integer,
    ref,
)
from schemas.records.ward_round import DRAWS, MINUTES_MAX
from sync.draw import SIZE_MAX

ROUTINE, SURPRISE = "routine", "surprise"
KINDS = {ROUTINE: ("定时", "Routine"), SURPRISE: ("突击", "By surprise")}
WEEKDAYS = {
    "mon": ("周一", "Monday"),
    "tue": ("周二", "Tuesday"),
    "wed": ("周三", "Wednesday"),
    "thu": ("周四", "Thursday"),
    "fri": ("周五", "Friday"),
    "sat": ("周六", "Saturday"),
    "sun": ("周日", "Sunday"),
}
DAY_MINUTES = 24 * 60
DESK = allow("supervisor")
MACHINE = allow("machine")

TYPE = RecordType(
    name="round_schedule",
    zh="查房排期",
    en="Round schedule",
    create=DESK,
    edit=DESK,
    void=DESK,
    resolve=DESK,
    synced=False,
    needs=(Need("kind", (SURPRISE,), ("until_minute", "times_a_week")),),
    fields=(
        code("region", "行政区划", "Region", "region", required=True),
        choice("kind", "方式", "Kind", KINDS, required=True),
        ref("institutions", "机构", "Institutions", "institution", merge=UNION, required=True),
        ref("operators", "病区应答人员", "Ward operators", "user", merge=UNION),
        ref("lead", "负责人", "Lead", "user", required=True),
        ref("members", "查房人员", "Officers", "user", merge=UNION),
        code("wards", "病区", "Wards", merge=UNION),
        choice("weekdays", "星期", "Weekdays", WEEKDAYS, merge=UNION, required=True),
        integer(
            "from_minute", "开始时刻", "From", 0, DAY_MINUTES - 1, unit="minute of the day", required=True
        ),
        integer("until_minute", "截止时刻", "Until", 1, DAY_MINUTES, unit="minute of the day"),
        integer("times_a_week", "每周次数", "Times a week", 1, 7),
        choice("draw_method", "抽样方式", "Draw", DRAWS, required=True),
        integer("draw_size", "抽样数量", "Number to draw", 1, SIZE_MAX),
        integer("respond_minutes", "应答时限", "Time to answer", 1, MINUTES_MAX, unit="minutes"),
        integer("explain_minutes", "说明时限", "Time to explain", 0, MINUTES_MAX, unit="minutes"),
        flag("challenge_by_bed", "每床单独验证码", "A challenge for each bed"),
        day("planned_week", "已排定的周", "Week planned", merge=SERVER_ONLY, right=MACHINE),
    ),
    stages=(Stage("active", "执行中", "Active"), Stage("paused", "已暂停", "Paused")),
    edges=(Edge("active", "paused", DESK), Edge("paused", "active", DESK, forward=False)),
)
