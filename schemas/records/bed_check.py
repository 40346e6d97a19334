"""One bed in a ward round. Two checks of one bed are two events; the verdict is derived, never stored."""

from schemas.declare import (
    UNION,
    RecordType,
    allow,
    choice,
    code,
    instant,
    integer,
    position,
    ref,
    text,
)
from schemas.records.inspection import OPEN_STAGES

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

TYPE = RecordType(
    name="bed_check",
    zh="床位核查",
    en="Bed check",
    create=allow("member", "lead", root_in=OPEN_STAGES),
    edit=allow("member", "lead", root_in=OPEN_STAGES),
    void=allow("member", "lead", root_in=OPEN_STAGES),
    resolve=allow("lead"),
    scope="ward_round",
    fields=(
        ref("ward_round", "查房", "Ward round", "ward_round", required=True, waits=True),
        ref("encounter", "在院病人", "In-patient", "encounter", waits=True),
        code("bed_listed", "在册床号", "Bed listed", required=True),
        code("bed_observed", "实际床号", "Bed observed"),
        choice("presence", "在床情况", "Presence", PRESENCES, required=True),
        choice("identity_method", "身份核验方式", "Identity method", IDENTITY_METHODS),
        integer("identity_score", "核验分值", "Identity score", 0, 1000, unit="permille"),
        choice("absence_reason", "不在床原因", "Reason for absence", ABSENCE_REASONS),
        choice("call_result", "电话核实", "Call result", CALL_RESULTS),
        instant("returned_at", "返回时间", "Returned at"),
        choice("conclusion", "初步结论", "Conclusion", CONCLUSIONS),
        position("position", "位置", "Position"),
        ref("media", "影像", "Media", "evidence", merge=UNION),
        text("answers", "患者答复", "Patient's answers"),
        text("observations", "诊疗核对", "Care seen against bill"),
        text("note", "备注", "Note"),
    ),
)
