"""One officer's answer to one item of an inspection's checklist (检查清单).

Two answers to one item are two events, like two checks of one bed: both are kept, how the item stands is
derived (schemas.catalogues.answers), and where they differ it reads `disputed`. An officer who changes his
mind edits his own answer; nobody's answer is overwritten by a colleague's.
"""

from schemas.declare import NOBODY, UNION, RecordType, allow, choice, code, ref, text
from schemas.records.inspection import OPEN_STAGES

ANSWERS = {
    "conforms": ("符合", "Conforms"),
    "violates": ("不符合", "Violates"),
    "not_applicable": ("不适用", "Not applicable"),
    "unverifiable": ("无法核实", "Unverifiable"),
}
MEMBERS = allow("member", "lead", root_in=OPEN_STAGES)

TYPE = RecordType(
    name="checklist_answer",
    zh="清单答复",
    en="Checklist answer",
    create=MEMBERS,
    edit=MEMBERS,
    void=MEMBERS,
    resolve=allow("lead"),
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        code("item", "清单项", "Item", required=True, right=NOBODY),
        choice("answer", "答复", "Answer", ANSWERS, required=True),
        text("note", "说明", "Note"),
        ref("evidence", "证据", "Evidence", "evidence", merge=UNION),
        ref("finding", "问题", "Finding", "finding"),
    ),
)
