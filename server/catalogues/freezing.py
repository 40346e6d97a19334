"""Freezing: an inspection is planned and approved under one checklist and one violation catalogue, by digest.

Both are chosen when the inspection is created, and once more when it is approved; later versions do not
touch it. Every act of the desk comes by here, so nobody can plan an inspection and forget it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from schemas.catalogues import choosing, shipped
from schemas.catalogues.choosing import Listed
from schemas.catalogues.content import Catalogue
from schemas.drafting import Draft
from server.catalogues import holding
from server.keys.vault import VaultSession
from server.storage import catalogue_store, record_store
from sync.errors import NotAllowed, NotInCatalogue

if TYPE_CHECKING:
    from server.commit.submission import After, Result
    from server.wiring import Services

SERVERS = ("checklist", "checklist_digest", "violations", "violations_digest")
"""What nobody but this file writes."""
DECIDING = ("kind", "planned_on", "checklist_wanted", "institution")
"""What the choice depends on."""
APPROVED = "approved"
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Frozen:
    """Drafts with what holds filled in, and the shipped contents that must now be stored for as long as the ledger."""

    drafts: Sequence[Draft]
    contents: tuple[Catalogue, ...] = ()

    def before(self, ledger: int, after: After | None) -> After | None:
        """Return work for the commit's transaction: store the contents, then what the caller wants done."""
        if not self.contents:
            return after

        def both(connection: Connection, result: Result) -> None:
            for one in self.contents:
                catalogue_store.keep(connection, ledger, one)
            if after is not None:
                after(connection, result)

        return both


def frozen(services: Services, drafts: Sequence[Draft]) -> Frozen:
    """Return the drafts, those that plan or approve an inspection with what holds for it.

    Raises NotAllowed for a draft that names what is the server's to write, NotInCatalogue for a checklist
    that is asked for and does not hold.
    """
    if not any(_plans(draft) for draft in drafts):
        return Frozen(drafts)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        desk = _Desk(connection, vault, {})
        filled = [desk.fill(draft) for draft in drafts]
    named = {str(one.values[name]) for one in filled for name in SERVERS[1::2] if name in one.values}
    return Frozen(filled, tuple(one for key in sorted(named) if (one := shipped.by_digest(key)) is not None))


def _plans(draft: Draft) -> bool:
    return draft.type == "inspection" and draft.op in ("create", "edit")


@dataclass
class _Desk:
    """What is known while the drafts of one act are filled in; known: values of records that it makes itself."""

    connection: Connection
    vault: VaultSession
    known: dict[str, dict[str, Any]]
    candidates: list[Listed] = field(default_factory=list)

    def fill(self, draft: Draft) -> Draft:
        """Return the draft with what holds for the inspection that it plans."""
        values = dict(draft.values)
        if not _plans(draft):
            if draft.op == "create":
                self.known[draft.record] = values
            return draft
        for name in SERVERS:
            if name in values:
                raise NotAllowed(f"the server itself writes {name}", item=draft.record, field=name)
        before = {} if draft.op == "create" else self._values(draft.record)
        step = values.get("stage")
        to = step.get("to") if isinstance(step, Mapping) else None
        asked = draft.op == "create" or to == APPROVED or any(name in values for name in DECIDING)
        if asked and before.get("stage", "draft") == "draft":
            chosen = self._choose({**before, **values})
            values |= {name: now for name, now in chosen.items() if before.get(name) != now}
        self.known[draft.record] = {**before, **values, **({"stage": to} if to else {})}
        return replace(draft, values=values)

    def _values(self, record: str) -> dict[str, Any]:
        if record not in self.known:
            found = record_store.load(self.connection, self.vault, [record])
            self.known[record] = dict(found[record].values) if record in found else {}
        return self.known[record]

    def _choose(self, inspection: Values) -> dict[str, str]:
        """Return what holds on the planned day; nothing where the plan cannot be understood: the door will say so."""
        place = self._values(str(inspection.get("institution")))
        day, region, kind = (
            str(one) for one in (inspection.get("planned_on"), place.get("region"), place.get("kind"))
        )
        if not place.get("region"):
            return {}
        self.candidates = self.candidates or holding.listed(self.connection, self.vault)
        wanted = inspection.get("checklist_wanted")
        checklist = choosing.checklist(
            self.candidates,
            region=region,
            day=day,
            inspection_kind=str(inspection.get("kind")),
            institution_kind=kind,
            wanted=wanted,
        )
        if wanted and checklist is None:
            raise NotInCatalogue(f"no checklist {wanted} holds there on {day}", field="checklist_wanted")
        violations = choosing.violations(self.candidates, region=region, day=day)
        found = {"checklist": checklist, "violations": violations}
        return {
            name: text
            for noun, one in found.items()
            if one is not None
            for name, text in ((noun, one.code), (f"{noun}_digest", one.digest))
        }
