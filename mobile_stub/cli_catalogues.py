"""What the command line shows of checklists and violations: data for scripts, a line each for people."""

from __future__ import annotations

from typing import Any

from mobile_stub.phone import Phone
from schemas.catalogues import wording
from schemas.catalogues.answers import DISPUTED, OPEN
from schemas.records.checklist_answer import ANSWERS

STATES = {**ANSWERS, OPEN: ("未答", "Open"), DISPUTED: ("答复不一致", "Disputed")}


def checklist(phone: Phone, inspection: str, text: str, *, as_data: bool) -> dict[str, Any]:
    """Return {item: how it stands} of an inspection's checklist; text: words that an item must hold."""
    found: dict[str, Any] = {}
    for one in phone.checklist(inspection, text):
        row = dict(one.row)
        if as_data:
            given = [{"record": each.record, "answer": each.answer} for each in one.answers]
            found[one.row["code"]] = {**row, "state": one.state, "settled": one.settled, "answers": given}
            continue
        zh, en = STATES[one.state]
        must = "" if one.settled else " *"
        looks_for = f" → {row['violation_code']}" if "violation_code" in row else ""
        found[one.row["code"]] = f"[{zh} {en}]{must} {row['zh']} · {row.get('en', '')}{looks_for}"
    return found


def violations(phone: Phone, inspection: str, text: str, *, as_data: bool) -> dict[str, Any]:
    """Return {code: names and articles} of the violations frozen on an inspection; unverified articles say so."""
    found: dict[str, Any] = {}
    for row in phone.violations(inspection, text):
        articles = {language: wording.basis_words(row, language) for language in ("zh", "en")}
        if as_data:
            found[row["code"]] = {**row, "basis_words": articles}
        else:
            found[row["code"]] = f"{row['zh']} · {row.get('en', '')} · {articles['zh']}"
    return found
