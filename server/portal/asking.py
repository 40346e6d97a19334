"""What an institution's user asks for: more time, another decision; and that he takes it back."""

from __future__ import annotations

from schemas.drafting import Draft
from server.casework import asking_time, filing_appeals
from server.casework.asking_time import Asked
from server.casework.filing_appeals import OPEN, Filing
from server.commit.acts import act, new_id
from server.portal.handed_files import check_arrived
from server.portal.looking import looking_as
from server.portal.proof_files import named
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, VersionChanged

TAKEN_BACK = {"extension": ("asked",), "appeal": OPEN}
"""Stages from which the party takes back what it asked for."""


def ask_time(services: Services, user: str, case: str, asked: Asked) -> str:
    """Ask for an extension of a case and return its id; raises NotFound, BadTransition or BadValue."""
    with looking_as(services, user) as look:
        found = look.one("rectification_case", case)
        draft = asking_time.decide(
            found,
            look.of_case("extension", case),
            asked,
            today=look.today,
            extension=new_id(services),
        )
    act(services, [draft], user=user)
    return draft.record


def appeal(services: Services, user: str, sanction: str, filing: Filing) -> str:
    """File an appeal against a sanction and return its id; raises NotFound, BadTransition, BadValue or as `checked`."""
    with looking_as(services, user) as look:
        draft = filing_appeals.decide(
            look.one("sanction", sanction),
            look.records(look.own("appeal").order_by(TABLE.c.id)),
            filing,
            institution=look.institution,
            today=look.today,
            appeal=new_id(services),
        )
    check_arrived(services, filing.files)
    act(services, [draft], user=user, after=named(services, filing.files))
    return draft.record


def take_back(services: Services, user: str, kind: str, record: str, version: int) -> None:
    """Take back an extension or an appeal that nobody decided; raises NotFound, VersionChanged or BadTransition."""
    with looking_as(services, user) as look:
        found = look.one(kind, record)
    if found.version != version:
        raise VersionChanged(item=record, version=found.version)
    if found.stage not in TAKEN_BACK[kind]:
        raise BadTransition(f"it is {found.stage}", item=record, field="stage")
    step = {"stage": {"from": found.stage, "to": "withdrawn"}}
    act(services, [Draft("edit", kind, record, step)], user=user, expect={record: version})
