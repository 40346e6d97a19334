"""One in-patient of the imported census (在院病人): whom the ward rounds look for."""

from schemas.declare import RecordType, allow, choice, code, day, private_code, ref, text

SEXES = {"male": ("男", "Male"), "female": ("女", "Female")}
PAYMENTS = {
    "drg": ("按病组", "DRG"),
    "dip": ("按病种分值", "DIP"),
    "per_diem": ("按床日", "Per diem"),
    "per_item": ("按项目", "Per item"),
}

TYPE = RecordType(
    name="encounter",
    zh="在院病人",
    en="In-patient",
    create=allow("machine"),
    edit=allow("machine"),
    scope="institution",
    natural_key="mdtrt_id",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        code("mdtrt_id", "就诊ID", "Encounter number", required=True),
        private_code("person_no", "人员编号", "Person number", "resident"),
        text("name", "姓名", "Name", chars_max=60, required=True),
        choice("sex", "性别", "Sex", SEXES, private="person"),
        code("ward", "病区", "Ward", required=True),
        code("bed", "床号", "Bed", required=True),
        day("admitted_on", "入院日期", "Admitted on", required=True),
        day("discharged_on", "出院日期", "Discharged on"),
        private_code("diag_code", "诊断编码", "Diagnosis", "icd10"),
        private_code("drg_code", "病组编码", "DRG"),
        choice("payment_mode", "支付方式", "Payment", PAYMENTS),
    ),
)
