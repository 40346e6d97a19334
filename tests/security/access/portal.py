"""The portal: pages and programs of an institution's users, for whom all of another's is not there."""

from __future__ import annotations

from tests.security.access.vocabulary import OPEN, Rule, lists, open_but_shown_by, shown_by

READING = "tests/portal/test_reading.py"
OF_OTHERS = f"{READING}::test_another_institutions_notices_and_cases_are_not_there"
REPORTS = "tests/portal/test_reporting.py::test_another_institution_reaches_nothing_of_a_report"
UPLOADS = "tests/portal/test_reporting.py::test_only_an_institutions_user_uploads_here"
ASKING = "tests/portal/test_asking.py::test_another_institution_asks_for_nothing_here"
VERIFIED = "tests/portal/test_reporting.py::test_who_verifies_sees_the_proof_and_the_look_is_logged"
STATING = "tests/portal/test_stating.py::test_another_institution_says_nothing_to_it"
SILENCE = "tests/portal/test_silence.py"
HANDED = "tests/portal/test_handed_files.py"
LINKS = "tests/portal/test_acknowledging.py"
GUESSED = f"{LINKS}::test_a_link_that_was_not_given_out_is_unknown"

RULES: dict[str, Rule] = {
    "portal.home": lists(may="portal"),
    "portal.notice": shown_by(OF_OTHERS),
    "portal.case": shown_by(OF_OTHERS),
    "portal.paper": shown_by(f"{READING}::test_a_notice_is_taken_away_on_paper_by_its_addressee_alone"),
    "api.portal_paper": shown_by(f"{READING}::test_a_notice_is_taken_away_on_paper_by_its_addressee_alone"),
    "portal.acknowledge": shown_by(f"{LINKS}::test_another_institution_acknowledges_nothing"),
    "portal.begin_report": shown_by(REPORTS),
    "portal.report": shown_by(REPORTS),
    "portal.write_report": shown_by(REPORTS),
    "portal.report_file": shown_by(REPORTS),
    "api.begin_report": shown_by(REPORTS),
    "api.portal_report": shown_by(REPORTS),
    "api.answer_findings": shown_by(REPORTS),
    "api.submit_report": shown_by(REPORTS),
    "api.add_report_file": shown_by(REPORTS),
    "api.portal_report_file": shown_by(REPORTS),
    "console.report_proof": shown_by(VERIFIED),
    "api.report_proof": shown_by(VERIFIED),
    "portal.handed_file": shown_by(f"{HANDED}::test_an_appeal_with_a_file_is_read_by_whoever_decides"),
    "api.portal_handed_file": shown_by(f"{HANDED}::test_an_appeal_with_a_file_is_read_by_whoever_decides"),
    "console.handed_in_file": shown_by(
        f"{HANDED}::test_a_statement_with_a_file_is_read_by_whoever_decides_and_each_look_is_logged"
    ),
    "api.handed_in_file": shown_by(
        f"{HANDED}::test_a_statement_with_a_file_is_read_by_whoever_decides_and_each_look_is_logged"
    ),
    "api.create_upload": shown_by(UPLOADS),
    "portal.ask_time": shown_by(ASKING),
    "portal.sanction": shown_by(ASKING),
    "portal.appeal": shown_by(ASKING),
    "portal.take_back": shown_by(ASKING),
    "api.party_asks_time": shown_by(ASKING),
    "api.portal_sanction": shown_by(ASKING),
    "api.party_appeal": shown_by(ASKING),
    "api.party_takes_back": shown_by(ASKING),
    "portal.finding": shown_by(STATING),
    "portal.state": shown_by(STATING),
    "api.portal_finding": shown_by(STATING),
    "api.state_on_finding": shown_by(STATING),
    "console.ask_party": shown_by(f"{SILENCE}::test_only_a_supervisor_of_the_region_asks", "finding"),
    "api.ask_party": shown_by(f"{SILENCE}::test_only_a_supervisor_of_the_region_asks", "finding"),
    "ack.page": OPEN,
    "ack.look": open_but_shown_by(GUESSED),
    "ack.confirm": open_but_shown_by(GUESSED),
    "api.acknowledge_notice": shown_by(f"{LINKS}::test_another_institution_acknowledges_nothing"),
    "api.look_up_link": open_but_shown_by(GUESSED),
    "api.acknowledge_by_link": open_but_shown_by(GUESSED),
    "api.portal": lists(may="portal"),
    "api.portal_notice": shown_by(OF_OTHERS),
    "api.portal_case": shown_by(OF_OTHERS),
}
