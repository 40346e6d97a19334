"""An assertion: what a passkey signed over the changes that stand right before it, which are one decision.

It is the last member of its act, and lies where the first item of the decision lies. What it signs is derived from the
entries (`sync.assertion`), never taken from here.
"""

from schemas.declare import RecordType, allow, instant, integer, key, ref

CHANGES_MAX = 999
"""Changes that one assertion covers: an act has no more."""
TYPE = RecordType(
    name="assertion",
    zh="签署",
    en="Assertion",
    # What each of them may decide, the records say that he decides on.
    create=allow("supervisor", "second_reviewer", "legal_reviewer", "leader"),
    edit=allow(),
    scope="about",
    synced=False,
    fields=(
        ref("about", "对象", "About", "any", required=True, waits=True),
        ref("passkey", "通行密钥", "Passkey", "passkey", required=True, waits=True),
        integer("count", "覆盖改动数", "Changes that it covers", 1, CHANGES_MAX, required=True),
        instant("asked_at", "请求签署时间", "Asked at", required=True),
        key("authenticator_data", "认证器数据", "Authenticator data", required=True),
        key("client_data", "客户端数据", "Client data", required=True),
        key("signature", "签名", "Signature", required=True),
    ),
    columns=("about", "passkey", "count", "asked_at"),
)
