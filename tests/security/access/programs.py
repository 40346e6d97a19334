"""The API, and what phones and other bureaus ask."""

from __future__ import annotations

from tests.security.access.targets import version
from tests.security.access.vocabulary import (
    LISTS,
    OF_PHONES,
    OPEN,
    Rule,
    acts,
    lists,
    open_but_shown_by,
    open_to_all,
    reads,
    shown_by,
)

CENSUS = "tests/rounds/test_census_at_the_desk.py"
BOARD = "tests/rounds/test_round_board.py"
PAPERS = "tests/console/test_papers.py::test_out_of_scope_no_page_is_shown"
ACCESSES = "tests/console/test_accesses.py"
USERS = "tests/console/test_users.py"
BULLETINS = "tests/documents/test_bulletin.py"
NOTICES = "tests/documents/test_notice.py"
DECISIONS = "tests/documents/test_decision.py"
RECORDS = "tests/documents/test_record.py"
SECOND = "tests/console/test_second_reviews.py"
MESSAGES = "tests/console/test_messages.py"
SIGN_IN = "tests/api/test_api.py"
SECRETS = "tests/intake/test_files.py::test_an_address_that_nobody_was_given_is_unknown"
"""An upload is known by its secret address, which its phone alone was told."""

RULES: dict[str, Rule] = {
    "api.list_rounds": LISTS,
    "api.one_round": reads("ward_round"),
    "api.carried_out": LISTS,
    "api.preview_census": shown_by(f"{CENSUS}::test_who_may_not_neither_looks_at_a_census_nor_brings_one"),
    "api.bring_census": shown_by(f"{CENSUS}::test_who_may_not_neither_looks_at_a_census_nor_brings_one"),
    "api.watch_rounds": LISTS,
    "api.foresee_call": shown_by(f"{BOARD}::test_who_is_no_supervisor_calls_nobody_by_program"),
    "api.call_rounds": shown_by(f"{BOARD}::test_who_is_no_supervisor_calls_nobody_by_program"),
    "api.call_round_now": shown_by(
        f"{BOARD}::test_who_is_no_supervisor_calls_nobody_by_program", "ward_round"
    ),
    "api.list_evidence": LISTS,
    "api.one_evidence": reads("evidence"),
    "api.proof": reads("evidence"),
    "api.evidence_file": reads("evidence"),
    "api.evidence_page_picture": shown_by(PAPERS, "evidence", page="1"),
    "api.record_as_paper": shown_by(f"{RECORDS}::test_who_may_not_see_the_item_takes_none", "evidence"),
    "api.verify": open_but_shown_by(f"{RECORDS}::test_strangers_are_told_nothing_else"),
    "api.list_second_reviews": LISTS,
    "api.to_do": LISTS,
    "api.one_second_review": shown_by(f"{SECOND}::test_of_another_county_nothing_is_seen", "evidence"),
    "api.review_again": shown_by(f"{SECOND}::test_whoever_looked_first_is_refused", "evidence"),
    "api.list_findings": LISTS,
    "api.one_finding": reads("finding"),
    "api.list_cases": LISTS,
    "api.one_case": reads("case"),
    "api.board_of_cases": LISTS,
    "api.one_notice": reads("notice"),
    "api.notice_as_paper": shown_by(f"{NOTICES}::test_another_countys_supervisor_finds_none", "notice"),
    "api.bulletin_as_paper": shown_by(f"{BULLETINS}::test_whoever_may_not_gets_none", "notice"),
    "api.decision_as_paper": shown_by(f"{DECISIONS}::test_who_may_not_read_it_takes_none", "sanction"),
    "api.decision_slip_as_paper": shown_by(f"{DECISIONS}::test_who_may_not_read_it_takes_none", "sanction"),
    "api.slip_as_paper": shown_by(f"{NOTICES}::test_another_countys_supervisor_finds_none", "notice"),
    "api.calendar_of_deadlines": LISTS,
    "api.register_of_cases": LISTS,
    "api.register_of_cases_as_file": lists(form="csv"),
    "api.list_messages": LISTS,
    "api.list_my_messages": LISTS,
    "api.read_message": shown_by(
        f"{MESSAGES}::test_nobody_marks_a_message_to_another_as_read", item="0" * 32
    ),
    "api.one_message": shown_by(
        f"{MESSAGES}::test_another_county_sees_no_message_and_mends_none", item="0" * 32
    ),
    "api.mend_message": shown_by(
        f"{MESSAGES}::test_another_county_sees_no_message_and_mends_none", item="0" * 32
    ),
    "api.review": acts(
        "evidence",
        lambda place, key: {"act": "approve", "version": version(place, key)},
        may="supervisor city neighbour",
        status=200,
    ),
    "api.confirm": acts(
        "finding",
        lambda place, key: {"version": version(place, key), "served_on": "2026-11-17", "working_days": 15},
        may="supervisor city neighbour",
        status=201,
    ),
    "api.list_records": lists(type="finding"),
    "api.one_record": reads("finding", type="finding"),
    "api.record_history": reads("finding", type="finding"),
    "api.how_things_stand": LISTS,
    "api.one_report": lists(name="presence"),
    "api.report_as_file": lists(name="presence", form="csv"),
    "api.register_as_file": lists(type="finding", form="csv"),
    "api.list_accesses": lists(may="admin auditor"),
    "api.one_access": shown_by(f"{ACCESSES}::test_a_line_is_proven_by_the_root_in_the_ledger", "evidence"),
    "api.list_users": lists(may="admin"),
    "api.invite_user": shown_by(f"{USERS}::test_nobody_else_opens_the_administration"),
    "api.one_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.change_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.disable_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.enable_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.sign_out_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.reset_factor": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.reset_user": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.invite_again": shown_by(f"{USERS}::test_another_regions_users_are_not_there_for_him", "user"),
    "api.link_user": shown_by(
        "tests/accounts/test_single_sign_on.py::test_only_an_administrator_links", "user"
    ),
    "api.list_deputations": lists(may="admin"),
    "api.appoint_deputy": shown_by(f"{USERS}::test_the_api_does_what_the_pages_do"),
    "api.end_deputation": shown_by(f"{USERS}::test_the_api_does_what_the_pages_do", "deputation"),
    "api.list_institutions": LISTS,
    "api.one_institution": reads("inspected"),
    "api.institution_dossier": reads("inspected"),
    "api.one_bundle": reads("case", kind="case"),
    "api.one_private_bundle": reads("case", may="supervisor city neighbour both leader", kind="case"),
    "api.search_everything": LISTS,
    "api.search_persons": shown_by(
        "tests/console/test_search.py::test_the_interface_shows_an_auditor_no_person"
    ),
    "api.list_entries": LISTS,
    "api.one_entry": lists(index="0"),
    "api.list_types": OPEN,
    "api.one_type": open_to_all(type="finding"),
    "api.openapi": OPEN,
    "api.guide": OPEN,
    "api.session": OPEN,
    "api.sign_in": open_but_shown_by(f"{SIGN_IN}::test_a_program_signs_in_by_the_api_and_out_again"),
    "api.sign_out": shown_by(f"{SIGN_IN}::test_a_program_signs_in_by_the_api_and_out_again"),
    "app.shell": OPEN,
    "app.without_slash": open_to_all(308),
    "app.file": open_to_all(name="app.js"),
    "health.healthz": OPEN,
    "health.readyz": OPEN,
    "metrics.tell": open_but_shown_by("tests/reminders/test_metrics.py::test_strangers_are_told_nothing"),
    "intake.keys": OPEN,
    "intake.enrol": OF_PHONES,
    "intake.myself": OF_PHONES,
    "intake.push": OF_PHONES,
    "intake.old_receipt": OF_PHONES,
    "intake.feed": OF_PHONES,
    "intake.cipher": OF_PHONES,
    "catalogues.fetch": OF_PHONES,
    "tus.options": open_to_all(204),
    "tus.create": OF_PHONES,
    "tus.tell": open_but_shown_by(SECRETS),
    "tus.append": open_but_shown_by(SECRETS),
    "tus.terminate": open_but_shown_by(SECRETS),
    "tus.overridden": open_but_shown_by(SECRETS),
    "ledger.head": OPEN,
    "ledger.cosigned": open_to_all(404),
    "ledger.tile": open_to_all(level="0", number="000.p/1"),
    "ledger.entries": open_to_all(403, number="000"),
    "ledger.proof": open_to_all(query={"index": "0"}),
    "witness.add_checkpoint": open_but_shown_by(
        "tests/outside/test_add_checkpoint.py::test_a_note_that_no_trusted_key_signed_is_forbidden"
    ),
}
