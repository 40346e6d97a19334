"""The dossier of one institution (一个机构一本卷宗): its seven parts, what stands in each, and what is missing.

Everything is read from records and nothing is stored of it: a dossier is complete when the casework is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from schemas.declare import RecordType
from schemas.records import TYPES
from server.console.pages.institutions import (
    COMPLETE,
    MISSING,
    NOT_NEEDED,
    PARTS,
    DossierItem,
    DossierPart,
    Lack,
)
from server.evidence.picture import PICTURES
from server.queries.origins import origins
from server.queries.reading import TABLE, Reading
from server.queries.record_cells import title
from sync.merge import Record

ITEMS_MAX = 200
"""Items of a part that a dossier names; the rest is counted."""
RECORDS_MAX = 1_000
"""Records of a type that are looked through for one institution, the newest."""
BASIC = ("name", "uscc", "region", "kind", "contact_name", "contact_phone", "position")
AGREEMENT = ("agreement_number", "agreement_from", "agreement_until")
COUNTING_FINDINGS = ("confirmed", "in_case")
"""Findings that the evidence of a dossier must carry."""
KINDS = (
    "finding", "evidence", "interview", "notice", "rectification_case", "rectification_report", "sanction",
    "recovery", "appeal",
)  # fmt: skip
RECTIFICATION = ("rectification", "correction_order")
DECISIONS = ("sanction_decided",)
SERVED = ("served", "acknowledged")
REPORTED = ("submitted", "accepted", "returned")
DECIDED = ("decided", "served", "executing", "done")
REPORT_DUE = ("report_submitted", "verifying", "closed", "satisfied")
"""Stages of a case in which its report must have come."""
OVER = ("closed", "satisfied")


@dataclass(frozen=True)
class Dossier:
    """One institution with all that was recorded of it and that its reader may see. inspections: by id."""

    institution: Record
    inspections: Mapping[str, Record]
    by_type: Mapping[str, Sequence[Record]]
    more: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> Sequence[Record]:
        """Return its records of one type, oldest first."""
        return self.by_type.get(kind, ())

    @property
    def everything(self) -> list[Record]:
        """Return all its records, the institution first."""
        rest = [record for kind in sorted(self.by_type) for record in self.by_type[kind]]
        return [self.institution, *self.inspections.values(), *rest]


def gather(reading: Reading, institution: str) -> Dossier:
    """Return what a reader may see of an institution; raises NotFound outside his scope."""
    about = reading.one("institution", institution)
    here = reading.visible("inspection").where(TABLE.c.parent == institution)
    more: dict[str, int] = {}
    inspections = _newest(reading, here, more, "inspection")
    roots = [about.id, *(each.id for each in inspections)]
    found: dict[str, Sequence[Record]] = {}
    for kind in KINDS:
        within = TABLE.c.root.in_(roots)
        found[kind] = _newest(reading, reading.visible(kind).where(within), more, kind)
    return Dossier(about, {each.id: each for each in inspections}, found, more)


def _newest(reading: Reading, statement: object, more: dict[str, int], kind: str) -> list[Record]:
    newest = statement.order_by(TABLE.c.version.desc(), TABLE.c.id)  # type: ignore[attr-defined]
    found = reading.records(newest.limit(RECORDS_MAX))
    if len(found) == RECORDS_MAX:
        more[kind] = reading.count(statement) - RECORDS_MAX  # type: ignore[arg-type]
    return found[::-1]


def parts(reading: Reading, dossier: Dossier) -> tuple[DossierPart, ...]:
    """Return the seven parts in their order."""
    made = {
        "basic": _basic(reading, dossier),
        "certificates": _certificates(reading, dossier),
        "evidence": _evidence(dossier, reading.locale),
        "interviews": _interviews(dossier, reading.locale),
        "notices": _notices(dossier, reading.locale),
        "reports": _reports(dossier, reading.locale),
        "decisions": _decisions(dossier, reading.locale),
    }
    shown = {name: records[:ITEMS_MAX] for name, (records, _, _) in made.items()}
    times = origins(reading, {each.version for records in shown.values() for each in records})
    found = []
    for name in PARTS:
        records, lacks, needed = made[name]
        state = MISSING if lacks else COMPLETE if records or needed else NOT_NEEDED
        items = tuple(
            DossierItem(
                kind=each.type,
                id=each.id,
                title=title(TYPES[each.type], each, reading.locale),
                stage=str(each.stage or ""),
                at=times[each.version].received,
                index=each.version,
                digest=str(each.values.get("digest") or each.values.get("document") or ""),
                picture=each.type == "evidence"
                and each.values["media_type"] in PICTURES
                and each.values.get("file_state") == "verified",
            )
            for each in shown[name]
        )
        found.append(
            DossierPart(
                name=name, state=state, items=items, lacks=tuple(lacks), more=len(records) - len(items)
            )
        )
    return tuple(found)


Part = tuple[Sequence[Record], list[Lack], bool]
"""(records, what is missing, whether the part is needed at all)"""


def _unfilled(kind: RecordType, record: Record, names: Iterable[str], locale: str) -> list[Lack]:
    labels = {name: kind.by_name[name] for name in names if record.values.get(name) in (None, "")}
    return [Lack(code="field", about=each.zh if locale == "zh_CN" else each.en) for each in labels.values()]


def _basic(reading: Reading, dossier: Dossier) -> Part:
    record = dossier.institution
    return [record], _unfilled(TYPES["institution"], record, BASIC, reading.locale), True


def _certificates(reading: Reading, dossier: Dossier) -> Part:
    values = dossier.institution.values
    copies = [each for each in dossier.of("evidence") if each.values.get("form") == "copy"]
    if not any(values.get(name) for name in AGREEMENT):
        return copies, [Lack(code="no_agreement")], True
    lacks = _unfilled(TYPES["institution"], dossier.institution, AGREEMENT, reading.locale)
    until = values.get("agreement_until")
    if until and date.fromisoformat(until) < reading.today:
        lacks.append(Lack(code="agreement_over", about=until))
    return copies, lacks, True


def _evidence(dossier: Dossier, locale: str) -> Part:
    findings = [each for each in dossier.of("finding") if each.stage in COUNTING_FINDINGS]
    items = {each.id: each for each in dossier.of("evidence")}
    cited = [items[key] for each in findings for key in each.values.get("evidence") or () if key in items]
    shown = list({each.id: each for each in cited}.values())
    lacks = [_lack("no_evidence", each, locale) for each in findings if not each.values.get("evidence")]
    lacks += [
        _lack("file_missing", each, locale) for each in shown if each.values.get("file_state") != "verified"
    ]
    lacks += [
        _lack("not_approved", each, locale) for each in shown if each.stage not in ("approved", "superseded")
    ]
    return shown, lacks, bool(findings)


def _interviews(dossier: Dossier, locale: str) -> Part:
    called = [each for each in dossier.of("interview") if each.stage != "cancelled"]
    lacks = [
        _lack("not_held", each, locale) for each in called if each.stage in ("planned", "invited", "missed")
    ]
    lacks += [_lack("not_signed", each, locale) for each in called if each.stage == "held"]
    return called, lacks, bool(called)


def _notices(dossier: Dossier, locale: str) -> Part:
    notices = [each for each in dossier.of("notice") if each.values["type"] in RECTIFICATION]
    of_case = {each.values.get("case") for each in notices}
    cases = dossier.of("rectification_case")
    lacks = [_lack("no_notice", each, locale) for each in cases if each.id not in of_case]
    replaced = {each.values.get("replaces") for each in notices}
    standing = [each for each in notices if each.id not in replaced]
    lacks += [_lack("not_served", each, locale) for each in standing if each.stage not in SERVED]
    return notices, lacks, bool(cases)


def _reports(dossier: Dossier, locale: str) -> Part:
    reports = [each for each in dossier.of("rectification_report") if each.stage in REPORTED]
    newest: dict[str, Record] = {}
    for each in reports:
        newest[str(each.values["case"])] = each
    cases = dossier.of("rectification_case")
    lacks = [
        _lack("no_report", each, locale)
        for each in cases
        if each.stage in REPORT_DUE and each.id not in newest
    ]
    over = {each.id for each in cases if each.stage in OVER}
    lacks += [
        _lack("not_accepted", each, locale)
        for case, each in newest.items()
        if case in over and each.stage != "accepted"
    ]
    return reports, lacks, bool(reports or over)


def _decisions(dossier: Dossier, locale: str) -> Part:
    notices = [each for each in dossier.of("notice") if each.values["type"] in DECISIONS]
    written = {each.values.get("sanction") for each in notices} | {
        each.id for each in dossier.of("sanction") if each.values.get("notice")
    }
    decided = [each for each in dossier.of("sanction") if each.stage in DECIDED]
    lacks = [_lack("no_decision", each, locale) for each in decided if each.id not in written]
    lacks += [_lack("not_served", each, locale) for each in notices if each.stage not in SERVED]
    return [*notices, *decided], lacks, bool(decided or notices)


def _lack(code: str, record: Record, locale: str) -> Lack:
    kind = TYPES[record.type]
    words = str(record.values.get("number") or title(kind, record, locale))
    return Lack(code=code, about=words, kind=record.type, id=record.id)
