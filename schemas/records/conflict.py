"""A conflict: one per record and field, derived by the merge; phones receive it and never write it."""

from schemas.declare import RecordType, allow, choice, code, ref

STATES = {"open": ("待裁决", "Open"), "settled": ("已裁决", "Settled")}

TYPE = RecordType(
    name="conflict",
    zh="冲突",
    en="Conflict",
    create=allow(),
    edit=allow(),
    scope="about",
    fields=(
        ref("about", "对象", "About", "any", required=True, waits=True),
        code("record_type", "对象类型", "Record type", required=True),
        code("field", "字段", "Field", required=True),
        choice("state", "状态", "State", STATES, required=True),
        ref("candidates", "并存的改动", "Candidates", "any", merge="union"),
    ),
)
