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

KINDS = {
    "hospital": ("医院", "Hospital"),
    "clinic": ("门诊部/诊所", "Clinic"),
    "pharmacy": ("药店", "Pharmacy"),
    "village_clinic": ("村卫生室", "Village clinic"),
}
GRADES = {g: (f"{g}级", f"Grade {g}") for g in "ABCD"}

TYPE = RecordType(
    name="institution",
    zh="定点医药机构",
    en="Institution",
    create=allow("machine"),
    edit=allow("machine", "supervisor"),
    natural_key="fixmedins_code",
    fields=(
        code("fixmedins_code", "医保编码", "Institution code", "fixmedins", required=True),
        text("name", "名称", "Name", chars_max=120, required=True),
        choice("kind", "类别", "Kind", KINDS, required=True),
        integer("level", "级别", "Level", 0, 3),
        integer("beds", "床位数", "Beds", 0, 20_000),
        code("region", "行政区划", "Region", "region", required=True),
        code("uscc", "统一社会信用代码", "Social credit code", "uscc"),
        text("contact_name", "联系人", "Contact", chars_max=60, merge=SERVER_ORDER),
        text("contact_email", "联系邮箱", "Contact e-mail", chars_max=200, merge=SERVER_ORDER),
        text("contact_phone", "联系电话", "Contact phone", chars_max=40, merge=SERVER_ORDER),
        position("position", "位置", "Position"),
        choice("credit_grade", "信用等级", "Credit grade", GRADES),
        day("agreement_from", "协议起始", "Agreement from"),
        day("agreement_until", "协议终止", "Agreement until"),
        ref("alliance_parent", "医共体牵头单位", "Alliance parent", "institution"),
    ),
)
