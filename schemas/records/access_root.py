"""A stretch of the access log: how many lines, from which place on, and the Merkle root over them. Nobody is named."""

from schemas.declare import RecordType, allow, digest, integer

LINES_MAX = 10_000
"""Lines under one root."""

TYPE = RecordType(
    name="access_root",
    zh="查阅日志根",
    en="Root of the access log",
    create=allow("machine"),
    edit=allow(),
    synced=False,
    fields=(
        integer("first", "起始位置", "First place", 0, required=True),
        integer("count", "条数", "Lines", 1, LINES_MAX, required=True),
        digest("root", "默克尔根", "Merkle root", required=True),
    ),
)
