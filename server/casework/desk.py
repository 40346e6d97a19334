"""What the desk does: load the state, let a pure function decide, hand the drafts to the door."""

from __future__ import annotations

from server.access import scope
from server.casework import confirm
from server.casework.confirm import Confirmation, NewIds
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.reminders import working_calendars
from server.storage import record_store
from server.wiring import Services
from sync.merge import Record


def load(services: Services, user: str, kind: str, record: str) -> tuple[Record, Record]:
    """Return (the record, its inspection) if the user may see it; raises NotFound or Recused otherwise."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        statement = scope.visible(connection, services.ledger.id, user, kind).where(
            record_store.TABLE.c.id == record
        )
        found = record_store.query(connection, vault, statement)
        if not found:
            raise scope.missing(connection, services.ledger.id, user, record)
        root = record_store.load(connection, vault, [found[0].root])
    return found[0], root[found[0].root]


def confirm_finding(services: Services, user: str, finding: str, wanted: Confirmation) -> Result:
    """Confirm a finding and open its rectification case; raises a Refusal and changes nothing otherwise."""
    item, inspection = load(services, user, "finding", finding)
    drafts = confirm.decide(
        user,
        wanted,
        item,
        inspection,
        calendar=working_calendars.of(services, item.region),
        today=services.today(),
        ids=NewIds(new_id(services), new_id(services)),
    )
    return act(services, drafts, user=user, expect={item.id: item.version, inspection.id: inspection.version})
