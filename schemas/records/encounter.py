"""One in-patient of the imported census (在院病人): whom the ward rounds look for."""

from schemas.declare import (
    NAME,
    NUMBER,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    private_code,
    ref,
    text,
)

SEXES = {"male": ("男", "Male"), "female": ("女", "Female")}
PAYMENTS = {
    "drg": ("按病组", "DRG"),
    "dip": ("按病种分值", "DIP"),
    "per_diem": ("按床日", "Per diem"),
    "per_item": ("按项目", "Per item"),
}
LISTED, LEFT_OUT = "listed", "left_out"
"""Whether the hospital's newest census names him. A list that leaves somebody out is no proof of discharge:
nothing else changes with it, and a round may look for exactly him.
"""
MACHINE = allow("machine")

TYPE = RecordType(
    name="encounter",
    zh="在院病人",
    en="In-patient",
    create=MACHINE,
    edit=MACHINE,
    resolve=allow("machine", "supervisor"),
    scope="institution",
    natural_key="mdtrt_id",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        code("mdtrt_id", "就诊ID", "Encounter number", required=True),
        private_code("person_no", "人员编号", "Person number", "resident", masked=NUMBER),
        text("name", "姓名", "Name", chars_max=60, masked=NAME, required=True),
        choice("sex", "性别", "Sex", SEXES, private="person"),
        code("ward", "病区", "Ward", required=True),
        code("bed", "床号", "Bed", required=True),
        day("admitted_on", "入院日期", "Admitted on", required=True),
        day("discharged_on", "出院日期", "Discharged on"),
        private_code("diag_code", "诊断编码", "Diagnosis", "icd10"),
        private_code("drg_code", "病组编码", "DRG"),
        choice("payment_mode", "支付方式", "Payment", PAYMENTS),
    ),
    stages=(
        Stage(LISTED, "在册", "Listed"),
        Stage(LEFT_OUT, "未列入最新名单", "Left out of the newest list"),
    ),
    edges=(
        Edge(LISTED, LEFT_OUT, MACHINE),
        Edge(LEFT_OUT, LISTED, MACHINE, forward=False),
    ),
)
