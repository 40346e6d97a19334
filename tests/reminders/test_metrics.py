"""Figures for a monitor, guarded; and alert rules that name no figure which is not told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from server.reminders.delivery import Delivery
from server.reminders.schedule import tick
from tests.reminders.served_case import Bureau, FakeChannel, served_case

ALERTS = Path(__file__).parents[2] / "deploy" / "alerts.yml"
NAME = re.compile(r"\bwardledger_[a-z_]+\b")


def told(bureau: Bureau) -> dict[str, float]:
    """Return the figures by name and labels, as this machine is told them."""
    answer = bureau.installation.app.test_client().get("/metrics")
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (200, "text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_nothing_is_told_as_nothing(bureau: Bureau):
    found = told(bureau)
    assert found['wardledger_reminders_due{channel="email"}'] == 0
    assert found["wardledger_scan_lag_seconds"] == 0
    assert set(found.values()) == {0}


def test_what_waits_is_due_then_overdue_with_its_age(bureau: Bureau):
    served_case(bureau)
    tick(bureau.services, bureau.now, {})
    assert told(bureau)['wardledger_reminders_due{channel="email"}'] == 1
    assert told(bureau)['wardledger_reminders_overdue{channel="email"}'] == 0
    bureau.installation.clock.advance(seconds=3600)
    found = told(bureau)
    assert found['wardledger_reminders_overdue{channel="email"}'] == 1
    assert found['wardledger_reminders_oldest_unsent_seconds{channel="email"}'] == 3600


def test_a_scan_that_nobody_makes_falls_behind(bureau: Bureau):
    served_case(bureau)
    bureau.installation.clock.advance(seconds=600)
    assert told(bureau)["wardledger_scan_lag_seconds"] == 600
    tick(bureau.services, bureau.now, {})
    assert told(bureau)["wardledger_scan_lag_seconds"] == 0


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Delivery("sent"), "sent"), (Delivery("permanent"), "failed"), (Delivery("unknown"), "unknown")],
)
def test_what_became_of_a_message_is_counted_by_channel(bureau: Bureau, answer: Delivery, state: str):
    served_case(bureau)
    tick(bureau.services, bureau.now, {"email": FakeChannel(answer)})
    found = told(bureau)
    assert found[f'wardledger_reminders{{channel="email",state="{state}"}}'] == 1
    dead = sum(value for name, value in found.items() if name.startswith("wardledger_reminders_dead"))
    assert dead == (state != "sent")


def test_cases_past_their_day_are_counted(bureau: Bureau):
    served_case(bureau, due_on="2026-11-18")
    served_case(bureau)
    bureau.installation.clock.advance(days=2)
    found = told(bureau)
    assert (found["wardledger_cases_open"], found["wardledger_cases_overdue"]) == (2, 1)


def test_strangers_are_told_nothing(bureau: Bureau):
    client = bureau.installation.app.test_client()
    from_afar = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get("/metrics", environ_overrides=from_afar).status_code == 403
    # Through the proxy of this machine the address that it tells counts.
    assert client.get("/metrics", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 403
    assert client.get("/metrics").status_code == 200


def test_with_a_token_whoever_shows_it_is_told_and_nobody_else(bureau: Bureau, tmp_path: Path):
    token = tmp_path / "metrics.token"
    token.write_text("the-token-of-the-monitor\n", "utf-8")
    object.__setattr__(bureau.services.config, "metrics_token_file", str(token))
    client = bureau.installation.app.test_client()
    from_afar = {"REMOTE_ADDR": "198.51.100.7"}
    for header, status in (("Bearer the-token-of-the-monitor", 200), ("Bearer another", 403), ("", 403)):
        answer = client.get("/metrics", headers={"Authorization": header}, environ_overrides=from_afar)
        assert answer.status_code == status, header
    assert client.get("/metrics").status_code == 403, "not even this machine without it"


def test_every_alert_goes_by_figures_that_are_told_and_says_what_to_do(bureau: Bureau):
    rules = [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]
    assert len(rules) >= 6
    there = {name.partition("{")[0] for name in told(bureau)}
    for rule in rules:
        named = set(NAME.findall(rule["expr"]))
        assert named, rule["alert"]
        assert named <= there, f"{rule['alert']} goes by {named - there}"
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["action"]
    used = set().union(*(NAME.findall(rule["expr"]) for rule in rules))
    assert {
        "wardledger_scan_lag_seconds",
        "wardledger_reminders_overdue",
        "wardledger_reminders_dead",
    } <= used
