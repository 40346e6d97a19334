"""The portal: pages and programs of an institution's users, for whom all of another's is not there."""

from __future__ import annotations

from tests.security.access.vocabulary import Rule, lists, shown_by

READING = "tests/portal/test_reading.py"
OF_OTHERS = f"{READING}::test_another_institutions_notices_and_cases_are_not_there"

RULES: dict[str, Rule] = {
    "portal.home": lists(may="portal"),
    "portal.notice": shown_by(OF_OTHERS),
    "portal.case": shown_by(OF_OTHERS),
    "api.portal": lists(may="portal"),
    "api.portal_notice": shown_by(OF_OTHERS),
    "api.portal_case": shown_by(OF_OTHERS),
}
