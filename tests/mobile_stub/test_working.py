"""Simulated work: the field's mix of presence, real photos, findings where beds are suspect; and a fleet of phones."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mobile_stub import fleet, working
from mobile_stub.fleet import Tally
from mobile_stub.phone import Phone
from mobile_stub.working import Style
from sync.errors import RecordUnknown
from tests.mobile_stub.bench import Bench

SMALL = (160, 120)


def style(bench: Bench, **more: Any) -> Style:
    return Style(photo_size=SMALL, pass_time=bench.pass_time, **more)


def ward(bench: Bench, beds: int = 30) -> None:
    for bed in range(beds):
        bench.patient("W21", f"21{bed:02d}")


def step(bench: Bench, source: str, target: str) -> None:
    move = {"stage": {"from": source, "to": target}}
    bench.ledger.act("edit", "inspection", bench.inspection, by=bench.supervisor, set=move)


def test_presence_follows_the_fields_shares() -> None:
    rng = random.Random(7)
    seen = Counter(working.presence(rng)[0] for _ in range(20_000))
    for kind, share in working.PRESENCE_SHARES.items():
        assert abs(seen[kind] / 200 - share) < 1


def test_a_round_looks_at_every_bed_of_its_ward_and_is_concluded(bench: Bench) -> None:
    ward(bench)
    with bench.ready() as phone:
        begun = phone.start_round(bench.inspection, wards=["W21"])
        done = working.work_round(
            phone, random.Random(1), bench.inspection, ward_round=begun, style=style(bench)
        )
        assert len(done.bed_checks) == 30
        report = phone.sync()
        assert report.clean
        assert set(report.pushed.verdicts) == {"applied"}
        assert report.uploaded.files == len(done.evidence) > 0


def test_a_round_that_the_phone_opened_is_ended_by_it(bench: Bench) -> None:
    with bench.ready() as phone:
        done = working.work_round(phone, random.Random(1), bench.inspection, style=style(bench))
        assert done.ward_round is not None
        assert phone.show(done.ward_round).stage == "concluded"
        assert phone.show(done.ward_round).values["census_count"] == 1


def test_a_round_that_the_desk_planned_is_taken_up(bench: Bench) -> None:
    values = {"inspection": bench.inspection, "mode": "bedside", "trigger": "plan"}
    planned = bench.ledger.act(
        "create", "ward_round", by=bench.supervisor, set=values, add={"wards": ["W11"]}
    )
    with bench.ready() as phone:
        done = working.work_round(phone, random.Random(1), bench.inspection, style=style(bench))
        assert done.ward_round == planned
        assert phone.sync().clean
        assert bench.ledger.records[planned].stage == "in_progress"


def test_a_drawn_sample_is_what_the_round_looks_at(bench: Bench) -> None:
    ward(bench, 5)
    sample = [bench.patient("W21", "2199")]
    values = {"inspection": bench.inspection, "mode": "bedside", "trigger": "plan"}
    bench.ledger.act("create", "ward_round", by=bench.supervisor, set=values, add={"sample": sample})
    with bench.ready() as phone:
        done = working.work_round(phone, random.Random(1), bench.inspection, style=style(bench))
        assert [phone.show(c).values["encounter"] for c in done.bed_checks] == sample


def test_suspect_beds_are_photographed_and_make_a_finding(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "PRESENCE_SHARES", {"suspect": 1})
    ward(bench, 4)
    with bench.ready() as phone:
        begun = phone.start_round(bench.inspection, wards=["W21"])
        still = style(bench, photo_share=0.0)
        done = working.work_round(phone, random.Random(1), bench.inspection, ward_round=begun, style=still)
        assert len(done.evidence) == 4
        (finding,) = done.findings
        assert phone.show(finding).values["violation_code"] == "bed_hanging"
        photo = phone.read_file(done.evidence[0])
        assert photo[:2] == b"\xff\xd8"


def test_a_round_without_in_patients_on_the_phone_is_refused(bench: Bench) -> None:
    bench.ledger.records.pop(bench.encounter)
    with bench.ready() as phone, pytest.raises(RecordUnknown):
        working.work_round(phone, random.Random(1), bench.inspection, style=style(bench))


def test_whoever_arrives_takes_the_inspection_on_site(bench: Bench) -> None:
    step(bench, "draft", "approved")
    with bench.ready() as phone:
        working.arrive(phone, bench.inspection)
        working.arrive(phone, bench.inspection)
        assert phone.sync().pushed.verdicts == {"applied": 2}
        assert bench.ledger.records[bench.inspection].stage == "on_site"
        assert "id_shown_at" in bench.ledger.records[bench.inspection].values


def test_a_visit_without_beds_brings_photos_of_shelves(bench: Bench) -> None:
    with bench.ready() as phone:
        done = working.work_visit(phone, random.Random(4), bench.inspection, photos=2, style=style(bench))
        assert len(done.evidence) == 2
        assert phone.sync().clean


def test_an_amended_finding_has_another_amount(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(
            bench.inspection, violation_code="bed_hanging", facts="事实", amount_fen=500
        )
        amount = working.amend_finding(phone, random.Random(1), finding)
        assert phone.show(finding).values["amount_fen"] == amount > 500


def test_the_same_chance_records_the_same_day(bench: Bench, tmp_path: Path) -> None:
    ward(bench, 10)

    def a_day(name: str) -> list[dict[str, Any]]:
        with bench.ready(name) as phone:
            begun = phone.start_round(bench.inspection, wards=["W21"])
            rng = fleet.chance(5, "phone", 1)
            done = working.work_round(phone, rng, bench.inspection, ward_round=begun, style=style(bench))
            seen = [phone.show(check).values for check in done.bed_checks]
            return [{name: v for name, v in one.items() if name != "ward_round"} for one in seen]

    assert a_day("one") == a_day("two")


def test_a_fleet_works_some_days_and_every_change_is_accepted(bench: Bench, tmp_path: Path) -> None:
    ward(bench, 6)
    invites = [bench.ledger.invite(bench.inspector) for _ in range(2)]
    small = Style(photo_size=SMALL, beds_max=4)
    client = bench.ledger.client()
    total = Tally()
    for number, invite in enumerate(invites, 1):
        tally = fleet.run_phone(
            tmp_path / "fleet", number, invite, days=2, seed=1, style=small, clock=bench.clock, client=client
        )
        total.plus(tally)
    assert (total.phones, total.days, total.alarms, total.errors) == (2, 4, 0, {})
    assert total.rounds == 4
    assert set(total.verdicts) <= {"applied", "same", "merged"}
    own = [device for device in bench.ledger.devices.values() if device.seq]
    assert len(own) == 2


def test_a_fleet_that_was_enrolled_before_goes_on_without_invites(bench: Bench, tmp_path: Path) -> None:
    client = bench.ledger.client()
    more: dict[str, Any] = {"clock": bench.clock, "client": client}
    fleet.run_phone(tmp_path, 1, bench.ledger.invite(bench.inspector), days=0, seed=1, **more)
    tally = fleet.run_phone(tmp_path, 1, None, days=1, seed=1, style=Style(photo_size=SMALL), **more)
    assert tally.errors == {}
    with fleet.muster(tmp_path, 1, None, **more) as phone:
        assert isinstance(phone, Phone)
        assert phone.status()["outbox"] == 0
    assert len(bench.ledger.devices) == 1
