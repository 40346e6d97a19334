"""On which basis personal data may be erased: codes that stand in the ledger for ever, and are never renamed."""

from collections.abc import Mapping

BASES: Mapping[str, tuple[str, str]] = {
    "person_request": ("个人请求删除", "Request of the person concerned"),
    "consent_withdrawn": ("撤回同意", "Consent withdrawn"),
    "purpose_over": ("处理目的已实现", "Purpose achieved, or no longer to be achieved"),
    "retention_over": ("保存期限届满", "Retention period over"),
    "unlawful_collection": ("违法收集", "Collected unlawfully"),
    "collected_by_mistake": ("误收集", "Collected by mistake"),
    "court_order": ("法院或上级决定", "Order of a court or a superior authority"),
    "restored": ("恢复备份后重新抹除", "Erased before, and brought back by a backup"),
}
"""Article 47 of the Personal Information Protection Law names the first five, in other words."""
OVERRIDING = frozenset({"court_order"})
"""Bases on which even what is evidence in a proceeding that is not over is erased."""
SERVERS = frozenset({"restored"})
"""Bases that nobody can name: the server states them itself."""
