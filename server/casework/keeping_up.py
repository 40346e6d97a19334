"""Steps of a case that follow from what its institution did: the notice was acknowledged, a report was handed in.

An institution's user has no role over the case, which lies in the inspection; his own act moves notice and report,
and the server takes the case after it. What a crash left between the two, the scheduler's sweep takes up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from schemas.drafting import Draft
from server.casework import acknowledging, asking_party, statements
from server.casework.notices import ACKNOWLEDGED
from server.commit.acts import act
from server.storage import public_values
from server.storage.record_store import TABLE, load, query, selected
from server.wiring import Services
from sync.errors import VersionChanged
from sync.merge import Record

SWEEP_MAX = 50


def decide(case: Record, notices: Iterable[Record], reports: Iterable[Record]) -> list[Draft]:
    """Return the steps that a case is behind what its institution did; nothing where it is not.

    A report that was handed in acknowledges the notice too: whoever answers it has it.
    """
    submitted = any(one.stage == "submitted" for one in reports)
    acknowledged = any(one.stage == ACKNOWLEDGED and acknowledging.begins(case, one) for one in notices)
    return steps(case, acknowledged=acknowledged, submitted=submitted)


def steps(case: Record, *, acknowledged: bool, submitted: bool) -> list[Draft]:
    """Return the steps by which a case comes to where an acknowledged notice or a report takes it."""
    found = []
    stage = case.stage
    if stage == "notified" and (acknowledged or submitted):
        found.append(("notified", "rectifying"))
        stage = "rectifying"
    if stage == "rectifying" and submitted:
        found.append(("rectifying", "report_submitted"))
    return [
        Draft("edit", case.type, case.id, {"stage": {"from": source, "to": target}})
        for source, target in found
    ]


def settle(services: Services, case: str) -> bool:
    """Take a case as far as its institution has come, and return whether there was a step to take."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = load(connection, vault, [case]).get(case)
        if found is None:
            return False
        own = selected(services.ledger.id, "notice", "rectification_report")
        around = query(connection, vault, own.where(TABLE.c.parent == found.values["institution"]))
    mine = [one for one in around if one.values.get("case") == case]
    drafts = decide(
        found,
        [one for one in mine if one.type == "notice"],
        [one for one in mine if one.type == "rectification_report"],
    )
    if drafts:
        with contextlib.suppress(VersionChanged):
            # Somebody at the desk moved the case meanwhile; if a step is still due, the next sweep takes it.
            act(services, drafts, expect={found.id: found.version})
    return bool(drafts)


def hear(services: Services, finding: str) -> bool:
    """Note at a finding what its party stated, or that it did not by its last day; return whether it was due."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = load(connection, vault, [finding]).get(finding)
        if found is None:
            return False
        inspection = load(connection, vault, [found.root])[found.root]
        own = selected(services.ledger.id, "statement").where(
            TABLE.c.parent == inspection.values["institution"]
        )
        stated = query(connection, vault, own)
        drafts = statements.note(found, stated)
        drafts = drafts or asking_party.silence(found, stated, today=services.today())
    if drafts:
        with contextlib.suppress(VersionChanged):
            # The team moved it meanwhile; where it is still not heard, the next sweep notes it.
            act(services, drafts, expect={found.id: found.version})
    return bool(drafts)


def sweep(services: Services) -> int:
    """Settle the cases whose institutions acted last, for a crash between two acts; return how many had to move."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        acted = [
            one
            for kind, stage in (("notice", "acknowledged"), ("rectification_report", "submitted"))
            for one in query(
                connection,
                vault,
                selected(services.ledger.id, kind)
                .where(TABLE.c.stage == stage)
                .order_by(TABLE.c.version.desc())
                .limit(SWEEP_MAX),
            )
        ]
        known = load(connection, vault, {str(one.values["case"]) for one in acted if one.values.get("case")})
    behind = {
        one.values["case"]
        for one in acted
        if (case := known.get(str(one.values.get("case")))) is not None
        and case.stage in (("notified",) if one.type == "notice" else ("notified", "rectifying"))
    }
    return sum(settle(services, case) for case in sorted(behind)) + _hear_them(services) + _silent(services)


def _hear_them(services: Services) -> int:
    """Note what the newest statements say where their findings do not yet say so."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        newest = selected(services.ledger.id, "statement").order_by(TABLE.c.version.desc()).limit(SWEEP_MAX)
        stated = {str(one.values["finding"]) for one in query(connection, vault, newest)}
        waiting = [one.id for one in load(connection, vault, stated).values() if statements.is_unheard(one)]
    return sum(hear(services, finding) for finding in sorted(waiting))


def _silent(services: Services) -> int:
    """Note silence with the findings whose party was asked and whose last day is over; return how many."""
    with services.database.reading() as connection:
        until = public_values.text_in(connection, "answer_by")
        asked = selected(services.ledger.id, "finding").where(
            TABLE.c.stage == statements.PROPOSED, until < services.today().isoformat()
        )
        wanted = asked.with_only_columns(TABLE.c.id, maintain_column_froms=True).order_by(TABLE.c.id)
        over = list(connection.execute(wanted.limit(SWEEP_MAX)).scalars())
    return sum(hear(services, finding) for finding in over)
