"""One's own account, and getting in: what is one's own is shown by tests of its own."""

from __future__ import annotations

from tests.security.access.vocabulary import LISTS, OPEN, Rule, lists, open_but_shown_by, shown_by

ACCOUNT = "tests/console/test_account.py"
STEP = "tests/console/test_second_step.py"
PROGRAMS = "tests/api/test_account.py"
PROVING = "tests/api/test_proving.py"
KEYS = "tests/api/test_passkeys.py"
PARTY = "tests/console/test_party_users.py"
OVER_IT = f"{PARTY}::test_nobody_but_a_supervisor_over_it_lets_anybody_in_or_out"

RULES: dict[str, Rule] = {
    "console.account": LISTS,
    "console.change_password": shown_by(f"{ACCOUNT}::test_a_wrong_present_password_changes_nothing"),
    "console.end_session": shown_by(
        f"{ACCOUNT}::test_nobody_ends_a_session_of_somebody_else", handle="0" * 16
    ),
    "console.end_other_sessions": shown_by(f"{ACCOUNT}::test_all_others_end_and_this_one_stays"),
    "console.second_factor_form": lists(status=303),
    "console.begin_second_factor": shown_by(f"{STEP}::test_a_factor_is_set_up_confirmed_and_asked_for"),
    "console.confirm_second_factor": shown_by(f"{STEP}::test_a_wrong_first_code_switches_nothing_on"),
    "console.renew_codes": shown_by(f"{STEP}::test_recovery_codes_are_renewed_by_a_code_alone"),
    "console.switch_off_second_factor": shown_by(f"{STEP}::test_the_factor_is_switched_off_by_a_code_alone"),
    "console.party_users": shown_by(OVER_IT),
    "console.invite_party_user": shown_by(OVER_IT),
    "console.party_user_act": shown_by(OVER_IT),
    "api.list_party_users": shown_by(OVER_IT),
    "api.invite_party_user": shown_by(OVER_IT),
    "api.invite_party_user_again": shown_by(OVER_IT),
    "api.disable_party_user": shown_by(OVER_IT),
    "console.join": OPEN,
    "console.join_now": open_but_shown_by(f"{ACCOUNT}::test_a_code_that_is_unknown_sets_no_password"),
    "console.sign_in_code": open_but_shown_by(f"{STEP}::test_without_the_password_there_is_no_second_step"),
    "console.sign_in_code_now": open_but_shown_by(
        f"{STEP}::test_without_the_password_there_is_no_second_step"
    ),
    "console.sign_in_set_up": open_but_shown_by(
        f"{STEP}::test_a_role_that_asks_for_a_factor_leads_to_its_set_up"
    ),
    "console.sign_in_set_up_now": open_but_shown_by(
        f"{STEP}::test_a_role_that_asks_for_a_factor_leads_to_its_set_up"
    ),
    "api.account": LISTS,
    "api.change_password": shown_by(f"{PROGRAMS}::test_a_password_is_changed_by_who_knows_the_present_one"),
    "api.end_session": shown_by(f"{PROGRAMS}::test_a_session_of_somebody_else_is_not_found", handle="0" * 16),
    "api.end_other_sessions": shown_by(f"{PROGRAMS}::test_sessions_are_listed_and_all_others_end"),
    "api.begin_second_factor": shown_by(
        f"{PROGRAMS}::test_a_program_switches_a_factor_on_and_signs_in_with_it"
    ),
    "api.confirm_second_factor": shown_by(f"{PROGRAMS}::test_a_wrong_code_is_told_by_its_code"),
    "api.renew_codes": shown_by(f"{PROGRAMS}::test_a_wrong_code_is_told_by_its_code"),
    "api.switch_off_second_factor": shown_by(f"{PROGRAMS}::test_a_wrong_code_is_told_by_its_code"),
    "console.confirm_self": shown_by(f"{PROVING}::test_the_page_asks_first_and_shows_its_forms_then"),
    "api.confirm_self": shown_by(f"{PROVING}::test_nobody_proves_anything_without_a_session"),
    "console.remove_passkey": shown_by(f"{KEYS}::test_a_removed_passkey_signs_nobody_in", key="0" * 64),
    "api.ask_for_passkey": open_but_shown_by(f"{KEYS}::test_a_challenge_is_good_once"),
    "api.sign_in_by_passkey": open_but_shown_by(f"{KEYS}::test_what_another_site_made_signs_nobody_in"),
    "api.ask_for_new_passkey": lists(),
    "api.add_passkey": shown_by(f"{KEYS}::test_another_site_registers_no_passkey"),
    "api.remove_passkey": shown_by(f"{KEYS}::test_a_removed_passkey_signs_nobody_in", key="0" * 64),
    "api.join": open_but_shown_by(f"{PROGRAMS}::test_a_password_is_chosen_with_a_code_once"),
}
