"""What a region has laid down for its rounds is dated data; the narrowest and latest counts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.rounds import local_rules
from server.rounds.local_rules import FILE, SHIPPED, holding, known, read
from sync.errors import BadValue

BASE = json.loads(SHIPPED.read_text("utf-8"))[0]


def text(*entries: dict[str, Any]) -> str:
    return json.dumps([{**BASE, **entry} for entry in entries])


def test_the_shipped_rules_hold_everywhere_from_their_day_on(tmp_path: Path):
    rules = holding(known(tmp_path), "341502", date(2026, 11, 17))
    assert (rules.region, rules.bed_hanging_absences) == ("000000", 2)


@pytest.mark.parametrize(
    ("region", "day", "minutes"),
    [
        ("341502", date(2026, 11, 17), 15),
        ("341502", date(2026, 12, 1), 10),
        ("341503", date(2026, 11, 17), 20),
        ("340100", date(2026, 11, 17), 30),
        ("341502", date(2025, 1, 1), 30),
    ],
)
def test_the_narrowest_region_with_the_latest_day_counts(
    tmp_path: Path, region: str, day: date, minutes: int
):
    own = text(
        {"region": "341500", "from": "2026-01-01", "respond_minutes": 20},
        {"region": "341502", "from": "2026-02-01", "respond_minutes": 15},
        {"region": "341502", "from": "2026-12-01", "respond_minutes": 10},
    )
    (tmp_path / FILE).write_text(own, "utf-8")
    assert holding(known(tmp_path), region, day).respond_minutes == minutes


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"respond_minutes": 0}, "0.respond_minutes"),
        ({"bed_hanging_absences": 1}, "0.bed_hanging_absences"),
        ({"region": "99"}, "0.region"),
        ({"from": "2026-02-30"}, "0.from"),
        ({"colour": "red"}, "0.colour"),
    ],
)
def test_a_faulty_rule_is_named(entry: dict[str, Any], field: str):
    with pytest.raises(BadValue) as caught:
        read(text(entry))
    assert caught.value.field == field


@pytest.mark.parametrize("words", ["{", "{}", "[[]]"])
def test_a_file_that_is_no_list_of_rules_is_refused(words: str):
    with pytest.raises(BadValue):
        read(words)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / FILE).write_text(text({}), "utf-8")
    monkeypatch.setattr(local_rules, "BYTES_MAX", 10)
    with pytest.raises(BadValue, match="10 bytes"):
        known(tmp_path)
