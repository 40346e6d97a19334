"""What the machine proposes: a sanction for a case that is overdue; a person alone decides."""

from __future__ import annotations

import contextlib

from schemas.drafting import Draft
from server.commit.acts import MACHINE, act, new_id
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import NotFound, RecordExists
from sync.ids import named_id

NAMED = "wardledger machine sanction"
OPEN = ("proposed", "told_party", "legal_reviewed")


def propose_by_machine(
    services: Services,
    case: str,
    *,
    level: str,
    reasons: str,
    by: str,
    measures: tuple[str, ...] = (),
    cause: str = "",
) -> str:
    """Propose an agreement's sanction for a case, and return its id; one that is proposed already stays the only one.

    level: of the six; by: `ladder` or `bulletin`; measures: such as `settlement_suspension`; cause: what it follows
    from, such as a bulletin: for one cause a case has one proposal, however many schedulers propose. Raises NotFound
    """
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [case]).get(case)
        if found is None or found.type != "rectification_case":
            raise NotFound(item=case)
        lying = selected(services.ledger.id, "sanction").where(
            TABLE.c.parent == case, TABLE.c.stage.in_(OPEN)
        )
        for one in record_store.query(connection, vault, lying.order_by(TABLE.c.id)):
            if one.values.get("proposed_by") == by and one.values.get("level") == level:
                return one.id
    values = {
        "case": case,
        "institution": found.values["institution"],
        "track": "agreement",
        "level": level,
        "proposed_by": by,
        "reasons": reasons,
    }
    add = {"findings": list(found.values.get("findings") or ()), "measures": list(measures)}
    # Named by its cause: whoever else proposes for the same one meets a record that is there.
    key = named_id(NAMED, case, f"{by} {level} {cause}") if cause else new_id(services)
    made = Draft("create", "sanction", key, values, add={name: some for name, some in add.items() if some})
    with contextlib.suppress(RecordExists):
        act(services, [made], user=MACHINE)
    return key
