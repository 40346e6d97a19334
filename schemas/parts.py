"""Parts that several record types share: signatures, files, contact persons, and the words they use."""

from collections.abc import Mapping
from typing import Any

from schemas.declare import (
    FILE_KEY,
    NAME,
    UNION,
    Field,
    Need,
    choice,
    digest,
    group,
    instant,
    integer,
    key,
    ref,
    text,
)

FILE_BYTES_MAX = 20 * 1024**3
MEDIA_TYPES: Mapping[str, tuple[str, str]] = {
    "image/jpeg": ("照片", "Photo"),
    "image/png": ("图片", "Image"),
    "image/heic": ("照片", "Photo"),
    "application/pdf": ("扫描件", "Scan"),
    "audio/mp4": ("录音", "Audio"),
    "video/mp4": ("录像", "Video"),
}
SIGNERS = {
    "officer": ("检查人员", "Officer"),
    "party": ("被检查人", "Inspected party"),
    "interviewee": ("被询问人", "Person asked"),
    "recorder": ("记录人", "Recorder"),
    "witness": ("见证人", "Witness"),
}
SIGNED = {
    "signed": ("已签名", "Signed"),
    "refused": ("拒绝签名", "Refused to sign"),
    "unable": ("无法签名", "Unable to sign"),
}
STATEMENTS = {
    "agrees": ("无异议", "Agrees"),
    "disputes": ("有异议", "Disputes"),
    "silent": ("未作陈述", "No statement"),
}
POSTS = {
    "head": ("负责人", "Head"),
    "insurance_office": ("医保办", "Insurance office"),
    "finance": ("财务", "Finance"),
    "contact": ("联系人", "Contact"),
    "other": ("其他", "Other"),
}


def signatures(name: str, zh: str, en: str, **more: Any) -> Field:
    """Who signed, or that somebody would not: a refusal names a witness or the item that shows it."""
    parts = (
        choice("signer", "签名人", "Signer", SIGNERS, required=True),
        text("name", "姓名", "Name", chars_max=60, masked=NAME, required=True),
        choice("outcome", "结果", "Outcome", SIGNED, required=True),
        instant("at", "时间", "At"),
        text("reason", "理由", "Reason", chars_max=500),
        text("witness", "见证人姓名", "Witness's name", chars_max=60, masked=NAME),
        ref("shown_by", "影像", "Shown by", "evidence"),
    )
    proven = Need("outcome", ("refused", "unable"), ("witness", "shown_by"), any_of=True)
    return group(name, zh, en, parts, needs=(proven,), merge=UNION, **more)


def files(name: str, zh: str, en: str, **more: Any) -> Field:
    """Files that were handed in with a record: what each is, and the key that opens it."""
    parts = (
        digest("digest", "原件摘要", "Digest", required=True),
        integer("size", "大小", "Size", 0, FILE_BYTES_MAX, unit="bytes", required=True),
        choice("media_type", "媒体类型", "Media type", MEDIA_TYPES, required=True),
        digest("cipher_digest", "密文摘要", "Cipher digest", required=True),
        integer("cipher_size", "密文大小", "Cipher size", 0, 2 * FILE_BYTES_MAX, unit="bytes", required=True),
        key("file_key", "文件密钥", "File key", required=True),
    )
    return group(name, zh, en, parts, private=FILE_KEY, merge=UNION, **more)


def people(name: str, zh: str, en: str, **more: Any) -> Field:
    """Persons of an institution, and how to reach them."""
    parts = (
        text("name", "姓名", "Name", chars_max=60, masked=NAME, required=True),
        choice("post", "职务", "Post", POSTS, required=True),
        text("phone", "电话", "Phone", chars_max=40),
        text("email", "邮箱", "E-mail", chars_max=200),
    )
    return group(name, zh, en, parts, merge=UNION, **more)
