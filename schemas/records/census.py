"""One imported list of a hospital's in-patients (在院名单): from it rounds draw their samples.

It comes with the rows of its import, under that entry's Merkle root, so whoever has the entry can
check who could be drawn: `digest` commits to every in-patient of the list with the ward.
"""

from schemas.declare import (
    NOBODY,
    SERVER_ONLY,
    RecordType,
    allow,
    day,
    digest,
    flag,
    instant,
    integer,
    ref,
)
from sync.draw import POPULATION_MAX

DRAWS_MAX = 10_000

TYPE = RecordType(
    name="census",
    zh="在院名单",
    en="Census",
    create=allow("machine"),
    edit=allow("machine"),
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        instant("taken_at", "导入时间", "Taken at", required=True, right=NOBODY),
        day("day", "名单日期", "Day of the list", required=True, right=NOBODY),
        integer("count", "在院人数", "In-patients", 0, POPULATION_MAX, required=True, right=NOBODY),
        digest("digest", "名单摘要", "Digest of the list", required=True, right=NOBODY),
        flag("partial", "部分病区名单", "Some wards only", right=NOBODY),
        ref("brought_by", "导入人", "Brought by", "user", right=NOBODY),
        integer("draws", "已抽样次数", "Draws from it", 0, DRAWS_MAX, merge=SERVER_ONLY),
    ),
)
