"""What a bundle is about: the records of a case, an inspection or an institution, as far as the taker reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from schemas.records import TYPES
from server.access import may_see, may_take, scope
from server.keys.vault import VaultSession
from server.queries.reading import Reading
from server.storage import record_store
from server.storage.record_store import TABLE
from sync.errors import BadValue, NotAllowed, NotFound, TooLarge
from sync.merge import Record

ABOUT = {"case": "rectification_case", "inspection": "inspection", "institution": "institution"}
"""What a bundle can be about, by its word in commands and addresses."""
LEFT_OUT = frozenset({"encounter", "conflict", "reminder"})
"""Records of patients who are not evidence, and what the machine derived or sent."""
ORIGINAL_BYTES_MAX = 2 * 1024**3
"""Originals in one bundle taken at the desk; more is taken at the command line, which has no such limit."""


@dataclass(frozen=True)
class Contents:
    """The records of a bundle. opened: ids of those whose private lines and originals are taken along, if private."""

    kind: str
    id: str
    records: Sequence[Record]
    private: bool = False
    opened: frozenset[str] = frozenset()


def whole(connection: Connection, vault: VaultSession, kind: str, record: str, *, private: bool) -> Contents:
    """Return everything about a record, as the operator of the machine takes it; raises NotFound or BadValue."""

    def every(*kinds: str) -> Select[Any]:
        return select(TABLE).where(TABLE.c.ledger == vault.ledger, TABLE.c.type.in_(kinds))

    records = _Finding(connection, vault, every).about(kind, record)
    return Contents(kind, record, records, private, frozenset(each.id for each in records if private))


def of_reader(reading: Reading, kind: str, record: str, *, private: bool) -> Contents:
    """Return what a reader may take away of a record: what he reaches, and private lines as far as his roles go.

    Raises NotFound outside his scope, BadValue for a kind that there is not, NotAllowed by his role, TooLarge.
    """
    ledger = reading.services.ledger.id

    def reached(*kinds: str) -> Select[Any]:
        return scope.reached(reading.connection, ledger, reading.user, *kinds)

    found = _Finding(reading.connection, reading.vault, reached)
    roles = reading.roles_over(found.one(kind, record))
    if not (may_take.private_part(roles) if private else may_take.public_part(roles)):
        raise NotAllowed("your role does not take this bundle away", item=record)
    records = found.about(kind, record)
    if not private:
        return Contents(kind, record, records)
    opened = [each for each in records if may_see.private_fields(each, reading.roles_over(each))]
    size = sum(int(each.values.get("size") or 0) for each in opened if each.type == "evidence")
    if size > ORIGINAL_BYTES_MAX:
        raise TooLarge(
            f"its originals have {size} bytes; take it at the command line", limit=ORIGINAL_BYTES_MAX
        )
    return Contents(kind, record, records, True, frozenset(each.id for each in opened))


@dataclass(frozen=True)
class _Finding:
    """Finds records through a select that reaches some types, and no further."""

    connection: Connection
    vault: VaultSession
    reach: Callable[..., Select[Any]]

    def one(self, kind: str, record: str) -> Record:
        if kind not in ABOUT:
            raise BadValue(f"a bundle is about one of {', '.join(ABOUT)}", field="kind")
        wanted = self.reach(ABOUT[kind]).where(TABLE.c.id == record)
        found = record_store.query(self.connection, self.vault, wanted)
        if not found:
            raise NotFound(f"there is no such {kind}", item=record)
        return found[0]

    def about(self, kind: str, record: str) -> list[Record]:
        found = self.one(kind, record)
        if kind == "case":
            return self._of_case(found)
        roots = [record]
        if kind == "institution":
            inside = self.reach("inspection").where(TABLE.c.parent == record)
            ids = inside.with_only_columns(TABLE.c.id).order_by(TABLE.c.id)
            roots += self.connection.execute(ids).scalars()
        place = found.values.get("institution")
        # Every visit names its institution: who may see the one may see the name of the other.
        named = record_store.load(self.connection, self.vault, [str(place)]).values() if place else ()
        return self._in_roots(roots) + list(named)

    def _in_roots(self, roots: Iterable[str]) -> list[Record]:
        kinds = sorted(TYPES.keys() - LEFT_OUT)
        inside = self.reach(*kinds).where(TABLE.c.root.in_(list(roots)))
        return list(record_store.query(self.connection, self.vault, inside.order_by(TABLE.c.id)))

    def _of_case(self, case: Record) -> list[Record]:
        """Return a case with its findings, their evidence, what was decided on them, and its own papers."""
        values = case.values
        findings = set(values.get("findings") or ())
        known = self._in_roots([case.root, str(values["institution"]), case.id])
        evidence = {key for each in known if each.id in findings for key in each.values.get("evidence") or ()}
        core = {case.id, case.root, str(values["institution"])} | findings | evidence

        def belongs(record: Record) -> bool:
            named = {record.values.get("case"), record.values.get("about")}
            return record.id in core or bool(named & core - {None})

        return [record for record in known if belongs(record)]
