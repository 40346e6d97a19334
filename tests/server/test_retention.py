"""What is past its retention is listed, and erased by two persons when they say so; never by itself."""

from __future__ import annotations

import json

import pytest

from server.cli import main
from server.ledger.audit import audit
from server.operations import retention
from sync.errors import BadValue
from tests.commit.erasing_scene import Bureau, bureau_of, with_logins
from tests.server.builders import Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import found_city


@pytest.fixture
def bureau(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """A bureau with a finding of an inspection that is under way, found by the command line."""
    find_in_environment(installation.services.config, monkeypatch)
    return with_logins(bureau_of(found_city(installation)), facts="演示数据：期限")


def lay_down(bureau: Bureau, **years: object) -> None:
    """Write the bureau's rules."""
    (bureau.installation.services.config.home / "retention.json").write_text(json.dumps(years))


def test_nothing_is_due_without_rules_or_before_the_years_are_over(bureau: Bureau):
    services = bureau.installation.services
    bureau.installation.clock.advance(days=4000)
    assert retention.due(services) == []
    lay_down(bureau, institution=11, finding=11)
    assert retention.due(services) == []


def test_what_is_due_is_listed_and_what_is_evidence_of_an_open_inspection_stays(bureau: Bureau):
    services = bureau.installation.services
    lay_down(bureau, institution=5, finding=5)
    bureau.installation.clock.advance(days=5 * 366)
    found = {one.type: one for one in retention.due(services)}
    assert found["institution"].held is None
    assert found["finding"].held == f"inspection {bureau.city.inspection}"
    done = retention.erase(services, list(found.values()), user=bureau.leader, second=bureau.reviewer)
    assert done == 1
    assert "name" not in bureau.record(bureau.city.institution).values
    assert bureau.holds("期限")
    assert [one.type for one in retention.due(services)] == ["finding"]
    assert audit(services).ok


def test_the_command_lists_and_needs_two_persons(
    bureau: Bureau, capsys: pytest.CaptureFixture[str], monkeypatch
):
    lay_down(bureau, institution=1)
    monkeypatch.setattr(retention, "_years_after", lambda day, years: day)
    assert main(["erase", "--due", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert bureau.city.institution in said
    assert "0 erased" in said
    assert main(["erase", "--due", "--by", "chief"]) == 1
    assert "not_allowed" in capsys.readouterr().err
    assert main(["erase", "--due", "--by", "chief", "--second", "jurist", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["erased"] == 1


@pytest.mark.parametrize(
    "text", ['{"finding": 0}', '{"finding": "5"}', '{"device": 5}', '{"ghost": 5}', "[]", "{"]
)
def test_rules_that_make_no_sense_are_refused_by_name(bureau: Bureau, text: str):
    home = bureau.installation.services.config.home
    (home / "retention.json").write_text(text)
    with pytest.raises(BadValue, match=r"retention\.json"):
        retention.rules(home)
