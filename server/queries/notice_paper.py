"""What a notice says on paper, as it stood when it was signed off, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from schemas import regions
from schemas.records import TYPES
from schemas.records.notice import NOTICE_TYPES, SERVICE_METHODS
from server.access import may_see
from server.casework.confirm import OnTheSpot
from server.catalogues import naming
from server.console import formats
from server.console.pages.notices import DIFFERS, MATCHES, UNFIXED, NoticePage
from server.documents.notice import NoticePaper, ServiceSlip, digest_of, render
from server.queries import people, slips
from server.queries.days import day_of
from server.queries.origins import Origin, origins
from server.queries.reading import Reading, moment
from server.queries.record_history import standing_at
from server.queries.record_values import said
from server.storage import record_store
from sync.errors import NotAllowed
from sync.lines import INTEGER_MAX
from sync.merge import Record

COUNTY_DIGITS = 6
SIGNED_OFF, ISSUED = "signed_off", "issued"
STEPS_AT_ONCE = 2
CHINESE = "zh_CN"


@dataclass(frozen=True)
class Sources:
    """Records that a paper is made of, whole: it says the same to whoever may have it at all."""

    notice: Record
    institution: Record
    drafter: Record | None
    case: Record | None
    at: Origin
    signed: bool


def one(reading: Reading, notice: str) -> Record:
    """Return a notice that a reader may take away; raises NotFound, Recused or NotAllowed."""
    found = reading.one("notice", notice)
    if not may_take(reading, found):
        raise NotAllowed("your role does not take notices away", item=notice)
    return found


def may_take(reading: Reading, notice: Record) -> bool:
    """Return whether a reader takes a notice away: whoever reads what it says."""
    return may_see.private_fields(notice, reading.roles_over(notice))


def paper_of(reading: Reading, notice: Record) -> NoticePaper:
    """Return what a notice says on paper as it stood at its sign-off; of a draft, as it stands now.

    Later changes of the institution's or an officer's name leave the paper of an earlier day as it was.
    """
    sources = _sources(reading, notice)
    values, index = notice.values, sources.at.index
    drafter, handed_on = sources.drafter, _handed_on(reading, notice)
    kind = str(values["type"])
    return NoticePaper(
        kind=kind,
        title=NOTICE_TYPES[kind][0],
        bureau=bureau_of(notice.region),
        number=str(values.get("number") or "") if sources.signed else "",
        institution=named_then(reading, sources.institution, "name", index)
        or str(sources.institution.values["fixmedins_code"]),
        code=str(sources.institution.values["fixmedins_code"]),
        facts=said(notice, "facts", CHINESE),
        articles=articles(reading, notice, sources.case),
        demands=said(notice, "demands", CHINESE),
        working_days=values.get("working_days"),
        contact=named_then(reading, drafter, "display_name", index) if drafter is not None else "",
        signed_on=handed_on or (_day(reading, sources.at) if sources.signed else None),
        at=morning(reading, handed_on) if handed_on else int(sources.at.received.timestamp()),
        entry=None if handed_on else index,
        origin=reading.services.ledger.origin,
    )


def morning(reading: Reading, on: date) -> int:
    """Return when a day begins at the ledger's place, in Unix seconds: a time that a paper knows before its entry."""
    return int(datetime.combine(on, time(), reading.services.config.zone).timestamp())


def handed_paper(reading: Reading, finding: Record, handed: OnTheSpot, on: date) -> NoticePaper:
    """Return what a notice will say that is handed over on the spot, before it is in the ledger; `paper_of` afterwards.

    finding: what it is about; on: the day of its issue
    """
    inspection, *_ = whole(reading, [finding.root])
    institution, *_ = whole(reading, [inspection.values["institution"]])
    drafter, *_ = whole(reading, [reading.user])
    kind = str(handed.values["type"])
    return NoticePaper(
        kind=kind,
        title=NOTICE_TYPES[kind][0],
        bureau=bureau_of(institution.region),
        number=handed.number,
        institution=named_then(reading, institution, "name", INTEGER_MAX),
        code=str(institution.values["fixmedins_code"]),
        facts=str(handed.values["facts"]),
        articles=articles_of(reading, handed.legal_basis, [finding]),
        demands=str(handed.values["demands"]),
        working_days=handed.values.get("working_days"),
        contact=named_then(reading, drafter, "display_name", INTEGER_MAX),
        signed_on=on,
        at=morning(reading, on),
        entry=None,
        origin=reading.services.ledger.origin,
    )


def _handed_on(reading: Reading, notice: Record) -> date | None:
    """Return the day of a notice that was made and issued in one act with its digest; None for any other.

    Its issue is then the second entry after its making, and was received with it.
    """
    made = notice.acts[0].index
    issued = [write.act.index for write in notice.writes.get("stage", ()) if write.value == ISSUED]
    if not issued or not notice.values.get("document") or issued[0] - made != STEPS_AT_ONCE:
        return None
    both = origins(reading, [made, issued[0]])
    if both[made].received != both[issued[0]].received:
        return None
    return date.fromisoformat(str(notice.values["issued_on"]))


def slip_of(reading: Reading, notice: Record) -> ServiceSlip:
    """Return a notice's service slip, with what is known of the service; persons sign by their own hand."""
    sources = _sources(reading, notice)
    last = origins(reading, [notice.version])[notice.version]
    method = SERVICE_METHODS.get(str(notice.values.get("method")))
    acknowledged = notice.values.get("acknowledged_at")
    zone = reading.services.config.timezone
    return ServiceSlip(
        bureau=bureau_of(notice.region),
        title=NOTICE_TYPES[str(notice.values["type"])][0],
        number=str(notice.values.get("number") or ""),
        institution=said(sources.institution, "name", CHINESE),
        code=str(sources.institution.values["fixmedins_code"]),
        at=int(last.received.timestamp()),
        entry=notice.version,
        origin=reading.services.ledger.origin,
        method=method[0] if method else "",
        served_on=day_of(notice.values, "served_on"),
        due_on=_first_due(sources.case) if notice.values.get("served_on") else None,
        acknowledged=formats.moment(moment(acknowledged), zone, CHINESE) if acknowledged else "",
    )


def bureau_of(region: str) -> str:
    """Return the Chinese name of the bureau that serves a region."""
    return f"{regions.name(region[:COUNTY_DIGITS])}医疗保障局"


def notice_page(reading: Reading, record: str) -> NoticePage:
    """Return one notice with its state and whether its paper is still the one that was issued; raises NotFound."""
    notice = reading.one("notice", record)
    values = notice.values
    signed = signed_at(notice)
    made = origins(reading, [signed] if signed is not None else [])
    signer = made[signed] if signed is not None else None
    place = reading.named([values["institution"]]).get(values["institution"])
    case = _case(reading, notice)
    who = people.officers(
        reading, [notice.created_by, values.get("acknowledged_by"), signer.by if signer else None]
    )
    taken = may_take(reading, notice)
    return NoticePage(
        id=record,
        number=str(values.get("number") or ""),
        type=str(values["type"]),
        stage=str(notice.stage),
        institution=people.institution(place),
        case=case.id if case is not None else "",
        facts=said(notice, "facts", reading.locale),
        articles=articles(reading, notice, case),
        demands=said(notice, "demands", reading.locale),
        working_days=values.get("working_days"),
        drafted_by=who[notice.created_by].name,
        signed_by=who[signer.by].name if signer else "",
        signed_on=_day(reading, signer) if signer else None,
        issued_on=day_of(values, "issued_on"),
        method=str(values.get("method") or ""),
        served_on=day_of(values, "served_on"),
        received_by=formats.masked_name(str(values["received_by"])) if values.get("received_by") else "",
        acknowledged_at=moment(values["acknowledged_at"]) if values.get("acknowledged_at") else None,
        acknowledged_by=who[values["acknowledged_by"]].name if values.get("acknowledged_by") else "",
        replaces=str(values.get("replaces") or ""),
        document=str(values.get("document") or ""),
        paper=_fixed(reading, notice) if taken else UNFIXED,
        may_take=taken,
        receipt=str(values.get("receipt") or ""),
        slips=slips.parts_of(reading, case, notice),
    )


def _fixed(reading: Reading, notice: Record) -> str:
    """Return whether the paper made now is the one whose digest was fixed when it was issued."""
    wanted = notice.values.get("document")
    if not wanted:
        return UNFIXED
    return MATCHES if digest_of(render(paper_of(reading, notice))) == wanted else DIFFERS


def signed_at(notice: Record) -> int | None:
    """Return the entry by which a notice was signed off, None for a draft."""
    found = [write.act.index for write in notice.writes.get("stage", ()) if write.value == SIGNED_OFF]
    return found[0] if found else None


def articles(reading: Reading, notice: Record, case: Record | None) -> tuple[str, ...]:
    """Return the articles that a notice rests on, in Chinese as far as its findings' catalogues name them."""
    findings = whole(reading, case.values.get("findings") or ()) if case is not None else ()
    return articles_of(reading, notice.values.get("legal_basis") or (), findings)


def articles_of(reading: Reading, cited: Sequence[str], findings: Sequence[Record]) -> tuple[str, ...]:
    """Return cited articles in Chinese as far as the catalogues of some findings name them."""
    if not findings:
        return tuple(str(code) for code in cited)
    words = {str(one.values.get("legal_basis")): names[1] for one, names in named(reading, findings)}
    return tuple(sorted({words.get(str(code)) or str(code) for code in cited}))


def named(reading: Reading, findings: Sequence[Record]) -> list[tuple[Record, tuple[str, str]]]:
    """Return findings with the Chinese names of their violation and of its article."""
    visits = {each.id: each for each in whole(reading, {one.root for one in findings})}
    found = naming.named(reading.connection, reading.services.ledger.id, findings, visits)
    return [(one, found[one.id].said(CHINESE)) for one in findings]


def _sources(reading: Reading, notice: Record) -> Sources:
    signed = signed_at(notice)
    index = notice.version if signed is None else signed
    institution, *_ = whole(reading, [notice.values["institution"]])
    drafter = whole(reading, [notice.created_by])
    return Sources(
        notice=notice,
        institution=institution,
        drafter=drafter[0] if drafter else None,
        case=_case(reading, notice),
        at=origins(reading, [index])[index],
        signed=signed is not None,
    )


def _case(reading: Reading, notice: Record) -> Record | None:
    found = whole(reading, [notice.values["case"]]) if notice.values.get("case") else []
    return found[0] if found else None


def whole(reading: Reading, ids: Any) -> Sequence[Record]:
    """Return records by id as they are, for what a paper says of them: bodies, officers, articles."""
    return list(record_store.load(reading.connection, reading.vault, ids).values())


def named_then(reading: Reading, record: Record, field: str, index: int) -> str:
    """Return what a body or an officer was called by an entry of the ledger."""
    then = standing_at(reading, TYPES[record.type], record, field, index)
    return str(then) if then is not None else said(record, field, CHINESE)


def _day(reading: Reading, at: Origin) -> date:
    return at.received.astimezone(reading.services.config.zone).date()


def _first_due(case: Record | None) -> date | None:
    """Return the last day that service gave a case, before any extension."""
    return (
        (day_of(case.values, "first_due_on") or day_of(case.values, "due_on")) if case is not None else None
    )
