"""One bed in a ward round. Two checks of one bed are two events; the verdict is derived, never stored.

Whoever of the ward answers a called round captures and explains; only the officers conclude, and of a
remote round not before its answers are in: a suspicion must not reach the ward while it still answers.
"""

from schemas.declare import (
    NAME,
    UNION,
    Narrow,
    RecordType,
    allow,
    choice,
    code,
    flag,
    group,
    instant,
    integer,
    position,
    ref,
    text,
)
from schemas.records.inspection import OPEN_STAGES
from schemas.records.ward_round import ANSWERING, RECORDING
from sync.rules import OPERATOR

PRESENCES = {
    "in_bed": ("在床", "In bed"),
    "on_site_off_bed": ("在院不在床", "On site, off bed"),
    "absent": ("不在院", "Absent"),
    "discharged_unsettled": ("已出院未结算", "Discharged, unsettled"),
    "unverifiable": ("无法核实", "Unverifiable"),
}
IDENTITY_METHODS = {
    "id_card": ("身份证", "ID card"),
    "electronic_voucher": ("医保电子凭证", "Electronic voucher"),
    "face_service": ("人脸核验", "Face service"),
    "ward_staff": ("病区人员指认", "Ward staff"),
    "none": ("未核验", "None"),
}
ABSENCE_REASONS = {
    "exam": ("外出检查", "Examination"),
    "leave": ("请假", "Leave"),
    "meal": ("就餐", "Meal"),
    "unknown": ("原因不明", "Unknown"),
}
CONCLUSIONS = {
    "normal": ("正常", "Normal"),
    "explained": ("已说明", "Explained"),
    "bed_hanging_suspected": ("疑似挂床", "Bed hanging suspected"),
    "impersonation_suspected": ("疑似冒名", "Impersonation suspected"),
    "sham_suspected": ("疑似虚假住院", "Sham admission suspected"),
    "split_suspected": ("疑似分解住院", "Split admission suspected"),
}
CALL_RESULTS = {
    "answered": ("已接通", "Answered"),
    "not_answered": ("未接通", "Not answered"),
    "wrong_number": ("号码有误", "Wrong number"),
}
FALLBACKS = {
    "no_card": ("未带证件", "No card at hand"),
    "no_face_service": ("人脸核验不可用", "Face service not available"),
    "face_failed": ("人脸核验未通过", "Face check failed"),
    "unconscious": ("意识不清", "Unconscious"),
    "refused": ("拒绝配合", "Refused"),
    "minor": ("未成年人", "Minor"),
}
NEEDS_OF_ADMISSION = {
    "needed": ("符合住院指征", "Admission needed"),
    "doubtful": ("住院指征存疑", "Need doubtful"),
    "not_needed": ("不符合住院指征", "Admission not needed"),
}
SLIPS = {
    "exam": ("检查单", "Examination slip"),
    "leave": ("请假条", "Leave slip"),
    "none": ("无凭据", "No slip"),
}
CARE = {
    "drug": ("药品", "Drug"),
    "check": ("检查检验", "Examination"),
    "treatment": ("诊疗", "Treatment"),
    "material": ("耗材", "Material"),
    "nursing": ("护理", "Nursing"),
}
PAYERS = {
    "self": ("本人", "The patient"),
    "family": ("家属", "The family"),
    "hospital": ("医院减免", "The hospital waived it"),
    "third_party": ("他人代付", "Somebody else"),
    "nothing": ("未缴费", "Nothing was paid"),
}
PATIENT_ANSWERS = group(
    "asked",
    "患者问答",
    "Asked of the patient",
    (
        text("why_admitted", "住院原因", "Why admitted", chars_max=500),
        choice("who_paid", "谁缴费", "Who paid", PAYERS),
        flag("free_meals", "免费餐食", "Free meals"),
        flag("cash", "给予现金", "Cash given"),
        flag("transport", "免费接送", "Free transport"),
    ),
)
"""What points to induced admission (诱导住院)."""
SLIP = group(
    "slip",
    "离床凭据",
    "Slip for the absence",
    (
        choice("kind", "凭据类型", "Kind", SLIPS, required=True),
        text("signed_by", "签字人", "Signed by", chars_max=60, masked=NAME),
        instant("from_at", "起", "From"),
        instant("until_at", "止", "Until"),
    ),
)
CARE_SEEN = group(
    "care",
    "诊疗核对项",
    "Care compared",
    (
        choice("kind", "类别", "Kind", CARE, required=True),
        text("name", "项目", "Item", chars_max=120, required=True),
        flag("seen", "现场所见", "Seen"),
        flag("ordered", "有医嘱", "Ordered"),
        flag("billed", "已收费", "Billed"),
    ),
    merge=UNION,
)
ANSWERS = frozenset({
    "ward_round", "encounter", "bed_listed", "bed_observed", "presence", "identity_method", "identity_score",
    "identity_fallback", "absence_reason", "slip", "call_result", "returned_at", "challenge", "position", "media",
    "note",
})  # fmt: skip
"""What whoever of the ward answers a called round may say of a bed: once, in a check of its own."""
OFFICERS = allow("member", "lead", root_in=RECORDING)
CONCLUDING = allow("member", "lead", root_in=(*OPEN_STAGES, "explanation_open"))

TYPE = RecordType(
    name="bed_check",
    zh="床位核查",
    en="Bed check",
    create=OFFICERS,
    edit=OFFICERS,
    void=OFFICERS,
    resolve=allow("lead"),
    scope="ward_round",
    narrow=(Narrow(allow(OPERATOR, root_in=ANSWERING), ANSWERS),),
    fields=(
        ref("ward_round", "查房", "Ward round", "ward_round", required=True, waits=True),
        ref("encounter", "在院病人", "In-patient", "encounter", waits=True),
        code("bed_listed", "在册床号", "Bed listed", required=True),
        code("bed_observed", "实际床号", "Bed observed"),
        choice("presence", "在床情况", "Presence", PRESENCES, required=True),
        choice("identity_method", "身份核验方式", "Identity method", IDENTITY_METHODS),
        integer("identity_score", "核验分值", "Identity score", 0, 1000, unit="permille"),
        choice("identity_fallback", "改用其他方式的原因", "Why another method", FALLBACKS),
        choice("absence_reason", "不在床原因", "Reason for absence", ABSENCE_REASONS),
        SLIP,
        choice("call_result", "电话核实", "Call result", CALL_RESULTS),
        instant("returned_at", "返回时间", "Returned at"),
        code("challenge", "验证码", "Challenge"),
        ref("operator", "陪同人员", "Ward staff present", "user"),
        choice("admission_need", "住院必要性", "Need of admission", NEEDS_OF_ADMISSION),
        CARE_SEEN,
        PATIENT_ANSWERS,
        choice("conclusion", "初步结论", "Conclusion", CONCLUSIONS, right=CONCLUDING),
        position("position", "位置", "Position"),
        ref("media", "影像", "Media", "evidence", merge=UNION),
        text("answers", "患者答复", "Patient's answers"),
        text("observations", "诊疗核对", "Care seen against bill"),
        text("note", "备注", "Note"),
    ),
)
