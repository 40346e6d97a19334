"""One item of on-site evidence (现场稽核取证): its file's digest is signed on the phone at capture."""

from schemas import parts
from schemas.declare import (
    NAME,
    UNION,
    Edge,
    Narrow,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    flag,
    instant,
    integer,
    key,
    position,
    ref,
    text,
)
from schemas.records import inspection
from schemas.records.ward_round import ANSWERING, RECORDING
from sync.rules import OPERATOR

KINDS = {
    "documentary": ("书证", "Documentary"),
    "physical": ("物证", "Physical"),
    "audio_visual": ("视听资料", "Audio-visual"),
    "electronic": ("电子数据", "Electronic data"),
    "witness": ("证人证言", "Witness"),
    "party_statement": ("当事人陈述", "Party statement"),
    "expert_opinion": ("鉴定意见", "Expert opinion"),
    "inspection_record": ("勘验、现场笔录", "Inspection record"),
}
FORMS = {
    "photo": ("照片", "Photo"),
    "audio": ("录音", "Audio"),
    "video": ("录像", "Video"),
    "copy": ("复印件", "Copy"),
    "export": ("电子数据导出", "Export of data"),
    "scene_record": ("现场检查笔录", "Scene record"),
    "inquiry_record": ("询问笔录", "Inquiry record"),
    "supplementary_record": ("补充笔录", "Supplementary record"),
    "stock_count": ("进销存盘点表", "Stock count"),
    "trace_code_scan": ("追溯码扫描", "Trace code scan"),
    "hold_list": ("先行登记保存清单", "List of a registered hold"),
    "service_slip": ("送达回证", "Service slip"),
}
SERVICE_SLIP = "service_slip"
WRITTEN = "application/json"
"""A record that was written on the phone: its words and signatures, from which its paper is made again and again."""
MEDIA_TYPES = {**parts.MEDIA_TYPES, WRITTEN: ("笔录正文", "Text of a record")}
FILE_STATES = {
    "declared": ("待上传", "Declared"),
    "partial": ("上传中", "Partial"),
    "verified": ("已核验", "Verified"),
    "corrupt": ("已损坏", "Corrupt"),
    "abandoned": ("已放弃", "Abandoned"),
}
FILE_BYTES_MAX = parts.FILE_BYTES_MAX
MEMBERS = allow("member", "lead", root_in=RECORDING)
EDITABLE = ("captured", "uploaded", "pending_review", "returned")
"""Stages in which what is said about an item may still change; a decision binds to what it saw."""
DESCRIBING = allow("member", "lead", root_in=RECORDING, own_in=EDITABLE)
VOIDING = allow("member", "lead", root_in=RECORDING, own_in=EDITABLE, anywhere=("supervisor",))
"""The team takes back what nobody has accepted yet; a supervisor voids in any stage, with a reason."""
MACHINE = allow("machine")
REVIEWER = allow("supervisor")
REOPENING = allow("supervisor", "second_reviewer")
"""A decision is taken back by its reviewer, or opened again by whoever looked a second time and disagrees."""
RECORDS = ("scene_record", "inquiry_record", "supplementary_record")
"""Written records: both officers are named, and who was inspected or asked signs or is recorded as refusing."""
STANDING = tuple(stage.name for stage in inspection.TYPE.stages if stage.name != "archived")
REVISING = allow(
    "member", "lead", "supervisor", "second_reviewer", root_in=(*STANDING, *ANSWERING, "concluded")
)
"""A returned item goes back to the reviewer by its team, or by the reviewer who takes the return back."""
FROZEN = allow("member", "lead", root_in=RECORDING, own_in=())
"""Written once, by the create; the bytes of evidence never change."""
CAPTURED = frozenset({
    "ward_round", "bed_check", "kind", "digest", "size", "media_type", "cipher_digest", "cipher_size", "file_key",
    "position", "note",
})  # fmt: skip
"""What whoever of the ward answers a called round may say of a picture: what it is, and of which bed."""
SLIP = frozenset({
    "inspection", "kind", "form", "slip_of", "digest", "size", "media_type", "cipher_digest", "cipher_size", "file_key",
    "position", "second_officer", "note",
})  # fmt: skip
"""What a photographed service slip says. A notice is served long after its inspection was signed: the slip adds nothing
to what was found, so the team may hand it in until the inspection is archived."""

TYPE = RecordType(
    name="evidence",
    zh="证据",
    en="Evidence",
    create=MEMBERS,
    edit=DESCRIBING,
    void=VOIDING,
    resolve=allow("lead"),
    scope="inspection",
    scope_else="ward_round",
    narrow=(
        Narrow(allow(OPERATOR, root_in=ANSWERING), CAPTURED),
        Narrow(allow("member", "lead", root_in=STANDING), SLIP, wants=frozenset({"form", "slip_of"})),
    ),
    lookup="cipher_digest",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", waits=True),
        choice("kind", "证据种类", "Kind", KINDS, required=True),
        choice("form", "证据形式", "Form", FORMS),
        ref("ward_round", "查房", "Ward round", "ward_round"),
        ref("bed_check", "床位核查", "Bed check", "bed_check"),
        digest("digest", "原件摘要", "Digest", required=True, right=FROZEN),
        integer("size", "大小", "Size", 0, FILE_BYTES_MAX, unit="bytes", required=True, right=FROZEN),
        choice("media_type", "媒体类型", "Media type", MEDIA_TYPES, required=True, right=FROZEN),
        digest("cipher_digest", "密文摘要", "Cipher digest", required=True, right=FROZEN),
        integer(
            "cipher_size",
            "密文大小",
            "Cipher size",
            0,
            2 * FILE_BYTES_MAX,
            unit="bytes",
            required=True,
            right=FROZEN,
        ),
        key("file_key", "文件密钥", "File key", private="file_key", required=True, right=FROZEN),
        instant("captured_from", "采集不早于", "Captured not before", right=MACHINE),
        instant("captured_until", "采集不晚于", "Captured not after", right=MACHINE),
        position("position", "位置", "Position", right=FROZEN),
        ref("second_officer", "同行检查员", "Second officer", "user"),
        ref("copy_of", "原件", "Copy of", "evidence"),
        ref("supersedes", "替换证据", "Supersedes", "evidence"),
        # The notice, or the case whose notice it is: a phone holds cases, and no notices.
        ref("slip_of", "送达文书或整改", "Slip of", "any", waits=True),
        text("original_place", "原件存放处", "Place of the original", chars_max=200),
        flag("verified_against_original", "与原件核对无误", "Verified against the original"),
        day("verified_on", "核对日期", "Verified on"),
        code("trace_codes", "追溯码", "Trace codes", "trace", merge=UNION),
        text("person", "被询问人", "Person asked", chars_max=60, masked=NAME),
        flag("rights_told", "已告知权利义务", "Rights told"),
        parts.signatures("signatures", "签名", "Signatures"),
        text("note", "说明", "Note"),
        choice("file_state", "文件状态", "File state", FILE_STATES, right=MACHINE),
    ),
    needs=(
        Need("form", RECORDS, ("second_officer", "signatures")),
        Need("form", ("inquiry_record",), ("person", "rights_told")),
        Need("form", ("copy",), ("original_place",)),
        Need("form", ("trace_code_scan",), ("trace_codes",)),
        Need("form", ("service_slip",), ("slip_of",)),
        Need("verified_against_original", (True,), ("original_place", "verified_on")),
    ),
    stages=(
        Stage("captured", "已采集", "Captured"),
        Stage("uploaded", "已上传", "Uploaded"),
        Stage("pending_review", "待审核", "Pending review"),
        Stage("approved", "已通过", "Approved"),
        Stage("returned", "已退回", "Returned"),
        Stage("rejected", "不予采用", "Rejected"),
        Stage("superseded", "已被替换", "Superseded"),
    ),
    edges=(
        Edge("captured", "uploaded", MACHINE),
        Edge("uploaded", "pending_review", MACHINE),
        Edge("pending_review", "approved", REVIEWER),
        Edge("pending_review", "returned", REVIEWER),
        Edge("pending_review", "rejected", REVIEWER),
        Edge("approved", "pending_review", REOPENING, forward=False),
        Edge("returned", "pending_review", REVISING, forward=False),
        Edge("rejected", "pending_review", REOPENING, forward=False),
        Edge("approved", "superseded", REVIEWER),
    ),
    columns=("stage", "kind", "form", "media_type", "size", "captured_from", "captured_until", "file_state"),
)
