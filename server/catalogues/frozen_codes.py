"""Codes of an inspection: findings and answers may use those of the catalogues that are frozen on it.

Checked outside the lock, before judging, and the fault stands in the change's item: judging stays pure
and replay takes the recorded outcome. Nothing can come between: once an inspection is approved its digests
never change, and a content never changes under its digest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from schemas.catalogues import shipped
from schemas.records.finding import VIOLATIONS
from server.storage import catalogue_store, record_store
from sync.changes import Change, Fault, Item
from sync.errors import NotInCatalogue
from sync.merge import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from server.wiring import Services

Find = Callable[[Collection[str]], Mapping[str, Record]]
"""Returns those of some records that there are, by id."""


@dataclass(frozen=True)
class Rule:
    """A field whose codes are those of a content that the inspection names in `digest`.

    built_in: what counts where it names none
    """

    field: str
    digest: str
    built_in: frozenset[str]


RULES: Mapping[str, Rule] = {
    "finding": Rule("violation_code", "violations_digest", frozenset(VIOLATIONS)),
    "checklist_answer": Rule("item", "checklist_digest", frozenset()),
}
"""By record type; each lies in an inspection, which is its scope root."""


def checked(services: Services, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items, with a fault on each that uses a code which the inspection's catalogue does not have.

    A change whose record or inspection is not known here is left to judging: it will be held or refused.
    """
    asked = _asked(items)
    if not asked:
        return tuple(items)
    with services.database.reading() as connection:
        ledger = services.ledger.id
        vault = services.vault.session(connection, ledger)

        def places(ids: Collection[str]) -> Mapping[str, Record]:
            return record_store.places(connection, ledger, ids)

        def load(ids: Collection[str]) -> Mapping[str, Record]:
            return record_store.load(connection, vault, ids)

        return _checked(connection, ledger, items, asked, places=places, load=load)


def checked_among(
    connection: Connection, ledger: int, items: Sequence[Item], records: Mapping[str, Record]
) -> tuple[Item, ...]:
    """Return the same for changes whose records and inspections, where they are there, are among `records`."""
    asked = _asked(items)

    def among(ids: Collection[str]) -> Mapping[str, Record]:
        return {key: records[key] for key in ids if key in records}

    return _checked(connection, ledger, items, asked, places=among, load=among) if asked else tuple(items)


def _asked(items: Sequence[Item]) -> dict[int, Rule]:
    return {n: rule for n, item in enumerate(items) if (rule := _rule(item)) is not None}


def _checked(
    connection: Connection,
    ledger: int,
    items: Sequence[Item],
    asked: Mapping[int, Rule],
    *,
    places: Find,
    load: Find,
) -> tuple[Item, ...]:
    roots = _inspections(items, asked, places)
    known = {
        c.record: _plain(c) for i in items if (c := i.change) and c.type == "inspection" and c.op == "create"
    }
    # What the ledger holds outweighs a create under its id, which will be refused.
    known |= {key: one.values for key, one in load(set(roots.values())).items()}
    found = list(items)
    for n, rule in asked.items():
        inspection = known.get(roots.get(n, ""))
        change = items[n].change
        if inspection is None or change is None:
            continue
        code = str(change.set[rule.field])
        digest = inspection.get(rule.digest)
        if not _holds(connection, ledger, rule, digest, code):
            found[n] = replace(items[n], fault=_fault(rule, digest, code))
    return tuple(found)


def _rule(item: Item) -> Rule | None:
    change = item.change
    if change is None or item.fault or change.op not in ("create", "edit", "resolve"):
        return None
    rule = RULES.get(change.type)
    return rule if rule is not None and rule.field in change.set else None


def _plain(change: Change) -> Mapping[str, Any]:
    return {name: value for name, (value, _) in change.sets().items()}


def _inspections(items: Sequence[Item], asked: Mapping[int, Rule], places: Find) -> dict[int, str]:
    """Return {item's number: its inspection}, from the create in the same batch or from the ledger."""
    made = {c.record: str(c.set.get("inspection")) for i in items if (c := i.change) and c.op == "create"}
    changes = {n: change for n in asked if (change := items[n].change) is not None}
    there = places({c.record for c in changes.values()})
    known = {**made, **{key: place.root for key, place in there.items()}}
    return {n: known[change.record] for n, change in changes.items() if change.record in known}


def _holds(connection: Connection, ledger: int, rule: Rule, digest: str | None, code: str) -> bool:
    if digest is None:
        return code in rule.built_in
    if catalogue_store.rows_of(connection, ledger, digest, [code]):
        return True
    if catalogue_store.header(connection, ledger, digest) is not None:
        return False
    content = shipped.by_digest(digest)
    # A content that is nowhere is the operator's to restore (the audit names it), not the inspector's fault.
    return content is None or content.row(code) is not None


def _fault(rule: Rule, digest: str | None, code: str) -> Fault:
    frozen = f"the catalogue {digest[:8]} frozen on this inspection" if digest else "what is built in"
    return Fault(NotInCatalogue.code, f"{code} is not in {frozen}", rule.field)
