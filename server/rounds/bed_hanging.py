"""How often somebody was not found, against what a region counts as a phantom bed (挂床). Pure, derived, never stored.

One absence alone is a suspicion everywhere; how many within how many days meet the local rule is dated
data (server.rounds.local_rules). An absence that a slip, a reason or the officers explained does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from server.rounds.local_rules import LocalRules

AWAY = frozenset({"absent", "discharged_unsettled"})
NONE, SUSPICION, MEETS_RULE = "none", "suspicion", "meets_rule"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the checks of one round say together of one in-patient: presence, None where they differ, and the day."""

    ward_round: str
    day: date
    presence: str | None
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an in-patient stands: a word of NONE, SUSPICION, MEETS_RULE; absences: the rounds that count."""

    word: str
    absences: tuple[str, ...]
    rules: LocalRules


def is_explained(values: Mapping[str, Any]) -> bool:
    """Return whether a bed check explains why somebody is away: by a slip, a reason, or the officers' conclusion."""
    slip = values.get("slip") or {}
    has_slip = slip.get("kind") not in (None, "none")
    has_reason = values.get("absence_reason") not in (None, "unknown")
    return has_slip or has_reason or values.get("conclusion") in ("explained", "normal")


def standing(sightings: Iterable[Sighting], rules: LocalRules, today: date) -> Standing:
    """Return where an in-patient stands on a day, from what rounds up to that day saw."""
    away = [one for one in sightings if one.presence in AWAY and not one.explained and one.day <= today]
    since = today - timedelta(days=rules.bed_hanging_days - 1)
    counted = _in_order(one for one in away if one.day >= since)
    if len(counted) >= rules.bed_hanging_absences:
        return Standing(MEETS_RULE, counted, rules)
    return Standing(SUSPICION if away else NONE, counted, rules)


def _in_order(some: Iterable[Sighting]) -> tuple[str, ...]:
    ordered: Sequence[Sighting] = sorted(some, key=lambda one: (one.day, one.ward_round))
    return tuple(dict.fromkeys(one.ward_round for one in ordered))
