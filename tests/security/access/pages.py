"""The desk's pages and forms."""

from __future__ import annotations

from tests.security.access.targets import due_on, version
from tests.security.access.vocabulary import (
    LISTS,
    Rule,
    acts,
    lists,
    open_but_shown_by,
    open_to_all,
    reads,
    shown_by,
)

ACCESSES = "tests/console/test_accesses.py"
SIGN_ON = "tests/accounts/test_single_sign_on.py"
USERS = "tests/console/test_users.py"
SIGN_IN = "tests/console/test_sign_in.py"
SEARCH = "tests/console/test_search.py"
BULLETINS = "tests/documents/test_bulletin.py"
NOTICES = "tests/documents/test_notice.py"
DECISIONS = "tests/documents/test_decision.py"
SECOND = "tests/console/test_second_reviews.py"
MESSAGES = "tests/console/test_messages.py"
CENSUS = "tests/rounds/test_census_at_the_desk.py"
CALLING = "tests/rounds/test_calling_at_the_desk.py"

RECORDS = "tests/documents/test_record.py"

RULES: dict[str, Rule] = {
    "console.home": LISTS,
    "console.rounds": LISTS,
    "console.round": reads("ward_round"),
    "console.call": lists(may="supervisor city neighbour both"),
    "console.called": shown_by(f"{CALLING}::test_who_is_no_supervisor_sees_no_form_and_calls_nobody"),
    "console.call_now": shown_by(f"{CALLING}::test_who_may_not_calls_no_ordered_round", "ward_round"),
    "console.census": lists(may="supervisor city neighbour both"),
    "console.bring_census": shown_by(f"{CENSUS}::test_who_may_not_neither_looks_at_a_census_nor_brings_one"),
    "console.round_board": LISTS,
    "console.execution": LISTS,
    "console.evidence_queue": LISTS,
    "console.evidence": reads("evidence"),
    "console.photo": reads("evidence"),
    "console.record_file": shown_by(f"{RECORDS}::test_who_may_not_see_the_item_takes_none", "evidence"),
    "console.verify": open_but_shown_by(f"{RECORDS}::test_strangers_are_told_nothing_else"),
    "console.paper": shown_by(
        "tests/console/test_papers.py::test_out_of_scope_no_page_is_shown", "evidence", page="1"
    ),
    "console.review": acts(
        "evidence",
        lambda place, key: {"decision": "approve", "version": version(place, key)},
        may="supervisor city neighbour",
    ),
    "console.second_reviews": LISTS,
    "console.second_review": shown_by(f"{SECOND}::test_of_another_county_nothing_is_seen", "evidence"),
    "console.review_again": shown_by(f"{SECOND}::test_whoever_looked_first_is_refused", "evidence"),
    "console.findings": LISTS,
    "console.finding": reads("finding"),
    "console.confirm": acts(
        "finding",
        lambda place, key: {
            "version": version(place, key),
            "served_on": "2026-11-17",
            "working_days": 15,
            "due_on": due_on(place, 15),
        },
        may="supervisor city neighbour",
    ),
    "console.cases": LISTS,
    "console.case": reads("case"),
    "console.case_board": LISTS,
    "console.notice": reads("notice"),
    "console.notice_file": shown_by(f"{NOTICES}::test_another_countys_supervisor_finds_none", "notice"),
    "console.bulletin_file": shown_by(f"{BULLETINS}::test_whoever_may_not_gets_none", "notice"),
    "console.decision_file": shown_by(f"{DECISIONS}::test_who_may_not_read_it_takes_none", "sanction"),
    "console.decision_slip": shown_by(f"{DECISIONS}::test_who_may_not_read_it_takes_none", "sanction"),
    "console.notice_slip": shown_by(f"{NOTICES}::test_another_countys_supervisor_finds_none", "notice"),
    "console.due_calendar": LISTS,
    "console.rectification_register": LISTS,
    "console.rectification_register_file": lists(form="csv"),
    "console.messages": LISTS,
    "console.my_messages": LISTS,
    "console.read_message": shown_by(
        f"{MESSAGES}::test_nobody_marks_a_message_to_another_as_read", id="0" * 32
    ),
    "console.message": shown_by(
        f"{MESSAGES}::test_another_county_sees_no_message_and_mends_none", id="0" * 32
    ),
    "console.mend_message": shown_by(
        f"{MESSAGES}::test_another_county_sees_no_message_and_mends_none", id="0" * 32
    ),
    "console.registers": LISTS,
    "console.register": lists(kind="finding"),
    "console.record": reads("finding", kind="finding"),
    "console.reports": LISTS,
    "console.report_file": lists(name="presence", form="csv"),
    "console.register_file": lists(kind="finding", form="csv"),
    "console.execution_file": lists(form="csv"),
    "console.institutions": LISTS,
    "console.institution": reads("inspected"),
    "console.dossier": reads("inspected"),
    "console.bundle": reads("case", kind="case"),
    "console.private_bundle": reads("case", may="supervisor city neighbour both leader", kind="case"),
    "console.search": LISTS,
    "console.look_for": shown_by(f"{SEARCH}::test_an_auditor_does_not_look_for_persons"),
    "console.ledger": LISTS,
    "console.accesses": lists(may="admin auditor"),
    "console.accesses_of": shown_by(f"{ACCESSES}::test_lines_are_found_by_person_record_act_and_day"),
    "console.access": shown_by(f"{ACCESSES}::test_a_line_is_proven_by_the_root_in_the_ledger", "evidence"),
    "console.accesses_file": lists(may="admin auditor", form="csv"),
    "console.users": lists(may="admin"),
    "console.search_users": shown_by(f"{USERS}::test_nobody_else_opens_the_administration"),
    "console.new_user": lists(may="admin"),
    "console.invite_user": shown_by(f"{USERS}::test_nobody_else_opens_the_administration"),
    "console.user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "console.change_user": shown_by(
        f"{USERS}::test_an_administrator_changes_nothing_of_his_own_rights", "user"
    ),
    "console.user_act": shown_by(
        f"{USERS}::test_another_regions_users_are_not_there_for_him", "user", act="disable"
    ),
    "console.deputies": lists(may="admin"),
    "console.appoint": shown_by(f"{USERS}::test_nobody_else_opens_the_administration"),
    "console.end_deputation": shown_by(
        f"{USERS}::test_a_deputy_is_appointed_and_the_deputation_ended", "deputation"
    ),
    "console.entries": LISTS,
    "console.entry": lists(index="0"),
    "console.entry_proof": lists(index="0"),
    "console.sign_in": open_but_shown_by(
        f"{SIGN_IN}::test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_back"
    ),
    "console.sign_in_now": open_but_shown_by(
        f"{SIGN_IN}::test_a_wrong_password_signs_nobody_in_and_keeps_the_name"
    ),
    "console.sign_on": open_but_shown_by(
        f"{SIGN_ON}::test_without_a_provider_there_is_neither_button_nor_address"
    ),
    "console.signed_on": open_but_shown_by(
        f"{SIGN_ON}::test_an_answer_that_nobody_asked_for_signs_nobody_in"
    ),
    "console.sign_out": shown_by(f"{SIGN_IN}::test_signing_out_ends_the_session_on_the_server_too"),
    "console.language": open_but_shown_by(f"{SIGN_IN}::test_a_language_that_there_is_not_is_refused"),
    "static": open_to_all(filename="desk/desk.css"),
}
