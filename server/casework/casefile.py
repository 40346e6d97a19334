"""A case with all that belongs to it, as whoever decides on it sees it: loaded once, then handed to pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection

from schemas.drafting import Draft
from server.access import scope
from server.keys.vault import VaultSession
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, NotFound, VersionChanged
from sync.merge import Record

CASE, NOTICE, REPORT, EXTENSION, RECOVERY = (
    "rectification_case", "notice", "rectification_report", "extension", "recovery",
)  # fmt: skip
AT_AN_INSTITUTION = (NOTICE, REPORT, EXTENSION, RECOVERY)
RECORDS_MAX = 1_000
"""So many papers of an institution are looked through for one case, the newest."""


@dataclass(frozen=True)
class CaseFile:
    """A case, the inspection that it lies in, its findings and its papers, oldest first."""

    case: Record
    inspection: Record
    findings: tuple[Record, ...] = ()
    notices: tuple[Record, ...] = ()
    reports: tuple[Record, ...] = ()
    extensions: tuple[Record, ...] = ()
    recoveries: tuple[Record, ...] = ()

    def paper(self, record: str) -> Record:
        """Return a notice, report or extension of this case; raises NotFound."""
        for one in (*self.notices, *self.reports, *self.extensions):
            if one.id == record:
                return one
        raise NotFound(item=record)

    @property
    def amount_fen(self) -> int:
        """How much the findings come to."""
        return sum(int(one.values.get("amount_fen") or 0) for one in self.findings)

    @property
    def report(self) -> Record | None:
        """The newest report that was handed in."""
        return next((one for one in reversed(self.reports) if one.stage != "draft"), None)


def load(services: Services, user: str, case: str) -> CaseFile:
    """Return a case as a user may see it with what belongs to it; raises NotFound or Recused."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return within(connection, vault, user, case)


def holding(services: Services, user: str, paper: str) -> CaseFile:
    """Return the case that a notice, report or extension belongs to; raises NotFound or Recused."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [paper]).get(paper)
        if found is None or found.type not in AT_AN_INSTITUTION or "case" not in found.values:
            raise NotFound(item=paper)
        return within(connection, vault, user, str(found.values["case"]))


def within(connection: Connection, vault: VaultSession, user: str, case: str) -> CaseFile:
    """Return a case as a user may see it, read over one connection; raises NotFound or Recused."""
    found = _seen(connection, vault, user, (CASE,), TABLE.c.id == case)
    if not found:
        raise scope.missing(connection, vault.ledger, user, case)
    names = found[0].values.get("findings") or ()
    around = record_store.load(connection, vault, [found[0].root, *names])
    at = TABLE.c.root == str(found[0].values["institution"])
    papers = [
        one for one in _seen(connection, vault, user, AT_AN_INSTITUTION, at) if one.values.get("case") == case
    ]
    return CaseFile(
        case=found[0],
        inspection=around[found[0].root],
        findings=tuple(around[name] for name in names if name in around),
        notices=_of(papers, NOTICE),
        reports=_of(papers, REPORT),
        extensions=_of(papers, EXTENSION),
        recoveries=_of(papers, RECOVERY),
    )


def _seen(
    connection: Connection, vault: VaultSession, user: str, kinds: tuple[str, ...], where: ColumnElement[bool]
) -> list[Record]:
    statement = scope.visible(connection, vault.ledger, user, *kinds).where(where)
    newest = statement.order_by(TABLE.c.version.desc()).limit(RECORDS_MAX)
    # By the entry that made each: ids of one millisecond stand in no order.
    return sorted(record_store.query(connection, vault, newest), key=lambda one: (one.acts[0].index, one.id))


def _of(papers: Iterable[Record], kind: str) -> tuple[Record, ...]:
    return tuple(one for one in papers if one.type == kind)


def rows_of(record: Record | None, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the rows of a report by their finding; what was erased of them is none."""
    found = record.values.get(name) or () if record is not None else ()
    return {str(one["finding"]): one for one in found if isinstance(one, Mapping)}


def check_version(record: Record, version: int) -> None:
    """Raise VersionChanged where a record moved since it was looked at."""
    if record.version != version:
        raise VersionChanged(item=record.id, version=record.version)


def check_stage(record: Record, *stages: str) -> None:
    """Raise BadTransition unless a record stands at one of these stages."""
    if record.stage not in stages:
        raise BadTransition(f"it is {record.stage}", item=record.id, field="stage")


def moved(record: Record, target: str, values: Mapping[str, Any] | None = None, **sets: Any) -> Draft:
    """Return the draft that takes a record from where it stands to a stage. sets: add= and remove= of set fields"""
    return stepped(record.type, record.id, str(record.stage), target, values, **sets)


def stepped(
    kind: str, record: str, source: str, target: str, values: Mapping[str, Any] | None = None, **sets: Any
) -> Draft:
    """Return the draft of a step from one stage to the next, with what is written beside it."""
    step = {"stage": {"from": source, "to": target}}
    return Draft("edit", kind, record, {**(values or {}), **step}, **sets)
