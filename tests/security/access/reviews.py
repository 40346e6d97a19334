"""Reviews of evidence: several at once, taken back, voided."""

from __future__ import annotations

from tests.security.access.targets import version
from tests.security.access.vocabulary import Rule, acts, shown_by

REVIEWS = "tests/console/test_reviews.py"
TOGETHER = f"{REVIEWS}::test_who_may_not_decide_on_one_may_not_decide_on_several"
BACK = f"{REVIEWS}::test_nobody_takes_another_s_review_back"

RULES: dict[str, Rule] = {
    "console.together": shown_by(TOGETHER),
    "console.undo": shown_by(BACK),
    "api.review_together": shown_by(TOGETHER),
    "api.undo_together": shown_by(BACK),
    "api.undo": shown_by(BACK, "evidence"),
    "api.void": acts(
        "evidence",
        lambda place, key: {"version": version(place, key), "reason": "other", "note": "不应采用"},
        may="supervisor city neighbour",
        status=200,
    ),
}
