"""A designated institution (两定机构): whom the fund pays and the bureau checks."""

from schemas.declare import (
    SERVER_ORDER,
    RecordType,
    allow,
    choice,
    code,
    day,
    integer,
    position,
    ref,
    text,
)
from schemas.parts import people

KINDS = {
    "hospital": ("医院", "Hospital"),
    "clinic": ("门诊部/诊所", "Clinic"),
    "pharmacy": ("药店", "Pharmacy"),
    "village_clinic": ("村卫生室", "Village clinic"),
}
GRADES = {g: (f"{g}级", f"Grade {g}") for g in "ABCD"}
FIRST_GRADE = "C"
"""The grade of an institution that was not rated yet."""

TYPE = RecordType(
    name="institution",
    zh="定点医药机构",
    en="Institution",
    create=allow("machine"),
    edit=allow("machine", "supervisor"),
    resolve=allow("machine", "supervisor"),
    natural_key="fixmedins_code",
    fields=(
        code("fixmedins_code", "医保编码", "Institution code", "fixmedins", required=True),
        text("name", "名称", "Name", chars_max=120, required=True),
        choice("kind", "类别", "Kind", KINDS, required=True),
        integer("level", "级别", "Level", 0, 3, unit="level, 0 for none"),
        integer("beds", "床位数", "Beds", 0, 20_000),
        code("region", "行政区划", "Region", "region", required=True),
        code("uscc", "统一社会信用代码", "Social credit code", "uscc"),
        text("contact_name", "联系人", "Contact", chars_max=60, merge=SERVER_ORDER),
        text("contact_email", "联系邮箱", "Contact e-mail", chars_max=200, merge=SERVER_ORDER),
        text("contact_phone", "联系电话", "Contact phone", chars_max=40, merge=SERVER_ORDER),
        people("contacts", "联系人员", "Contact persons"),
        position("position", "位置", "Position"),
        choice("credit_grade", "信用等级", "Credit grade", GRADES, default=FIRST_GRADE),
        day("graded_on", "评定日期", "Graded on"),
        day("barred_until", "不得申请至", "No application before"),
        code("agreement_number", "协议编号", "Agreement number"),
        day("agreement_from", "协议起始", "Agreement from"),
        day("agreement_until", "协议终止", "Agreement until"),
        ref("alliance_parent", "医共体牵头单位", "Alliance parent", "institution"),
    ),
    columns=(
        "fixmedins_code", "kind", "level", "region", "beds", "credit_grade", "agreement_from",
        "agreement_until",
    ),
)  # fmt: skip
