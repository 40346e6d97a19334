"""What phones sent becomes flags on the beds, on the page and in the API, and never a verdict."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from mobile_stub import remote
from mobile_stub.phone import Phone
from mobile_stub.recording import position
from schemas.drafting import Draft
from server.commit.acts import act
from server.console import marks
from server.rounds import flags, orders
from server.rounds.local_rules import FILE
from tests.api.shape_checker import Checker, answer_schema
from tests.rounds.test_local_rules import BASE
from tests.rounds.town import Town, desk
from tests.server.desk_client import Desk, words

METRE_E7 = 90
"""Of latitude, in 1e-7 degrees."""


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


class Ward:
    """The ward's phone at work on one round: each bed is answered once, well unless told otherwise."""

    def __init__(self, town: Town, phone: Phone | None = None, **wanted: Any):
        self.town = town
        self.ward_round = town.call(**{"method": "random", "size": 5, **wanted})
        self.phone = phone or town.phone(town.operator)
        self.sync()
        self.beds = sorted(self.phone.show(self.ward_round).values["drawn"])

    def here(self, metres: int = 50, **more: Any) -> dict[str, Any]:
        """Return a position so many metres north of the hospital's."""
        at = self.town.record(self.town.hospital).values["position"]
        return {**position(at["lat_e7"] + metres * METRE_E7, at["lon_e7"], 10), **more}

    def answer(self, bed: int, picture: bytes | None = b"", **more: Any) -> str:
        """Answer a bed; picture: its bytes, b"" for ones of its own, None for no picture."""
        given = {"presence": "in_bed", "position": self.here(), **more}
        check = remote.answer_bed(self.phone.kit, self.ward_round, self.beds[bed], **given)
        if picture is not None:
            shown = picture or b"\xff\xd8 bed %d" % bed
            about = {"kind": "audio_visual", "media_type": "image/jpeg", "bed_check": check}
            self.phone.take_evidence(self.ward_round, shown, **about)
        return check

    def again(self) -> Ward:
        """Conclude the round and call everybody again, on the same phone."""
        step = {"stage": {"from": "in_progress", "to": "concluded"}}
        act(
            self.town.services,
            [Draft("edit", "ward_round", self.ward_round, step)],
            user=self.town.supervisor,
        )
        return Ward(self.town, self.phone, method="everybody", size=None)

    def sync(self) -> None:
        """Send everything; all of it must be taken."""
        report = self.phone.sync()
        assert report.clean
        assert set(report.pushed.verdicts) <= {"applied"}


def told(chief: Desk, ward: Ward, **query: str) -> Any:
    """Return a round as the API tells it."""
    return chief.get(f"/api/ward-rounds/{ward.ward_round}", **query).json


def flagged(chief: Desk, ward: Ward) -> dict[int, list[str]]:
    """Return the flags of each bed as the API tells them, by the bed's place in the sample; those without left out."""
    tiles = [tile for one in told(chief, ward)["wards"] for tile in one["beds"]]
    return {ward.beds.index(tile["id"]): tile["flags"] for tile in tiles if tile["flags"]}


def test_each_doubtful_answer_is_flagged_and_a_good_one_is_not(town: Town, chief: Desk):
    ward = Ward(town, size=7)
    ward.answer(0)
    ward.answer(1, challenge="AAAA")
    ward.answer(2, picture=None)
    ward.answer(3, picture=b"\xff\xd8 bed 0")
    ward.answer(4, position=ward.here(900, mock=True))
    ward.answer(5, position=None)
    ward.sync()
    assert flagged(chief, ward) == {
        1: ["challenge_mismatch"],
        2: ["no_picture"],
        3: ["duplicate"],
        4: ["outside_fence", "mocked"],
        5: ["no_position"],
    }
    town.pass_minutes(31)
    assert flagged(chief, ward)[6] == ["missed"]
    called = told(chief, ward)["called"]
    assert (called["answered_in_time"], called["flagged"]) == (6, 6)
    assert told(chief, ward)["flags"] == {flag: 1 for some in flagged(chief, ward).values() for flag in some}


def test_what_was_answered_offline_in_time_is_not_late_and_what_was_answered_later_is(
    town: Town, chief: Desk
):
    ward = Ward(town)
    ward.answer(0)
    town.pass_minutes(40)
    ward.answer(1)
    town.pass_minutes(40)
    orders.sweep(town.services)
    ward.sync()
    assert flagged(chief, ward) == {1: ["late"], 2: ["missed"], 3: ["missed"], 4: ["missed"]}
    assert told(chief, ward)["called"]["answered_in_time"] == 1


def test_a_phone_that_was_restarted_while_offline_proves_no_time(town: Town, chief: Desk):
    ward = Ward(town, size=1)
    ward.phone.kit.clock.session = "another-session"
    ward.answer(0)
    town.pass_minutes(40)
    ward.sync()
    assert flagged(chief, ward) == {0: ["late", "restarted"]}


def test_a_picture_of_an_earlier_round_is_flagged_in_the_later_one_alone(town: Town, chief: Desk):
    first = Ward(town, method="everybody", size=None)
    first.answer(0, picture=b"\xff\xd8 the very same")
    first.sync()
    second = first.again()
    second.answer(1, picture=b"\xff\xd8 the very same")
    second.sync()
    assert (flagged(chief, first), flagged(chief, second)) == ({}, {1: ["duplicate"]})


def test_a_challenge_of_another_bed_is_no_challenge_where_each_bed_has_its_own(town: Town, chief: Desk):
    ward = Ward(town, challenge_by_bed=True)
    shown = ward.phone.show(ward.ward_round)
    theirs = [remote.expected_challenge(shown, bed) for bed in ward.beds]
    assert len(set(theirs)) == len(theirs)
    ward.answer(0)
    ward.answer(1, challenge=theirs[0])
    ward.sync()
    assert flagged(chief, ward) == {1: ["challenge_mismatch"]}
    assert told(chief, ward)["challenge"] == ""
    assert told(chief, ward, bed=ward.beds[1])["selected"]["challenge"] == theirs[1]


def test_a_region_s_own_fence_counts(town: Town, chief: Desk):
    rule = {**BASE, "region": "341500", "from": "2026-01-01", "fence_metres": 40}
    (town.services.config.home / FILE).write_text(json.dumps([rule]), "utf-8")
    ward = Ward(town, size=2)
    ward.answer(0, position=ward.here(20))
    ward.answer(1, position=ward.here(200))
    ward.sync()
    assert flagged(chief, ward) == {1: ["outside_fence"]}


def test_what_an_officer_adds_answers_no_bed_for_the_ward(town: Town, chief: Desk):
    ward = Ward(town, size=1)
    act(
        town.services,
        [Draft("edit", "ward_round", ward.ward_round, {"lead": town.lead})],
        user=town.supervisor,
    )
    lead = town.phone(town.lead)
    lead.check_bed(
        ward.ward_round, encounter=ward.beds[0], bed_listed="1", presence="unverifiable", note="无人应答"
    )
    assert lead.sync().clean
    town.pass_minutes(31)
    assert flagged(chief, ward) == {0: ["missed"]}
    (check,) = told(chief, ward, bed=ward.beds[0])["selected"]["checks"]
    assert (check["by_ward"], check["flags"]) == (False, [])


def test_the_grid_and_the_opened_bed_say_the_doubts_in_words(town: Town, chief: Desk):
    ward = Ward(town, size=2)
    ward.answer(0, challenge="AAAA", picture=None, slip={"kind": "leave", "signed_by": "测试护士"})
    ward.sync()
    page = chief.get(f"/rounds/{ward.ward_round}", bed=ward.beds[0])
    titles = [html.unescape(found) for found in re.findall(r'title="([^"]+)"', page.text)]
    assert [one for one in titles if "验证码不符" in one and "无照片" in one]
    said = words(page)
    assert "验证码不符" in said
    assert "病区应答" in said
    assert "测*" in said
    assert "测试护士" not in page.text
    assert "AAAA" in said


def test_the_panel_counts_absences_by_the_local_rule(town: Town, chief: Desk):
    first = Ward(town, method="everybody", size=None)
    first.answer(0, presence="absent", absence_reason="unknown")
    first.sync()
    once = told(chief, first, bed=first.beds[0])["selected"]
    assert (once["hanging"], once["absences"]) == ("suspicion", [first.ward_round])
    second = first.again()
    second.answer(0, presence="absent")
    second.answer(1, presence="absent", absence_reason="exam")
    second.sync()
    twice = told(chief, second, bed=second.beds[0])["selected"]
    assert (twice["hanging"], sorted(twice["absences"])) == (
        "meets_rule",
        sorted([first.ward_round, second.ward_round]),
    )
    explained = told(chief, second, bed=second.beds[1])["selected"]
    assert (explained["hanging"], explained["absences"]) == ("none", [])


def test_neither_another_region_nor_the_ward_itself_reads_a_round(town: Town):
    ward = Ward(town)
    neighbour = desk(town, "neighbour", "supervisor", "341599")
    operator = desk(town, "nurse", "institution_user", "341502", institution=town.hospital)
    # The pages of the desk are not there for an institution at all, whatever is asked.
    for reader, page in ((neighbour, 404), (operator, 403)):
        assert reader.get(f"/api/ward-rounds/{ward.ward_round}").status_code == 404
        assert reader.get(f"/rounds/{ward.ward_round}").status_code == page


def test_flags_are_described_word_by_word_and_answers_keep_to_it(town: Town, chief: Desk):
    described = chief.get("/api/openapi.json").json
    for name in ("BedTile", "BedPanel", "BedCheck"):
        one = described["components"]["schemas"][name]["properties"]["flags"]["items"]
        assert one == {"type": "string", "enum": list(flags.WORDS)}
    ward = Ward(town)
    ward.answer(0, challenge="AAAA")
    ward.sync()
    answer = told(chief, ward, bed=ward.beds[0])
    shape = answer_schema(described, "get", "/api/ward-rounds/{record}", 200)
    assert Checker(described).faults(answer, shape) == []
    answer["wards"][0]["beds"][0]["flags"] = ["guilty"]
    assert Checker(described).faults(answer, shape) != []


def test_every_flag_has_a_word_at_the_desk():
    assert set(marks.BED_FLAGS) == set(flags.WORDS)
