"""A re-admission: a named supervisor lets a change-set that was kept in quarantine into the ledger, and says why."""

from schemas.declare import RecordType, allow, code, digest, integer, ref, text

TYPE = RecordType(
    name="readmission",
    zh="重新采纳",
    en="Re-admission",
    create=allow("supervisor"),
    edit=allow(),
    scope="device",
    synced=False,
    fields=(
        ref("device", "设备", "Device", "device", required=True),
        digest("set", "变更集摘要", "Digest of its manifest", required=True),
        integer("seq", "变更集序号", "Number of the set", 1, required=True),
        digest("branch", "分支首集摘要", "First set of its branch"),
        code("code", "隔离原因", "Kept because", required=True),
        text("reason", "理由", "Reason", required=True, chars_max=500),
    ),
    columns=("device", "seq", "code", "branch"),
)
