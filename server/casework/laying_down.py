"""Laying down a ladder: who is reminded when, by which channel, with what to do, in which hours, in a region.

Running cases follow the newest policy at once: a reminder is a service to the institution and no right of it, the
deadline itself does not move, and two cases of one office that are chased by two ladders would be a trap. What was
sent stays sent: a rung keeps its name, so it never goes twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.codes import asked_region
from schemas.drafting import Draft
from schemas.records.reminder_policy import CASE_TYPES, DIGEST_LIMIT_MAX, RECTIFICATION
from server.commit.acts import act, new_id
from server.reminders.policies import DIGEST_LIMIT, Policy
from server.reminders.standing_policies import KIND, policy
from server.storage import deadline_store
from server.wiring import Services
from sync.errors import BadValue
from sync.rules import region_prefix


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody lays down; minutes are of the day. rungs: name, roles, channels, task

    digest_limit: more reminders than these to one recipient by one channel at once go as one message
    """

    region: str
    rungs: tuple[Mapping[str, Any], ...]
    quiet_from: int = 20 * 60
    quiet_until: int = 8 * 60
    morning: int = 8 * 60 + 30
    digest_limit: int = DIGEST_LIMIT
    words: str = ""
    case_type: str = RECTIFICATION


def checked(wanted: Wanted) -> Policy:
    """Return the ladder that is wanted; raises BadValue by the field that does not fit."""
    asked_region(wanted.region)
    if wanted.case_type not in CASE_TYPES:
        raise BadValue(f"one of {', '.join(CASE_TYPES)}", field="case_type")
    for name in ("quiet_from", "quiet_until", "morning"):
        if not 0 <= getattr(wanted, name) < 24 * 60:
            raise BadValue("a time of the day", field=name)
    if not 1 <= wanted.digest_limit <= DIGEST_LIMIT_MAX:
        raise BadValue(f"a number from 1 to {DIGEST_LIMIT_MAX}", field="digest_limit")
    return policy(
        wanted.rungs,
        wanted.quiet_from,
        wanted.quiet_until,
        wanted.morning,
        name=wanted.case_type,
        digest_limit=wanted.digest_limit,
    )


def lay_down(services: Services, user: str, wanted: Wanted) -> str:
    """Enter a ladder and return its record's id; raises BadValue or NotAllowed.

    The clocks of the region are looked at anew: a rung may have come nearer.
    """
    made, ladder = new_id(services), checked(wanted)
    values: dict[str, Any] = {
        "region": wanted.region,
        "case_type": wanted.case_type,
        "quiet_from": wanted.quiet_from,
        "quiet_until": wanted.quiet_until,
        "morning": wanted.morning,
        "digest_limit": wanted.digest_limit,
    }
    if wanted.words:
        values["words"] = wanted.words
    rungs: Sequence[Mapping[str, Any]] = [
        {"name": one.name, "roles": list(one.roles), "channels": list(one.channels)}
        | ({"task": one.task} if one.task else {})
        for one in ladder.rungs
    ]
    act(
        services,
        [Draft("create", KIND, made, values, add={"rungs": list(rungs)})],
        user=user,
        kind="setting",
        after=lambda connection, _: deadline_store.wake(
            connection, services.ledger.id, region_prefix(wanted.region), services.now_ms()
        ),
    )
    return made
