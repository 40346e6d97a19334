"""An extension (延期): more time for a case, asked for once; the deadline runs on until a supervisor decides.

At most one for a case: the case is the natural key, so a second one is a duplicate for a person to settle.
At most half of the original term: the server compares the two numbers when it grants.
"""

from schemas.declare import (
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    day,
    integer,
    ref,
    text,
)

WORKING_DAYS_MAX = 125
"""Half of the longest term that a case can have."""
REASONS = {
    "procurement": ("设备、系统采购改造", "Procurement or rebuilding"),
    "staff": ("人员原因", "Staff"),
    "third_party": ("需第三方配合", "Waits for a third party"),
    "force_majeure": ("不可抗力", "Force majeure"),
    "other": ("其他", "Other"),
}
ASKING = allow("institution_user", "supervisor", own_in=("asked",))
DECIDING = allow("supervisor", own_in=("asked",))

TYPE = RecordType(
    name="extension",
    zh="延期",
    en="Extension",
    create=allow("institution_user", "supervisor"),
    edit=ASKING,
    resolve=allow("supervisor"),
    scope="institution",
    natural_key="case",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        ref("case", "整改", "Case", "rectification_case", required=True, waits=True),
        integer("due_version", "期限版本", "Deadline version", 1, 1000, required=True),
        integer(
            "original_working_days", "原期限", "Original term", 1, 250, unit="working days", required=True
        ),
        integer(
            "working_days", "申请延长", "Asked for", 1, WORKING_DAYS_MAX, unit="working days", required=True
        ),
        choice("reason", "原因", "Reason", REASONS, required=True),
        text("words", "说明", "In words", chars_max=2000, required=True),
        integer(
            "granted_working_days",
            "批准延长",
            "Granted",
            1,
            WORKING_DAYS_MAX,
            unit="working days",
            right=DECIDING,
        ),
        day("due_on", "延期后到期日", "Due on then", right=DECIDING),
        text("answer", "答复", "Answer", chars_max=2000, right=DECIDING),
    ),
    stages=(
        Stage("asked", "已申请", "Asked"),
        Stage("granted", "已批准", "Granted"),
        Stage("refused", "不予批准", "Refused"),
        Stage("withdrawn", "已撤回", "Withdrawn"),
    ),
    edges=(
        Edge("asked", "granted", allow("supervisor")),
        Edge("asked", "refused", allow("supervisor")),
        Edge("asked", "withdrawn", allow("institution_user", "supervisor")),
    ),
    columns=("stage", "reason", "original_working_days", "working_days", "granted_working_days", "due_on"),
)
