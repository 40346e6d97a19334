"""An enrolled phone: its keys, its user, and whether it may still sync."""

from schemas.declare import Edge, RecordType, Stage, allow, choice, code, integer, key, ref

KEMS = {"xwing": ("X-Wing", "X-Wing"), "x25519": ("X25519", "X25519")}
WIPES = {"after_upload": ("上传后擦除", "After the upload"), "now": ("立即擦除", "At once")}
"""When a lost phone is to erase itself: once its unsent work has left it, or at the next contact whatever it holds."""
REASONS = {
    "lost": ("遗失", "Lost"),
    "stolen": ("被盗", "Stolen"),
    "left_service": ("人员离岗", "User left the service"),
    "replaced": ("更换手机", "Replaced by another phone"),
    "broken": ("损坏", "Broken"),
    "misused": ("违规使用", "Misused"),
    "mistaken": ("误登记", "Enrolled by mistake"),
    "other": ("其他", "Other"),
}
"""Why a phone was shut out."""

TYPE = RecordType(
    name="device",
    zh="设备",
    en="Device",
    create=allow("machine"),
    edit=allow("machine", "admin"),
    scope="user",
    synced=False,
    fields=(
        ref("user", "使用人", "User", "user", required=True, waits=True),
        key("sign_key", "签名公钥", "Signing key", required=True),
        key("seal_key", "接收公钥", "Receiving key", required=True),
        choice("kem", "密钥封装", "KEM", KEMS, required=True),
        code("app", "应用版本", "App", required=True),
        ref("supersedes", "替换设备", "Supersedes", "device"),
        ref("chain", "设备链首", "First of its chain", "device", right=allow("machine")),
        integer("place", "链中位置", "Place in its chain", 0, 1000, right=allow("machine")),
        choice("wipe", "擦除命令", "Wipe order", WIPES),
        choice("reason", "停用原因", "Shut out because", REASONS),
    ),
    stages=(
        Stage("enrolled", "已注册", "Enrolled"),
        Stage("revoked", "已吊销", "Revoked"),
        Stage("lost", "已报失", "Lost"),
        Stage("superseded", "已被替换", "Superseded"),
        Stage("forked", "已分叉", "Forked"),
    ),
    edges=(
        Edge("enrolled", "revoked", allow("machine", "admin")),
        Edge("enrolled", "lost", allow("machine", "admin")),
        Edge("revoked", "lost", allow("machine", "admin")),
        Edge("lost", "revoked", allow("machine", "admin"), forward=False),
        Edge("enrolled", "forked", allow("machine")),
        Edge("forked", "revoked", allow("machine", "admin")),
        Edge("forked", "lost", allow("machine", "admin")),
        Edge("forked", "superseded", allow("machine")),
        Edge("enrolled", "superseded", allow("machine")),
        Edge("revoked", "superseded", allow("machine")),
        Edge("lost", "superseded", allow("machine")),
    ),
)
