"""A reminder that was handed to a channel: the proof of service (送达)."""

from schemas.declare import RecordType, allow, choice, code, digest, instant, integer, ref

RESULTS = {
    "sent": ("已发送", "Sent"),
    "failed": ("发送失败", "Failed"),
    "unknown": ("结果不明", "Unknown"),
}
CHANNELS = {"email": ("电子邮件", "E-mail")}

TYPE = RecordType(
    name="reminder",
    zh="催办提醒",
    en="Reminder",
    create=allow("machine"),
    edit=allow(),
    scope="case",
    fields=(
        ref("case", "整改", "Case", "rectification_case", required=True, waits=True),
        code("rung", "节点", "Rung", required=True),
        code("recipient", "接收人", "Recipient", required=True),
        choice("channel", "渠道", "Channel", CHANNELS, required=True),
        integer("due_version", "期限版本", "Deadline version", 1, 1000, required=True),
        instant("sent_at", "发送时间", "Sent at", required=True),
        choice("result", "结果", "Result", RESULTS, required=True),
        digest("message", "消息摘要", "Message digest", required=True),
    ),
)
