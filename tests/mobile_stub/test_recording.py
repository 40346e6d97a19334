"""Recording offline: what is right is kept with its base, salts and private lines; what is wrong leaves nothing."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import httpx
import pytest

from mobile_stub.composing import compose
from mobile_stub.phone import Phone
from schemas.check import fault_in
from schemas.drafting import Draft
from sync.changes import At
from sync.errors import BadCode, BadTransition, BadValue, RecordUnknown, UnknownField, UnknownType
from sync.ids import uuid7
from tests.mobile_stub.bench import Bench

AT = At(1_795_000_000_000)
FINDING: dict[str, Any] = {"violation_code": "bed_hanging", "facts": "事实", "amount_fen": 1200}


def cut(bench: Bench) -> None:
    """Take the network away."""

    def refuse(request: object) -> None:
        raise AssertionError("recording asked the network")

    bench.ledger.before = refuse


def kept(phone: Phone) -> list[dict[str, Any]]:
    return [json.loads(one.change.line) for one in phone.kit.journal.waiting()]


def test_a_round_is_recorded_without_a_network(bench: Bench) -> None:
    with bench.ready() as phone:
        cut(bench)
        begun = phone.start_round(bench.inspection, wards=["W11"])
        check = phone.check_bed(begun, bed_listed="1101", presence="in_bed", encounter=bench.encounter)
        assert phone.show(begun).stage == "in_progress"
        assert phone.show(check).values["presence"] == "in_bed"
        assert [line["type"] for line in kept(phone)] == [
            "ward_round",
            "ward_round",
            "ward_round",
            "bed_check",
        ]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"presence": "asleep"}, BadValue),
        ({"presence": None}, BadValue),
        ({"bed_listed": "bed one"}, BadCode),
        ({"identity_score": 1001}, BadValue),
        ({"identity_score": True}, BadValue),
        ({"position": {"lat_e7": 1}}, BadValue),
        ({"mood": "good"}, UnknownField),
        ({"note": ""}, BadValue),
    ],
)
def test_a_bad_value_is_refused_offline_and_nothing_is_kept(
    bench: Bench, wrong: dict[str, Any], kind: type
) -> None:
    with bench.ready() as phone:
        begun = phone.start_round(bench.inspection)
        before = kept(phone)
        with pytest.raises(kind):
            phone.check_bed(begun, **({"bed_listed": "1101", "presence": "in_bed"} | wrong))
        assert kept(phone) == before


def test_evidence_with_a_bad_value_leaves_no_file_behind(bench: Bench) -> None:
    with bench.ready() as phone:
        with pytest.raises(BadValue):
            phone.take_evidence(bench.inspection, b"photo", kind="rumour", media_type="image/jpeg")
        assert list(phone.kit.files.iterdir()) == []
        phone.take_evidence(bench.inspection, b"photo", kind="audio_visual", media_type="image/jpeg")
        assert len(list(phone.kit.files.iterdir())) == 1


def test_what_names_a_person_travels_in_a_private_line_and_keys_in_another() -> None:
    values = {"violation_code": "bed_hanging", "facts": "某人", "amount_fen": 1, "origin": "on_site"}
    wish = Draft(
        "create", "finding", uuid7(1, os.urandom), values=values | {"inspection": uuid7(1, os.urandom)}
    )
    change = compose(wish, AT, os.urandom)
    assert set(change.set) == {"violation_code", "amount_fen", "origin", "inspection"}
    assert [(line.kind, dict(line.set)) for line in change.private] == [("person", {"facts": "某人"})]
    assert "某人".encode() not in change.line
    assert fault_in(change) is None


def test_two_changes_of_one_content_have_nothing_in_common() -> None:
    wish = Draft("edit", "finding", uuid7(1, os.urandom), values={"facts": "某人"})
    one, two = (compose(wish, AT, os.urandom) for _ in range(2))
    assert one.id != two.id
    assert one.private[0].digest != two.private[0].digest


def test_a_type_that_the_app_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownType):
        compose(Draft("create", "horoscope", uuid7(1, os.urandom)), AT, os.urandom)


def test_an_id_is_a_uuid_of_version_seven_with_the_time_in_front() -> None:
    made = uuid.UUID(uuid7(1_795_000_000_000, os.urandom))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_795_000_000_000


def test_the_base_is_that_of_the_feed_copy_and_null_before_one(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        phone.edit(finding, {"amount_fen": 1300})
        assert [line["base"] for line in kept(phone)] == [None, None]
        assert phone.sync().clean
        version = bench.ledger.records[finding].version
        phone.edit(finding, {"amount_fen": 1400})
        assert kept(phone)[0]["base"] == [bench.ledger.epoch, version]


def test_a_receipt_alone_never_advances_a_base(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)

        def no_feed(request: httpx.Request) -> None:
            if "/v1/feed" in str(request.url):
                raise httpx.ConnectError("down")

        bench.ledger.before = no_feed
        report = phone.sync()
        assert report.pushed.changes == 1
        phone.edit(finding, {"amount_fen": 1300})
        assert kept(phone)[0]["base"] is None


def test_the_capture_time_carries_the_anchor_and_both_clocks(bench: Bench) -> None:
    with bench.ready() as phone:
        bench.clock.advance(60_000)
        phone.write_finding(bench.inspection, **FINDING)
        at = kept(phone)[0]["at"]
        assert at["wall"] - at["anchor"]["wall"] == at["mono"] - at["anchor"]["mono"] == 60_000
        assert at["session"] == at["anchor"]["session"]
        assert at["anchor"]["index"] == len(bench.ledger.log) - 1


def test_a_step_that_the_stage_does_not_allow_is_refused(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        with pytest.raises(BadTransition):
            phone.step(finding, "heard")
        phone.step(finding, "proposed", "heard")
        assert phone.show(finding).stage == "heard"


def test_a_statement_takes_the_finding_to_heard(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        phone.take_statement(finding, kind="disputes", text="有异议", heard_on="2026-11-18")
        assert phone.sync().pushed.verdicts == {"applied": 4}
        assert phone.show(finding).stage == "heard"
        assert phone.show(finding).values["statement"] == "有异议"


def test_nothing_is_recorded_on_a_record_that_the_phone_does_not_hold(bench: Bench) -> None:
    with bench.ready() as phone:
        with pytest.raises(RecordUnknown):
            phone.start_round(str(uuid.uuid4()))
        with pytest.raises(BadValue):
            phone.start_round(bench.encounter)
        assert kept(phone) == []


def test_own_changes_are_shown_on_top_of_the_copy_until_the_feed_has_them(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.edit(bench.inspection, {"id_shown_at": 1_795_000_000_000})
        shown = phone.show(bench.inspection)
        assert (shown.pending, shown.values["id_shown_at"]) == (1, 1_795_000_000_000)
        assert phone.sync().clean
        assert phone.show(bench.inspection).pending == 0


def test_members_of_a_set_are_added_and_removed(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING, persons=["甲", "乙"])
        phone.edit(finding, {}, remove={"persons": ["甲"]})
        assert phone.show(finding).values["persons"] == ["乙"]
        assert phone.sync().clean
        assert phone.show(finding).values["persons"] == ["乙"]


def test_a_voided_record_can_be_restored(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        phone.void(finding)
        assert phone.show(finding).life == "voided"
        assert phone.sync().clean
        phone.restore(finding)
        assert phone.sync().pushed.verdicts == {"applied": 1}
        assert phone.show(finding).life == "live"
