"""A passkey: the public key by which its owner's decisions are checked, from its registration to its removal.

It stands in the ledger so that whoever audits it needs no other table. Its name stays out: people write in it whose
telephone it is.
"""

from schemas.declare import Edge, RecordType, Stage, allow, choice, digest, key, ref

ACTIVE, REMOVED = "active", "removed"
REASONS = {
    "own": ("本人删除", "Removed by its owner"),
    "reset": ("管理员重置", "Reset by an administrator"),
}
ADMIN = allow("machine", "admin")

TYPE = RecordType(
    name="passkey",
    zh="通行密钥",
    en="Passkey",
    create=allow("machine"),
    edit=ADMIN,
    scope="user",
    synced=False,
    fields=(
        ref("user", "使用人", "User", "user", required=True, waits=True),
        digest("credential", "凭据标识摘要", "Digest of the credential id", required=True, right=allow()),
        key("public_key", "公钥", "Public key", required=True, right=allow()),
        digest("site", "站点摘要", "Digest of the site's host", required=True, right=allow()),
        choice("reason", "停用原因", "Removed because", REASONS),
    ),
    stages=(Stage(ACTIVE, "在用", "Active"), Stage(REMOVED, "已删除", "Removed")),
    edges=(Edge(ACTIVE, REMOVED, ADMIN),),
    columns=("stage", "user", "credential", "reason"),
)
