"""Conflicts, late arrivals, quarantine and devices: pages and programs."""

from __future__ import annotations

from tests.security.access.targets import contested
from tests.security.access.vocabulary import LISTS, Rule, acts, lists, reads, shown_by

DECIDES = "supervisor city neighbour both lead farlead"
"""A type's declaration says who resolves: of a finding its lead inspector, and supervisors of the region."""
WAITING = "tests/console/test_waiting.py"
RULES_ON = "test_nobody_else_rules_on_it_and_an_auditor_reads_no_private_word"
LETS_IN = "test_nobody_but_a_supervisor_of_the_region_lets_a_set_in"
DEVICES = "tests/console/test_devices.py"
LETS = "test_nobody_but_an_administrator_of_the_region_lets_phones_in"
SHUTS = "test_nobody_but_an_administrator_of_the_region_shuts_phones_out"

RULES: dict[str, Rule] = {
    "console.conflicts": LISTS,
    "console.conflict": reads("conflict"),
    "console.resolve": acts(
        "conflict",
        lambda place, key: {"over": contested(place, key), "take": contested(place, key)[0]},
        may=DECIDES,
    ),
    "console.devices": LISTS,
    "console.device": reads("device"),
    "console.loss": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "console.enrol": lists(may="admin"),
    "console.outbox": shown_by("tests/console/test_outboxes.py::test_who_brings_an_outbox"),
    "console.invite": shown_by(f"{DEVICES}::{LETS}"),
    "console.invite_state": shown_by(f"{DEVICES}::{LETS}", digest="0" * 64),
    "console.revoke_device": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "console.report_lost": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "console.waiting": LISTS,
    "console.late": shown_by(f"{WAITING}::{RULES_ON}", index="1"),
    "console.rule": shown_by(f"{WAITING}::{RULES_ON}", index="1"),
    "console.quarantine": LISTS,
    "console.kept": shown_by(f"{WAITING}::{LETS_IN}", id="nothing"),
    "console.readmit": shown_by(f"{WAITING}::{LETS_IN}", id="nothing"),
    "api.list_waiting": LISTS,
    "api.one_late": shown_by(f"{WAITING}::{RULES_ON}", index="1"),
    "api.rule_late": shown_by(f"{WAITING}::{RULES_ON}", index="1"),
    "api.list_quarantine": LISTS,
    "api.one_kept": shown_by(f"{WAITING}::{LETS_IN}", item="nothing"),
    "api.readmit": shown_by(f"{WAITING}::{LETS_IN}", item="nothing"),
    "api.bring_outbox": shown_by("tests/console/test_outboxes.py::test_who_brings_an_outbox"),
    "api.list_devices": LISTS,
    "api.one_device": reads("device"),
    "api.device_loss": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "api.invite_device": shown_by(f"{DEVICES}::{LETS}"),
    "api.invite_stands": shown_by(f"{DEVICES}::{LETS}", digest="0" * 64),
    "api.revoke_device": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "api.report_lost": shown_by(f"{DEVICES}::{SHUTS}", "device"),
    "api.list_conflicts": LISTS,
    "api.one_conflict": reads("conflict"),
    "api.resolve": acts(
        "conflict",
        lambda place, key: {"over": contested(place, key), "take": contested(place, key)[0]},
        may=DECIDES,
        status=200,
    ),
}
