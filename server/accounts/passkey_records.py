"""Passkeys in the ledger: the public key is entered when one is made and when it goes: decisions are checked by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.drafting import Draft
from schemas.records.passkey import ACTIVE, REMOVED
from server.access.signed import PASSKEY, site_of
from server.commit.acts import MACHINE, act, new_id
from server.storage import passkey_store
from server.storage.passkey_store import Passkey
from sync.lines import b64u

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from server.commit.submission import Result
    from server.wiring import Services

OWN, RESET = "own", "reset"


def enter(services: Services, passkey: Passkey, host: str) -> None:
    """Enter a passkey's public key into the ledger; from there on its owner's decisions carry its assertion."""
    record = new_id(services)
    values = {
        "user": passkey.user,
        "credential": passkey.id,
        "public_key": b64u(passkey.public_key),
        "site": site_of(host),
    }

    def bind(connection: Connection, _: Result) -> None:
        passkey_store.bind(connection, services.ledger.id, passkey.id, record)

    act(services, [Draft("create", PASSKEY, record, values)], kind="setting", after=bind)


def end(services: Services, passkeys: Sequence[Passkey], *, reason: str, by: str = MACHINE) -> None:
    """Take passkeys away, in the ledger and in the table of those that sign in, both or neither.

    reason: OWN or RESET; by: the administrator who does it, "machine" for their owner and the command line
    """
    step = {"stage": {"from": ACTIVE, "to": REMOVED}, "reason": reason}
    drafts = [Draft("edit", PASSKEY, one.record, step) for one in passkeys if one.record is not None]

    def out(connection: Connection, _: Result | None = None) -> None:
        for one in passkeys:
            passkey_store.remove(connection, services.ledger.id, one.user, one.id, services.now_ms())

    if drafts:
        act(services, drafts, user=by, kind="setting", after=out)
        return
    with services.engine.execution_options(immediate=True).begin() as connection:
        out(connection)


__all__ = ["OWN", "RESET", "end", "enter"]
