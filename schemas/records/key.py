"""A public key of the ledger: since when it stood, and until when; the secret halves never leave their files."""

from schemas.declare import Edge, RecordType, Stage, allow, choice, code, digest, instant, key

PURPOSES = {
    "ledger": ("账本签名", "Signs the ledger"),
    "opening": ("开启变更集", "Opens change-sets"),
    "recovery": ("恢复账本", "Opens an epoch"),
}
ALGORITHMS = {
    "ed25519": ("Ed25519", "Ed25519"),
    "xwing": ("X-Wing", "X-Wing"),
    "x25519": ("X25519", "X25519"),
}

TYPE = RecordType(
    name="key",
    zh="密钥",
    en="Key",
    create=allow("machine"),
    edit=allow(),
    synced=False,
    lookup="digest",
    fields=(
        choice("purpose", "用途", "Purpose", PURPOSES, required=True),
        choice("algorithm", "算法", "Algorithm", ALGORITHMS, required=True),
        code("kid", "密钥标识", "Key id", required=True),
        key("public", "公钥", "Public key", required=True),
        digest("digest", "公钥摘要", "Digest of the public key", required=True),
        # What a key that came later has: since when it counts, and for a ledger key who introduced it.
        instant("since", "启用时间", "In use since", right=allow("machine")),
        digest("before", "前一密钥摘要", "Digest of the key that introduced it", right=allow("machine")),
        key("signature", "前一密钥的签名", "Signature of the key that introduced it", right=allow("machine")),
        instant("until", "计划停用时间", "To be retired at", right=allow("machine")),
        instant("ended", "停用时间", "Ended", right=allow("machine")),
    ),
    stages=(
        Stage("active", "在用", "Active"),
        Stage("retired", "已停用", "Retired"),
        Stage("compromised", "已泄露", "Compromised"),
    ),
    edges=(
        Edge("active", "retired", allow("machine")),
        Edge("active", "compromised", allow("machine")),
        Edge("retired", "compromised", allow("machine")),
    ),
)
