"""One institution: its dossier in seven parts, and everything that was done there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from schemas.parts import POSTS
from schemas.records import TYPES
from server.access import may_take
from server.access.duties import team_of
from server.console.pages.institutions import (
    MISSING,
    Contact,
    DossierEvent,
    DossierVisit,
    InstitutionPage,
)
from server.console.pages.users import UserRow
from server.queries import people
from server.queries.cases import case_rows
from server.queries.dossier import Dossier, gather, parts
from server.queries.evidence_rows import evidence_rows
from server.queries.findings import finding_rows
from server.queries.institutions import institution_rows
from server.queries.origins import origins
from server.queries.party_users import accounts
from server.queries.reading import TABLE, Reading
from server.queries.record_cells import title
from server.queries.record_page import lines_of
from server.queries.record_values import shown
from server.queries.rounds import round_rows
from server.queries.taking import bundle_offer
from sync.merge import Record
from sync.rules import SUPERVISOR

SHOWN = 20
"""Rows of each list on an institution's page, the newest; its register shows all."""
HAPPENINGS_MAX = 200
"""What a timeline tells, the newest."""
TOLD = ("inspection", "finding", "interview", "notice", "rectification_case", "rectification_report", "sanction",
        "recovery", "appeal")  # fmt: skip
STAFF_MAX = 50


def institution_page(reading: Reading, institution: str) -> InstitutionPage:
    """Return one institution with its dossier; raises NotFound outside the reader's scope."""
    dossier = gather(reading, institution)
    made = parts(reading, dossier)
    rounds = reading.visible("ward_round").where(TABLE.c.root.in_([institution, *dossier.inspections]))
    newest = reading.records(rounds.order_by(TABLE.c.version.desc()).limit(SHOWN))
    findings, cases = dossier.of("finding"), dossier.of("rectification_case")
    inspections = list(dossier.inspections.values())
    items = dossier.of("evidence")
    counts = {"inspections": inspections, "findings": findings, "cases": cases, "evidence": items}
    return InstitutionPage(
        row=institution_rows(reading, [dossier.institution])[0],
        lines=lines_of(reading, TYPES["institution"], dossier.institution),
        parts=made,
        ready=sum(part.state != MISSING for part in made),
        timeline=timeline(reading, dossier),
        inspections=inspection_rows(reading, _last(inspections)),
        rounds=round_rows(reading, newest),
        findings=finding_rows(reading, _last(findings)),
        cases=case_rows(reading, _last(cases)),
        evidence=evidence_rows(reading, _last(items)),
        people=_people(reading, dossier.institution),
        more={name: len(some) - SHOWN for name, some in counts.items() if len(some) > SHOWN},
        may_download=may_download(reading, dossier.institution),
        bundle=bundle_offer(reading, "institution", dossier.institution),
        accounts=_accounts(reading, dossier.institution),
    )


def may_download(reading: Reading, institution: Record) -> bool:
    """Return whether a reader may take an institution's dossier away: whoever reads it by his office."""
    return may_take.public_part(reading.roles_over(institution))


def _accounts(reading: Reading, institution: Record) -> tuple[UserRow, ...] | None:
    return accounts(reading, institution) if SUPERVISOR in reading.roles_over(institution) else None


def _last(records: Sequence[Record]) -> list[Record]:
    return list(records[-SHOWN:][::-1])


def inspection_rows(reading: Reading, inspections: Sequence[Record]) -> tuple[DossierVisit, ...]:
    """Return inspections as rows of an institution's page."""
    teams = [team_of(each) for each in inspections]
    names = people.officers(reading, {user for team in teams for user in team})
    return tuple(
        DossierVisit(
            id=each.id,
            kind=str(each.values["kind"]),
            mode=str(each.values["mode"]),
            stage=str(each.stage),
            planned_on=date.fromisoformat(each.values["planned_on"]),
            team=tuple(officer.name for officer in people.team(each, names)),
        )
        for each in inspections
    )


def timeline(reading: Reading, dossier: Dossier) -> tuple[DossierEvent, ...]:
    """Return to which stages the records of an institution came, newest first, HAPPENINGS_MAX at most."""
    told = [each for each in dossier.everything if each.type in TOLD]
    steps = sorted(
        (
            (write.act.index, each, str(write.value))
            for each in told
            for write in each.writes.get("stage", ())
        ),
        key=lambda step: -step[0],
    )[:HAPPENINGS_MAX]
    made = origins(reading, {index for index, _, _ in steps})
    names = people.officers(reading, {origin.by for origin in made.values()})
    return tuple(
        DossierEvent(
            at=made[index].received,
            kind=each.type,
            id=each.id,
            title=title(TYPES[each.type], each, reading.locale),
            stage=stage,
            by=names[made[index].by].name,
            index=index,
        )
        for index, each, stage in steps
    )


def _people(reading: Reading, institution: Record) -> tuple[Contact, ...]:
    """Return whom one speaks to there: the contact, the contact persons, and who has a user."""
    values = institution.values
    found = []
    if values.get("contact_name"):
        found.append(Contact(name=str(values["contact_name"]), phone=str(values.get("contact_phone") or "")))
    zh = reading.locale == "zh_CN"
    for each in shown(TYPES["institution"], values).get("contacts") or ():
        post = POSTS.get(str(each.get("post")), ("", ""))[0 if zh else 1]
        found.append(Contact(name=str(each.get("name") or ""), duty=post, phone=str(each.get("phone") or "")))
    return tuple(found[:STAFF_MAX])
