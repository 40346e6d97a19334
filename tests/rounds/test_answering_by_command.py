"""The ward's phone by its command line: the call comes with a sync, answers are kept offline and sent later."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mobile_stub import cli, remote
from mobile_stub.fleet import PIN
from mobile_stub.working import Style
from schemas.drafting import Draft
from server.commit.acts import act
from sync.errors import BadTransition, BadValue, NotAllowed
from tests.rounds.test_flags_at_the_desk import flagged
from tests.rounds.town import Town, desk, inspection
from tests.server.phones import client

JPEG = b"\xff\xd8\xff demo"


class Terminal:
    """The command line of one enrolled phone."""

    def __init__(self, town: Town, who: str):
        town.phone(who).close()
        self.town, self.home = town, town.folder / f"phone-{who}"
        self.said, self.complained = "", ""

    def run(self, *words: str, offline: bool = False) -> int:
        said: list[str] = []
        complained: list[str] = []
        network = None if offline else client(self.town.installation)
        status = cli.main(
            ["--home", str(self.home), "--pin", PIN, *words], said.append, complained.append, network
        )
        self.said, self.complained = "".join(said), "".join(complained)
        return status

    def data(self, *words: str, offline: bool = False) -> Any:
        assert self.run(*words, "--json", offline=offline) == 0, self.complained
        return json.loads(self.said)


@pytest.fixture
def ward(town: Town) -> Terminal:
    """The operator's phone, enrolled before anybody called."""
    return Terminal(town, town.operator)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """A file that stands for the card beside the patient."""
    path = tmp_path / "bed.jpg"
    path.write_bytes(JPEG)
    return str(path)


def test_a_call_comes_with_a_sync_and_is_listed_with_its_challenge_and_beds(town: Town, ward: Terminal):
    assert ward.data("round", "called") == {}
    made = town.call(method="random", size=3)
    assert ward.data("sync")["pulled"]["items"] == 4
    known = ward.data("round", "called", offline=True)
    values = town.record(made).values
    assert list(known) == [made]
    assert (known[made]["stage"], known[made]["respond_by"], known[made]["beds"]) == (
        "in_progress",
        values["respond_by"],
        3,
    )
    assert sorted(one["encounter"] for one in known[made]["left"]) == sorted(values["drawn"])
    assert len(known[made]["challenge"]) == 4


def test_where_each_bed_has_its_own_challenge_each_is_listed_with_it(town: Town, ward: Terminal):
    made = town.call(method="random", size=2, challenge_by_bed=True)
    ward.data("sync")
    known = ward.data("round", "called")[made]
    assert "challenge" not in known
    assert len({one["challenge"] for one in known["left"]}) == 2


def test_a_bed_is_answered_without_a_network_and_sent_later(town: Town, ward: Terminal, picture: str):
    made = town.call(method="random", size=2)
    ward.data("sync")
    first, second = ward.data("round", "called")[made]["left"]
    card = ward.data("round", "called")[made]["challenge"].lower()
    position = town.record(town.hospital).values["position"]
    here = ("--lat", str(position["lat_e7"] / 1e7), "--lon", str(position["lon_e7"] / 1e7))
    words = (
        "--encounter",
        first["encounter"],
        "--photo",
        picture,
        "--challenge",
        card,
        "--identity",
        "id_card",
    )
    told = ward.data("round", "answer", *words, *here, offline=True)
    assert ward.data("round", "called", offline=True)[made]["left"] == [second]
    assert town.of_type("bed_check") == []
    assert ward.data("sync")["pushed"]["verdicts"] == {"applied": 2}
    check, item = town.record(told["bed_check"]), town.record(told["evidence"])
    assert (check.values["challenge"], check.values["encounter"], check.values["identity_method"]) == (
        card,
        first["encounter"],
        "id_card",
    )
    assert (item.values["bed_check"], item.values["file_state"]) == (check.id, "verified")
    doubts = desk(town, "chief", "supervisor", "341500").get(f"/api/ward-rounds/{made}").json
    tile = next(one for some in doubts["wards"] for one in some["beds"] if one["id"] == first["encounter"])
    assert set(tile["flags"]) <= {"restarted"}


def test_an_answer_is_asked_for_its_picture(town: Town, ward: Terminal):
    made = town.call(method="random", size=1)
    ward.data("sync")
    bed = ward.data("round", "called")[made]["left"][0]["bed"]
    assert ward.run("round", "answer", "--bed", bed) == 2
    assert "--photo" in ward.complained
    assert len(ward.data("round", "called")[made]["left"]) == 1
    assert ward.run("round", "answer", "--bed", bed, "--without-photo") == 0
    assert ward.data("round", "called")[made]["left"] == []


def test_a_file_that_is_no_picture_is_no_answer(town: Town, ward: Terminal, tmp_path: Path):
    made = town.call(method="random", size=1)
    ward.data("sync")
    bed = ward.data("round", "called")[made]["left"][0]["bed"]
    assert ward.run("round", "answer", "--bed", bed, "--photo", str(tmp_path / "note.txt")) == 2
    assert len(ward.data("round", "called")[made]["left"]) == 1


def test_a_bed_that_the_round_did_not_draw_is_not_answered(town: Town, ward: Terminal):
    town.call(method="random", size=1)
    ward.data("sync")
    assert ward.run("round", "answer", "--bed", "9999", "--without-photo") == 2
    assert "0 in-patients" in ward.complained


def test_beds_that_are_left_are_answered_by_chance_each_with_a_picture(town: Town, ward: Terminal):
    made = town.call(method="random", size=2)
    ward.data("sync")
    first = ward.data("round", "called")[made]["left"][0]["encounter"]
    ward.data("round", "answer", "--encounter", first, "--without-photo")
    told = ward.data("round", "answer", "--round", made)
    assert (len(told["bed_checks"]), len(told["evidence"])) == (1, 1)
    assert ward.data("round", "called")[made]["left"] == []


def test_without_a_call_there_is_nothing_to_answer(ward: Terminal):
    assert ward.run("round", "answer", offline=True) == 1
    assert ward.complained.startswith("record_unknown")


def test_a_round_that_was_concluded_takes_no_answer(town: Town, ward: Terminal):
    made = town.call(method="random", size=1)
    ward.data("sync")
    step = {"stage": {"from": "in_progress", "to": "concluded"}}
    act(town.services, [Draft("edit", "ward_round", made, step)], user=town.supervisor)
    ward.data("sync")
    assert ward.run("round", "answer", "--round", made, "--bed", "1", "--without-photo") == 1
    assert ward.complained.startswith("record_unknown")
    assert town.of_type("bed_check") == []


def test_the_phone_of_somebody_who_was_not_called_answers_nothing(town: Town):
    made = town.call(method="random", size=1)
    act(town.services, [Draft("edit", "ward_round", made, {"lead": town.lead})], user=town.supervisor)
    lead = Terminal(town, town.lead)
    assert lead.data("round", "called") == {}
    assert lead.run("round", "answer", "--round", made, "--bed", "1", "--without-photo") == 1
    assert lead.complained.startswith("not_allowed")


def test_usage_without_a_verb_still_records_a_round_at_the_bedside(town: Town):
    visit = inspection(town)
    lead = Terminal(town, town.lead)
    told = lead.data("round", "--inspection", visit, "--bed", "1", "--presence", "absent")
    assert lead.run("sync") == 0
    assert town.record(told["bed_check"]).values["presence"] == "absent"


# -- the same by calls --------------------------------------------------------------------------------


def test_a_round_that_was_not_called_yet_takes_no_answer(town: Town):
    inspection(town)
    lead = town.phone(town.lead)
    made = remote.order_round(lead.kit, town.hospital, operator=town.lead)
    with pytest.raises(BadTransition):
        remote.answer_bed(lead.kit, made, town.hospital, presence="in_bed")


def test_a_round_at_the_bedside_is_not_answered(town: Town):
    visit = inspection(town)
    lead = town.phone(town.lead)
    made = lead.start_round(visit)
    with pytest.raises(BadValue, match="remote"):
        remote.asking(lead.kit, made)


def test_whoever_watches_a_round_does_not_answer_it_for_the_ward(town: Town):
    made = town.call(method="random", size=1)
    act(town.services, [Draft("edit", "ward_round", made, {"lead": town.lead})], user=town.supervisor)
    lead = town.phone(town.lead)
    with pytest.raises(NotAllowed):
        remote.answer_round(lead, random.Random(1), made)


def test_a_round_is_answered_once_however_often_it_is_tried(town: Town):
    made = town.call(method="random", size=3)
    phone = town.phone(town.operator)
    small = Style(photo_size=(64, 48), beds_max=2)
    answered = [
        len(remote.answer_round(phone, random.Random(n), made, style=small).bed_checks) for n in range(3)
    ]
    assert answered == [2, 1, 0]
    assert phone.sync().clean
    chief = desk(town, "chief", "supervisor", "341500")
    assert flagged(chief, _Seen(made, sorted(phone.show(made).values["drawn"]))) == {
        n: ["no_position"] for n in range(3)
    }


class _Seen:
    """What `flagged` needs to know of a round."""

    def __init__(self, ward_round: str, beds: list[str]):
        self.ward_round, self.beds = ward_round, beds
