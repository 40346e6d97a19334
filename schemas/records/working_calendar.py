"""A working calendar (工作日历): the days off and the make-up working days (调休) of one region and year.

It is imported and never changed: what differs is a newer one. The nearest region's newest one counts, else
the table that the program brings along, else Monday to Friday, which is provisional and says so.
"""

from schemas.declare import UNION, Edge, RecordType, Stage, allow, choice, code, day, digest, integer, text

YEAR_MIN, YEAR_MAX = 2000, 2100
STANDINGS = {"published": ("正式公布", "Published"), "provisional": ("暂定", "Provisional")}
IMPORTED, IN_FORCE = "imported", "in_force"

TYPE = RecordType(
    name="working_calendar",
    zh="工作日历",
    en="Working calendar",
    create=allow("supervisor", "machine"),
    edit=allow(),
    resolve=allow("supervisor"),
    synced=False,
    fields=(
        code("region", "行政区划", "Region", "region", required=True),
        integer("year", "年份", "Year", YEAR_MIN, YEAR_MAX, required=True),
        day("valid_from", "生效日期", "Valid from", required=True),
        choice("standing", "性质", "Standing", STANDINGS, required=True),
        day("holidays", "放假日", "Days off", merge=UNION, required=True),
        day("makeup_days", "调休上班日", "Make-up working days", merge=UNION),
        text("source", "依据", "Source", chars_max=200),
        digest("file", "来源文件摘要", "File"),
    ),
    stages=(Stage(IMPORTED, "已导入", "Imported"), Stage(IN_FORCE, "已生效", "In force")),
    edges=(Edge(IMPORTED, IN_FORCE, allow("machine")),),
    columns=("region", "year", "stage", "standing", "valid_from"),
)
