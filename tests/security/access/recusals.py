"""Recusals: the list, declaring and lifting, at the desk and for programs."""

from __future__ import annotations

from tests.security.access.vocabulary import LISTS, Rule, shown_by

RECUSALS = "tests/console/test_recusals.py"

RULES: dict[str, Rule] = {
    "console.recusals": LISTS,
    "console.declare_recusal": shown_by(f"{RECUSALS}::test_who_oversees_nothing_declares_his_own_alone"),
    "console.lift_recusal": shown_by(f"{RECUSALS}::test_nobody_lifts_his_own_and_no_neighbour_does"),
    "api.list_recusals": LISTS,
    "api.declare_recusal": shown_by(f"{RECUSALS}::test_a_program_declares_and_lifts"),
    "api.lift_recusal": shown_by(f"{RECUSALS}::test_a_program_declares_and_lifts"),
}
