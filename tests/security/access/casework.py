"""Acting on a case: its notice, its report, more time, and its end."""

from __future__ import annotations

from tests.security.access.targets import version
from tests.security.access.vocabulary import Rule, acts, shown_by

DESK = "tests/casework/test_at_the_desk.py"
STEPS = f"{DESK}::test_who_has_no_office_over_a_case_takes_no_step_of_it"
NOTICES = f"{DESK}::test_who_has_no_office_over_a_notice_takes_no_step_of_it"
MORE_TIME = f"{DESK}::test_who_has_no_office_decides_on_no_extension"
MAY = "supervisor city neighbour both"

RULES: dict[str, Rule] = {
    "console.draft_notice": acts("opened", lambda place, key: {"version": version(place, key)}, may=MAY),
    "api.draft_case_notice": acts(
        "opened", lambda place, key: {"version": version(place, key)}, may=MAY, status=201
    ),
    "console.notice_step": shown_by(NOTICES, "notice", step="sign_off"),
    "console.case_step": shown_by(STEPS, "case", step="satisfy"),
    "console.decide_extension": shown_by(MORE_TIME, "notice"),
    "api.decide_extension": shown_by(MORE_TIME, "notice"),
    "api.drop_notice": acts(
        "drafted", lambda place, key: {"version": version(place, key)}, may=MAY, status=200
    ),
    **{
        f"api.{name}": shown_by(NOTICES, "notice")
        for name in ("change_notice", "sign_off_notice", "issue_notice", "serve_notice", "enter_acknowledgement")
    },
    **{
        f"api.{name}": shown_by(STEPS, "case")
        for name in (
            "enter_report", "verify_report", "return_report", "close_case", "call_back", "look_back", "satisfy_case",
            "reopen_case",
        )
    },
}  # fmt: skip
