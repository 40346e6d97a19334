"""One item of on-site evidence (现场稽核取证): its file's digest is signed on the phone at capture."""

from schemas.declare import (
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    digest,
    integer,
    key,
    position,
    ref,
    text,
)
from schemas.records.inspection import OPEN_STAGES

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
MEDIA_TYPES = {
    "image/jpeg": ("照片", "Photo"),
    "image/png": ("图片", "Image"),
    "image/heic": ("照片", "Photo"),
    "application/pdf": ("扫描件", "Scan"),
    "audio/mp4": ("录音", "Audio"),
    "video/mp4": ("录像", "Video"),
}
FILE_STATES = {
    "declared": ("待上传", "Declared"),
    "partial": ("上传中", "Partial"),
    "verified": ("已核验", "Verified"),
    "corrupt": ("已损坏", "Corrupt"),
    "abandoned": ("已放弃", "Abandoned"),
}
FILE_BYTES_MAX = 20 * 1024**3
MEMBERS = allow("member", "lead", root_in=OPEN_STAGES)
EDITABLE = ("captured", "uploaded", "pending_review", "returned")
"""Stages in which what is said about an item may still change; a decision binds to what it saw."""
DESCRIBING = allow("member", "lead", root_in=OPEN_STAGES, own_in=EDITABLE)
FROZEN = allow("member", "lead", root_in=OPEN_STAGES, own_in=())
"""Written once, by the create; the bytes of evidence never change."""

TYPE = RecordType(
    name="evidence",
    zh="证据",
    en="Evidence",
    create=MEMBERS,
    edit=DESCRIBING,
    void=DESCRIBING,
    resolve=allow("lead"),
    scope="inspection",
    lookup="cipher_digest",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        choice("kind", "证据种类", "Kind", KINDS, required=True),
        ref("ward_round", "查房", "Ward round", "ward_round"),
        ref("bed_check", "床位核查", "Bed check", "bed_check"),
        digest("digest", "原件摘要", "Digest", required=True, right=FROZEN),
        integer("size", "大小", "Size", 0, FILE_BYTES_MAX, unit="bytes", required=True, right=FROZEN),
        choice("media_type", "媒体类型", "Media type", MEDIA_TYPES, required=True, right=FROZEN),
        digest("cipher_digest", "密文摘要", "Cipher digest", required=True, right=FROZEN),
        integer("cipher_size", "密文大小", "Cipher size", 0, 2 * FILE_BYTES_MAX, required=True, right=FROZEN),
        key("file_key", "文件密钥", "File key", private="file_key", required=True, right=FROZEN),
        position("position", "位置", "Position", right=FROZEN),
        ref("second_officer", "同行检查员", "Second officer", "user"),
        ref("copy_of", "原件", "Copy of", "evidence"),
        text("original_place", "原件存放处", "Place of the original", chars_max=200),
        text("note", "说明", "Note"),
        choice("file_state", "文件状态", "File state", FILE_STATES, right=allow("machine")),
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
        Edge("captured", "uploaded", allow("machine")),
        Edge("uploaded", "pending_review", allow("machine")),
        Edge("pending_review", "approved", allow("supervisor")),
        Edge("pending_review", "returned", allow("supervisor")),
        Edge("pending_review", "rejected", allow("supervisor")),
        Edge("returned", "pending_review", MEMBERS, forward=False),
        Edge("approved", "superseded", allow("supervisor")),
    ),
)
