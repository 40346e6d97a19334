"""What a decision on a sanction says on paper, the same before it is committed and on any day after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from schemas.records import TYPES
from schemas.records.notice import SERVICE_METHODS
from server.access import may_see
from server.casework.notices import yuan
from server.console.pages.courses import DecisionPart
from server.console.pages.notices import DIFFERS, MATCHES
from server.documents.decision import TITLE, DecisionPaper, render
from server.documents.notice import ServiceSlip, digest_of
from server.queries.days import day_of
from server.queries.notice_paper import (
    CHINESE,
    articles_of,
    bureau_of,
    morning,
    named,
    named_then,
    whole,
)
from server.queries.origins import origins
from server.queries.reading import Reading
from server.queries.record_history import standing_at
from server.queries.record_values import said
from sync.errors import NotAllowed, NotFound
from sync.lines import INTEGER_MAX
from sync.merge import Record

FROZEN = ("decided_on", "decided_level", "decided_amount_fen", "decision_reasons")
"""What the decision wrote; an appeal may write some of it anew, and the paper goes on saying what was decided then."""


def one(reading: Reading, sanction: str) -> Record:
    """Return a sanction whose decision a reader may take away; raises NotFound, Recused or NotAllowed."""
    found = reading.one("sanction", sanction)
    if not may_see.private_fields(found, reading.roles_over(found)):
        raise NotAllowed("your role does not take decisions away", item=sanction)
    if not found.values.get("document"):
        raise NotFound("it has no document: it was not decided", item=sanction)
    return found


def decided_at(sanction: Record) -> int:
    """Return the entry by which a sanction's document was fixed; INTEGER_MAX before there is one."""
    found = [write.act.index for write in sanction.writes.get("document", ())]
    return found[0] if found else INTEGER_MAX


def paper_of(reading: Reading, sanction: Record) -> DecisionPaper:
    """Return what a decision said on the day it was made, whatever was renamed or changed by an appeal since."""
    index = decided_at(sanction)
    values = {name: standing_at(reading, TYPES["sanction"], sanction, name, index) for name in FROZEN}
    return paper_from(reading, sanction, {**values, "number": sanction.values["number"]}, index)


def paper_from(
    reading: Reading, sanction: Record, decided: Mapping[str, Any], index: int = INTEGER_MAX
) -> DecisionPaper:
    """Return the paper of a decision. decided: FROZEN and the number; index: by which names are read"""
    values = sanction.values
    institution, *_ = whole(reading, [values["institution"]])
    findings = sorted(whole(reading, values.get("findings") or ()), key=lambda finding: finding.id)
    amount = decided.get("decided_amount_fen")
    on = date.fromisoformat(str(decided["decided_on"]))
    return DecisionPaper(
        bureau=bureau_of(sanction.region),
        number=str(decided["number"]),
        institution=named_then(reading, institution, "name", index),
        code=str(institution.values["fixmedins_code"]),
        facts=_facts(reading, findings),
        articles=articles_of(reading, values.get("legal_basis") or (), findings),
        track=str(values["track"]),
        level=str(decided.get("decided_level") or ""),
        measures=tuple(values.get("measures") or ()),
        amount=yuan(int(amount)) if amount else "",
        person=said(sanction, "person", CHINESE),
        penalty_points=values.get("penalty_points"),
        period=(day_of(values, "period_from"), day_of(values, "period_until")),
        statement=str(values.get("statement_kind") or ""),
        heard_on=day_of(values, "heard_on"),
        reasons=str(decided["decision_reasons"]),
        decided_on=on,
        at=morning(reading, on),
        origin=reading.services.ledger.origin,
    )


def _facts(reading: Reading, findings: Sequence[Record]) -> tuple[str, ...]:
    told = named(reading, findings)
    return tuple(
        f"{number}. {names[0]}：{said(finding, 'facts', CHINESE)}"
        for number, (finding, names) in enumerate(told, start=1)
    )


def slip_of(reading: Reading, sanction: Record) -> ServiceSlip:
    """Return the service slip of a decision; persons sign by their own hand."""
    last = origins(reading, [sanction.version])[sanction.version]
    institution, *_ = whole(reading, [sanction.values["institution"]])
    method = SERVICE_METHODS.get(str(sanction.values.get("method")))
    return ServiceSlip(
        bureau=bureau_of(sanction.region),
        title=TITLE,
        number=str(sanction.values["number"]),
        institution=said(institution, "name", CHINESE),
        code=str(institution.values["fixmedins_code"]),
        at=int(last.received.timestamp()),
        entry=sanction.version,
        origin=reading.services.ledger.origin,
        method=method[0] if method else "",
        served_on=day_of(sanction.values, "served_on"),
    )


def part_of(reading: Reading, sanction: Record) -> DecisionPart | None:
    """Return the document of a decision for its page, None where there is none or the reader may not read it."""
    document = sanction.values.get("document")
    if not document or not may_see.private_fields(sanction, reading.roles_over(sanction)):
        return None
    fixed = digest_of(render(paper_of(reading, sanction)))
    return DecisionPart(
        number=str(sanction.values["number"]),
        document=str(document),
        paper=MATCHES if fixed == document else DIFFERS,
    )
