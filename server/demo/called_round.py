"""The demo's surprise: a hospital is called, its ward answers by its own phone, and the desk sees what is doubtful.

Most beds are answered as they should be. One has the characters of another card, one shows a picture that was
shown before, one is not answered at all; what a weak connection holds up until after the time is no fault.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from mobile_stub import remote
from mobile_stub.phone import Phone
from mobile_stub.working import Style
from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.queries.reading import reading
from server.queries.rounds import round_page
from server.rounds.calling import Call, order
from server.rounds.flags import CHALLENGE_MISMATCH, DUPLICATE, MISSED
from server.storage import record_store
from server.wiring import Services
from sync.merge import Record

BEDS = 12
MINUTES = 30
OTHER_CARD = "AAAA"
EXPECTED = {MISSED: 1, CHALLENGE_MISMATCH: 1, DUPLICATE: 1}
"""What the desk must flag, and nothing else: flag and number of beds."""


@dataclass(frozen=True)
class Called:
    """A hospital that can be called, and who answers for its wards."""

    hospital: Record
    operator: str

    @property
    def name(self) -> str:
        """The hospital's name."""
        return str(self.hospital.values["name"])


def prepare(services: Services, inspection: str) -> Called:
    """Give the hospital of an inspection a user who answers for its wards."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        visit = record_store.load(connection, vault, [inspection])[inspection]
        place = str(visit.values["institution"])
        hospital = record_store.load(connection, vault, [place])[place]
    operator = new_id(services)
    values = {
        "login": f"{hospital.values['fixmedins_code'].lower()}.ward",
        "display_name": "测试病区护士长001",
        "region": hospital.values["region"],
        "institution": hospital.id,
    }
    act(
        services,
        [Draft("create", "user", operator, values, add={"roles": ["institution_user"]})],
        kind="setting",
    )
    return Called(hospital, operator)


def call(services: Services, supervisor: str, called: Called) -> str:
    """Call a round of the hospital as the supervisor, its sample drawn from the day's census; return its id."""
    wanted = Call(
        institutions=(called.hospital.id,),
        method="random_by_ward",
        size=BEDS,
        operators={called.hospital.id: called.operator},
        respond_minutes=MINUTES,
    )
    return order(services, supervisor, wanted)[0]


def answer(phone: Phone, rng: random.Random, ward_round: str, called: Called, style: Style) -> None:
    """Answer all but three beds as they should be."""
    place = called.hospital.values.get("position")
    most = len(phone.show(ward_round).values["drawn"]) - len(EXPECTED)
    style = replace(style, beds_max=most)
    remote.answer_round(phone, rng, ward_round, place=place, style=style)


def answer_badly(phone: Phone, rng: random.Random, ward_round: str, called: Called, style: Style) -> None:
    """Answer one bed with another card and one with the picture of the first; leave the last alone."""
    place = called.hospital.values.get("position")
    wrong, repeated = (one.id for one in remote.unanswered(phone.kit, phone.show(ward_round))[:2])
    given: dict[str, Any] = {"presence": "in_bed", "identity_method": "ward_staff", "position": place}
    first = remote.answer_bed(phone.kit, ward_round, wrong, challenge=OTHER_CARD, **given)
    picture = remote.photograph(phone, rng, first, challenge=OTHER_CARD, here=place, style=style)
    second = remote.answer_bed(phone.kit, ward_round, repeated, **given)
    for check in (first, second):
        remote.show_picture(phone, check, picture, here=place)


@dataclass(frozen=True)
class Seen:
    """What the desk shows of the round. flags: number of beds by flag."""

    beds: int
    in_time: int
    flags: Counter[str]


def seen(services: Services, supervisor: str, ward_round: str) -> Seen:
    """Return what the desk shows of a called round."""
    with reading(services, supervisor) as look:
        page = round_page(look, ward_round)
    beds = [bed for ward in page.wards for bed in ward.beds]
    assert page.called is not None, "the round was called"
    return Seen(len(beds), page.called.answered_in_time, Counter(flag for bed in beds for flag in bed.flags))
