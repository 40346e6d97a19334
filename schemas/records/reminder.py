"""A reminder that was handed to a channel: the proof of service (送达)."""

from schemas.declare import RecordType, allow, choice, code, digest, instant, integer, ref, text

RESULTS = {
    "sent": ("已发送", "Sent"),
    "delivered": ("已送达", "Delivered"),
    "acknowledged": ("已确认", "Acknowledged"),
    "failed": ("发送失败", "Failed"),
    "unknown": ("结果不明", "Unknown"),
}
CHANNELS = {
    "email": ("电子邮件", "E-mail"),
    "sms": ("短信", "SMS"),
    "wecom": ("企业微信", "WeCom"),
    "dingtalk": ("钉钉", "DingTalk"),
    "webhook": ("业务系统", "Webhook"),
    "in_app": ("站内消息", "In the application"),
}
ADDRESSEES = {
    "institution_contact": ("机构联系人", "Institution contact"),
    "institution_head": ("机构负责人", "Head of the institution"),
    "inspector": ("稽核员", "Inspector"),
    "supervisor": ("稽核主管", "Supervisor"),
    "county_supervisor": ("县级主管", "County supervisor"),
    "city_supervisor": ("市级主管", "City supervisor"),
    "leader": ("负责人", "Leader"),
}
MENDINGS = {
    "resent": ("重新发送", "Sent again"),
    "arrived": ("确认已收到", "Known to have arrived"),
    "given_up": ("不再发送", "Given up"),
}
MENDING_REASON_CHARS_MAX = 500
FOLLOWING = allow("machine")
"""What the channel reports afterwards; all else about a reminder stands as it was sent."""
MENDING = allow("supervisor")
"""What a person decides about a message that failed, or of which nobody knows."""

TYPE = RecordType(
    name="reminder",
    zh="催办提醒",
    en="Reminder",
    create=allow("machine"),
    edit=allow(),
    scope="case",
    fields=(
        # A rectification case, or a petition.
        ref("case", "事项", "Case", "any", required=True, waits=True),
        code("rung", "节点", "Rung", "rung", required=True),
        code("recipient", "接收人", "Recipient", required=True),
        choice("addressee", "接收角色", "Addressee", ADDRESSEES),
        choice("channel", "渠道", "Channel", CHANNELS, required=True),
        integer("due_version", "期限版本", "Deadline version", 1, 1000, required=True),
        instant("sent_at", "发送时间", "Sent at", required=True),
        choice("result", "结果", "Result", RESULTS, required=True, right=FOLLOWING),
        instant("delivered_at", "送达时间", "Delivered at", right=FOLLOWING),
        instant("acknowledged_at", "确认时间", "Acknowledged at", right=FOLLOWING),
        code("failure", "失败原因", "Failure", right=FOLLOWING),
        digest("message", "消息摘要", "Message digest", required=True),
        # Of a reminder that went within a digest, `message` is the digest of its own part.
        integer("joined", "合并条数", "Reminders in the message", 1, 1000),
        digest("joined_in", "合并消息摘要", "Digest of the joined message"),
        choice("mending", "处理", "Mended by", MENDINGS, right=MENDING),
        text(
            "mending_reason",
            "处理理由",
            "Reason for it",
            chars_max=MENDING_REASON_CHARS_MAX,
            right=MENDING,
        ),
    ),
    columns=("rung", "addressee", "channel", "sent_at", "result", "delivered_at", "acknowledged_at"),
)
