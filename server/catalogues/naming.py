"""Names and articles of findings as their inspections' frozen catalogues say them, for pages and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.catalogues import shipped, wording
from schemas.catalogues.content import Values
from schemas.records.finding import VIOLATIONS
from server.storage import catalogue_store
from sync.merge import Record


@dataclass(frozen=True, slots=True)
class Named:
    """A violation in words, by language (zh, en); basis: the article that the finding cites, as far as it is known."""

    violation: tuple[str, str]
    basis: tuple[str, str]

    def said(self, locale: str) -> tuple[str, str]:
        """Return (violation, basis) in a reader's language."""
        at = 0 if locale.startswith("zh") else 1
        return self.violation[at], self.basis[at]


def named(
    connection: Connection, ledger: int, findings: Iterable[Record], inspections: Mapping[str, Record]
) -> dict[str, Named]:
    """Return {finding: its words}; inspections: those that the findings lie in, by id.

    A code that no catalogue names is its own name; an article that was not verified says so.
    """
    every = list(findings)
    asked: dict[str, set[str]] = {}
    for each in every:
        asked.setdefault(_digest(each, inspections), set()).add(str(each.values["violation_code"]))
    rows = {digest: _rows(connection, ledger, digest, codes) for digest, codes in asked.items()}
    return {
        each.id: _named(each, rows[_digest(each, inspections)].get(each.values["violation_code"]))
        for each in every
    }


def _digest(finding: Record, inspections: Mapping[str, Record]) -> str:
    inspection = inspections.get(finding.root)
    return str(inspection.values.get("violations_digest", "")) if inspection else ""


def _rows(connection: Connection, ledger: int, digest: str, codes: set[str]) -> dict[str, Values]:
    if not digest:
        return {}
    kept = {
        code: rows[-1] for code, rows in catalogue_store.rows_of(connection, ledger, digest, codes).items()
    }
    content = shipped.by_digest(digest) if not kept else None
    return kept or ({code: row for code in codes if content and (row := content.row(code)) is not None})


def _named(finding: Record, row: Values | None) -> Named:
    code = str(finding.values["violation_code"])
    cited = str(finding.values.get("legal_basis") or "")
    if row is None:
        return Named(VIOLATIONS.get(code, (code, code)), (cited, cited))
    words = str(row["zh"]), str(row.get("en", row["zh"]))
    found = [one for one in row.get("basis", ()) if one["code"] == cited]
    basis = tuple(
        wording.basis_words({"basis": found}, language) if found else cited for language in ("zh", "en")
    )
    return Named(words, (basis[0], basis[1]))
