"""What the desk does: load the state, let a pure function decide, hand the drafts to the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from schemas.records.finding import VIOLATIONS
from server.access import party_accounts, scope
from server.casework import asking_party, casefile, confirm, notices, numbering
from server.casework.confirm import Confirmation, NewIds, OnTheSpot
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


def ask_party(services: Services, user: str, finding: str, *, working_days: int, version: int) -> Result:
    """Ask the party to state on a finding by a last day; raises what `asking_party.decide` does."""
    item, inspection = load(services, user, "finding", finding)
    with services.database.reading() as connection:
        has_account = party_accounts.has_any(
            connection, services.ledger.id, str(inspection.values["institution"])
        )
    draft = asking_party.decide(
        item,
        inspection,
        version=version,
        working_days=working_days,
        today=services.today(),
        calendar=working_calendars.of(services, item.region),
        has_account=has_account,
    )
    return act(
        services, [draft], user=user, expect={item.id: item.version, inspection.id: inspection.version}
    )


Paper = Callable[[Record, OnTheSpot, date], str]


def no_paper(_finding: Record, _handed: OnTheSpot, _on: date) -> str:
    """Return no digest: the notice's paper was made elsewhere."""
    return ""


def confirm_finding(
    services: Services, user: str, finding: str, wanted: Confirmation, *, paper: Paper = no_paper
) -> Result:
    """Confirm a finding, which opens its case or joins another; raises a Refusal and changes nothing otherwise.

    paper: returns the digest of the notice that was handed over, of (the finding, the notice, its day)
    """
    item, inspection = load(services, user, "finding", finding)
    if wanted.case is not None:
        return _into(services, user, wanted, item, inspection)
    if wanted.served_on is None:
        return _opened(services, user, wanted, item, inspection)
    said = notices.prefilled([item], wanted.working_days, violation_names([item]))
    on = wanted.served_on

    def opened(number: str) -> Result:
        handed = OnTheSpot(number, said.values, said.legal_basis)
        handed = replace(handed, document=paper(item, handed, on))
        return _opened(services, user, wanted, item, inspection, handed)

    return numbering.numbered(services, inspection.region, said.type, opened)


def _opened(
    services: Services,
    user: str,
    wanted: Confirmation,
    item: Record,
    inspection: Record,
    handed: OnTheSpot | None = None,
) -> Result:
    drafts = confirm.decide(
        user,
        wanted,
        item,
        inspection,
        calendar=working_calendars.of(services, item.region),
        today=services.today(),
        ids=NewIds(new_id(services), new_id(services), new_id(services)),
        handed=handed,
    )
    return act(services, drafts, user=user, expect={item.id: item.version, inspection.id: inspection.version})


def _into(services: Services, user: str, wanted: Confirmation, item: Record, inspection: Record) -> Result:
    file = casefile.load(services, user, str(wanted.case))
    drafts = confirm.decide_joining(
        user,
        wanted,
        item,
        inspection,
        file.case,
        notices=file.notices,
        today=services.today(),
        ids=NewIds(new_id(services), file.case.id),
    )
    seen = (item, inspection, file.case, *file.notices)
    return act(services, drafts, user=user, expect={one.id: one.version for one in seen})


def violation_names(findings: Sequence[Record]) -> dict[str, str]:
    """Return by finding what its violation is called in documents."""
    codes = {one.id: str(one.values["violation_code"]) for one in findings}
    return {record: VIOLATIONS[code][0] if code in VIOLATIONS else code for record, code in codes.items()}
