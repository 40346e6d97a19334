"""Dead letters: what a person decides about a message that failed, or of which nobody knows whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records.reminder import MENDING_REASON_CHARS_MAX, MENDINGS
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.reminders import standings
from server.reminders.channels import names
from server.reminders.ladder import Withholding, reason_to_withhold
from server.storage import outbox_store, record_store
from server.storage.outbox_store import DEAD, DELIVERED, QUEUED, UNKNOWN, Posted
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotFound, VersionChanged

RESENT, ARRIVED, GIVEN_UP = MENDINGS


@dataclass(frozen=True)
class Mending:
    """What somebody wants to be done about a row, and why."""

    act: str
    reason: str


def decide(row: Posted, wanted: Mending, overtaken: Withholding | None) -> str:
    """Return the state that a row gets by what a person wants of it; raises BadValue or BadTransition.

    overtaken: why its message would not be sent any more. Pure.
    """
    if wanted.act not in MENDINGS:
        raise BadValue(f"what is done is one of {', '.join(MENDINGS)}", field="act")
    if not 2 <= len(wanted.reason.strip()) <= MENDING_REASON_CHARS_MAX:
        raise BadValue(f"the reason has 2 to {MENDING_REASON_CHARS_MAX} characters", field="reason")
    if row.state not in DEAD or row.mended is not None:
        raise BadTransition("there is nothing to mend about it any more", item=row.id, field="act")
    if wanted.act == ARRIVED:
        if row.state != UNKNOWN:
            raise BadTransition(
                "the provider refused it, so it cannot have arrived", item=row.id, field="act"
            )
        return DELIVERED
    if wanted.act == GIVEN_UP:
        return row.state
    if overtaken is not None:
        raise BadTransition(f"it is no longer wanted: {overtaken}", item=row.id, field="act")
    return QUEUED


def mend(services: Services, by: str, row_id: str, wanted: Mending) -> Posted:
    """Do what somebody wants about a dead letter and enter it in the ledger; return the row as it stands then.

    Raises NotFound, BadValue, BadTransition, NotAllowed, Recused or VersionChanged and changes nothing.
    """
    ledger = services.ledger.id
    with services.database.reading() as connection:
        row = outbox_store.find(connection, ledger, row_id)
        if row is None:
            raise NotFound(item=row_id)
        state = decide(row, wanted, _overtaken(services, connection, row))
        record = record_store.places(connection, ledger, [row.record]).get(row.record) if row.record else None
    record_id = record.id if record is not None else _entered(services, row)

    def after(connection: Connection, result: Result) -> None:
        if not outbox_store.mend(connection, ledger, row, wanted.act, state=state, send_at=services.now_ms()):
            raise VersionChanged("somebody else has mended it meanwhile", item=row.id)

    values = {"mending": wanted.act, "mending_reason": wanted.reason.strip()}
    expect = {record_id: record.version} if record is not None else None
    act(services, [Draft("edit", "reminder", record_id, values)], user=by, expect=expect, after=after)
    with services.database.reading() as connection:
        mended = outbox_store.find(connection, ledger, row_id)
    assert mended is not None, "a row of the outbox is never removed"
    return mended


def _overtaken(services: Services, connection: Connection, row: Posted) -> Withholding | None:
    standing = standings.find(connection, services, row.key.case)
    if standing is None:
        return "closed"
    return reason_to_withhold(standing.deadline, row.key, services.now(), channels=names(services.config))


def _entered(services: Services, row: Posted) -> str:
    """Enter a message that a backup knew as waiting and of which nobody knows more; return its record."""
    record = new_id(services)
    values = {
        **row.key._asdict(),
        "sent_at": row.sent_at or row.send_at,
        "result": row.state,
        "message": row.message or "0" * 64,
    }

    def after(connection: Connection, result: Result) -> None:
        outbox_store.enter(connection, services.ledger.id, row, record)

    act(services, [Draft("create", "reminder", record, values)], kind="reminder", after=after)
    return record
