"""Who may go on an inspection: active inspectors whose certificate holds on its day and who are not recused; pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from server.accounts.credentials import ACTIVE
from server.casework.handover import INSPECTORS
from sync.merge import Record

LEADS = frozenset({"lead_inspector"})
OFFICERS_MIN = 2
"""Two officers with valid certificates before an inspection starts (医疗保障基金使用监督管理条例 art. 29)."""
NOT_INSPECTOR, NO_CERTIFICATE, EXPIRED, RECUSED = "not_inspector", "no_certificate", "expired", "recused"


def fault_of(user: Record, on: date, recused: Collection[str] = ()) -> str | None:
    """Return why a user may not go on an inspection of a day, by `inspection_marks.OFFICER_FAULTS`; None where he may.

    recused: users who keep away from its institution
    """
    values = user.values
    if user.stage != ACTIVE or not INSPECTORS & set(values.get("roles", ())):
        return NOT_INSPECTOR
    if not values.get("certificate"):
        return NO_CERTIFICATE
    if str(values.get("certificate_until", on.isoformat())) < on.isoformat():
        return EXPIRED
    return RECUSED if user.id in recused else None


def may_lead(user: Record) -> bool:
    """Return whether a user may lead an inspection."""
    return bool(LEADS & set(user.values.get("roles", ())))
