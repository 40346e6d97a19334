"""What becomes of a message after it was sent: the notice is acknowledged, or whoever got it has read it."""

from __future__ import annotations

import structlog
from sqlalchemy import Connection, select

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.submission import Result
from server.reminders.policies import SERVED
from server.storage import outbox_store, record_store, swept_store
from server.storage.outbox_store import ACKNOWLEDGED, DELIVERED, SENT, UNKNOWN, Posted
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import VersionChanged
from sync.merge import Record

SWEEP = "notices"
UNDELIVERED = "undelivered"
"""How the error of a text begins that its gateway took and its phone did not get."""
NOTICES_MAX = 200
"""So many notices are looked at in one tick; the others in the next."""
ON_THE_WAY = (SENT, DELIVERED, UNKNOWN)
log = structlog.get_logger()


def sweep(services: Services) -> int:
    """Mark the messages of service whose notices were acknowledged since the last look; return how many."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        since = swept_store.upto(connection, ledger, SWEEP)
        changed = (TABLE.c.ledger == ledger, TABLE.c.type == "notice", TABLE.c.version > since)
        newest = select(TABLE).where(*changed).order_by(TABLE.c.version, TABLE.c.id).limit(NOTICES_MAX)
        notices = record_store.query(connection, vault, newest)
    if not notices:
        return 0
    marked = sum(_acknowledge(services, notice) for notice in notices if notice.stage == ACKNOWLEDGED)
    last = notices[-1].version
    # A page that ends within one entry's notices looks at them again rather than passing over one.
    upto = last if len(notices) < NOTICES_MAX else last - 1
    with services.database.writing(ledger) as connection:
        swept_store.set_upto(connection, ledger, SWEEP, max(upto, since))
    return marked


def _acknowledge(services: Services, notice: Record) -> int:
    """Mark what told of a notice, once each; return how many."""
    case, at = notice.values.get("case"), notice.values.get("acknowledged_at")
    if case is None or at is None:
        return 0
    with services.database.reading() as connection:
        rows = outbox_store.of_case(connection, services.ledger.id, str(case))
    told = [
        row
        for row in rows
        if row.key.rung == SERVED
        and row.key.recipient == notice.values["institution"]
        and row.state in ON_THE_WAY
        and row.record is not None
    ]
    return sum(follow(services, row, ACKNOWLEDGED, int(at)) for row in told)


def follow(services: Services, row: Posted, state: str, at: int, failure: str = "") -> bool:
    """Enter that a message was delivered, acknowledged, or failed after all, in ledger and outbox or in neither.

    at: Unix ms, of a failure ignored; failure: the provider's code
    Returns False where somebody else entered something meanwhile.
    """
    assert row.record is not None, "what was sent stands in the ledger"

    def after(connection: Connection, result: Result) -> None:
        if not outbox_store.follow(
            connection, services.ledger.id, row, state, f"{UNDELIVERED} {failure}" if failure else None
        ):
            raise VersionChanged("the message was followed by somebody else", item=row.key.case)

    values = {"result": state, "failure": failure} if failure else {"result": state, f"{state}_at": at}
    try:
        act(services, [Draft("edit", "reminder", row.record, values)], kind="reminder", after=after)
    except VersionChanged:
        return False
    log.info("message followed", case=row.key.case, rung=row.key.rung, result=state)
    return True


def read(services: Services, row: Posted) -> bool:
    """Enter that whoever a message was addressed to has read it; return whether it was not entered before."""
    if row.state == ACKNOWLEDGED or row.record is None:
        return False
    return follow(services, row, ACKNOWLEDGED, services.now_ms())
