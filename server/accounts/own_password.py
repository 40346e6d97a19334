"""Changing one's own password: who knows the present one does it, and every other browser is out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts import access_log, sessions
from server.accounts.choosing import chosen
from server.accounts.credentials import check_password
from server.storage import account_store, invitation_store

if TYPE_CHECKING:
    from server.wiring import Services
    from sync.merge import Record


def change(services: Services, user: Record, present: str, password: str, *, token: str) -> None:
    """Change a password and end every session but that of a token; raises WrongPassword, BadValue, WeakPassword."""
    login = str(user.values["login"])
    check_password(services, login, present)
    secret, ledger, now = chosen(password, login), services.ledger.id, services.now_ms()
    with services.engine.execution_options(immediate=True).begin() as connection:
        account_store.replace_of_user(connection, ledger, user=user.id, password=secret)
        invitation_store.end_all(connection, ledger, user.id, now)
    sessions.end_all(services, user.id, but=token)
    access_log.note(services, user.id, access_log.CHOSEN)
