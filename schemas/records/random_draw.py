"""A draw of institutions to inspect (双随机): ordered by a supervisor, drawn by a seed that nobody can choose.

The order names a region, kinds and grades; who could be drawn follows from the ledger as it stands just after the
order's entry, and so does the seed. A draw is never taken back: one who orders again is seen to have done so.
"""

from schemas.declare import (
    NOBODY,
    SERVER_ONLY,
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    digest,
    integer,
    ref,
)
from schemas.records.institution import GRADES, KINDS
from sync.draw import POPULATION_MAX

SIZE_MAX = 200
DESK = allow("supervisor")
DRAWING = allow("supervisor", own_in=("ordered",))

TYPE = RecordType(
    name="random_draw",
    zh="机构随机抽取",
    en="Draw of institutions",
    create=DESK,
    edit=DRAWING,
    resolve=DESK,
    synced=False,
    fields=(
        code("region", "行政区划", "Region", "region", required=True, right=NOBODY),
        choice("kinds", "机构类别", "Kinds", KINDS, merge=UNION, right=NOBODY),
        choice("grades", "信用等级", "Credit grades", GRADES, merge=UNION, right=NOBODY),
        integer("size", "抽取家数", "How many to draw", 1, SIZE_MAX, required=True, right=NOBODY),
        integer(
            "population_count",
            "抽取范围家数",
            "Drawn from",
            0,
            POPULATION_MAX,
            merge=SERVER_ONLY,
            right=DRAWING,
        ),
        digest("population_digest", "抽取范围摘要", "Digest of those", merge=SERVER_ONLY),
        digest("seed", "抽取种子", "Seed", merge=SERVER_ONLY, right=DRAWING),
        ref("drawn", "抽中机构", "Drawn", "institution", merge=UNION, right=DRAWING),
    ),
    stages=(Stage("ordered", "待抽取", "Ordered"), Stage("drawn", "已抽取", "Drawn")),
    edges=(Edge("ordered", "drawn", DESK),),
)
