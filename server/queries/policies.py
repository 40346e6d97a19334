"""Reminder policies as they stand, their history, and what one would do to a sample case."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from schemas import regions
from schemas.records.reminder_policy import CASE_TYPES
from server.access import scope
from server.console.pages.policies import PoliciesPage, PolicyForm, PolicyRow, RungRow, SampleRow
from server.queries import people
from server.queries.reading import TABLE, Reading, moment
from server.reminders import ladder, standing_policies
from server.reminders.calendar import due_date
from server.reminders.ladder import Deadline, Recipient
from server.reminders.policies import PETITION, RECTIFICATION, Policy
from sync.errors import BadValue, NotAllowed

LAYERS = frozenset({"supervisor", "leader"})
HISTORY_MAX = 50
SAMPLE_TERMS = {RECTIFICATION.name: 15, PETITION.name: 3}
"""Working days of the sample case, by case type."""
BLANK_RUNGS = 2


def may_lay_down(reading: Reading) -> bool:
    """Return whether the reader lays policies down."""
    return bool(LAYERS & scope.roles(reading.connection, reading.services.ledger.id, reading.user))


def check_layer(reading: Reading) -> None:
    """Raise NotAllowed for whoever lays none down."""
    if not may_lay_down(reading):
        raise NotAllowed("supervisors and leaders lay reminder policies down")


def case_type_of(words: str | None) -> str:
    """Return the case type that an address asks for, rectification where it asks for none; raises BadValue."""
    if words and words not in CASE_TYPES:
        raise BadValue(f"one of {', '.join(CASE_TYPES)}", field="case_type")
    return words or RECTIFICATION.name


def in_force(reading: Reading, region: str, case_type: str = RECTIFICATION.name) -> tuple[Policy, str]:
    """Return the policy that counts in a region, and the region that laid it down, '' for the one brought along."""
    known = standing_policies.standing(reading.connection, reading.services)
    policy, record = known.with_record(region, case_type)
    return policy, str(record.values["region"]) if record else ""


def policies_page(
    reading: Reading,
    region: str,
    case_type: str = RECTIFICATION.name,
    form: PolicyForm | None = None,
    wanted: Policy | None = None,
) -> PoliciesPage:
    """Return the policies. region: the reader's own; form, wanted: what was typed, and the ladder it is"""
    policy, origin = in_force(reading, region, case_type)
    standing = form_of(policy, region)
    sampled, due = sample(reading, region, wanted or policy)
    return PoliciesPage(
        region=region,
        origin=regions.name(origin, reading.locale) if origin else "",
        ladder=standing,
        form=form or standing,
        history=_history(reading, region, case_type),
        case_type=case_type,
        sample=sampled,
        sample_due=due,
        may_lay_down=may_lay_down(reading),
    )


def form_of(policy: Policy, region: str) -> PolicyForm:
    """Return a policy as it would be typed."""
    return PolicyForm(
        region=region,
        rungs=tuple(
            RungRow(name=one.name, roles=one.roles, channels=one.channels, task=one.task or "")
            for one in policy.rungs
        ),
        quiet_from=_clock(policy.quiet_from),
        quiet_until=_clock(policy.quiet_until),
        morning=_clock(policy.morning),
        digest_limit=str(policy.digest_limit),
        case_type=policy.name,
    )


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _history(reading: Reading, region: str, case_type: str) -> tuple[PolicyRow, ...]:
    every = reading.visible(standing_policies.KIND).order_by(TABLE.c.id.desc()).limit(HISTORY_MAX)
    records = [one for one in reading.records(every) if one.values["case_type"] == case_type]
    known = standing_policies.standing(reading.connection, reading.services)
    counting = known.with_record(region, case_type)[1]
    names = people.officers(reading, {one.created_by for one in records})
    return tuple(
        PolicyRow(
            id=one.id,
            region=str(one.values["region"]),
            at=moment(_made_at(one)),
            by=names.get(one.created_by, people.NOBODY).name,
            rungs=len(one.values["rungs"]),
            words=str(one.values.get("words") or ""),
            counts=counting is not None and counting.id == one.id,
        )
        for one in records
    )


def _made_at(record: Any) -> int:
    """Return when a record was made, from its id: the server makes it, and a UUIDv7 begins with the time."""
    return int(record.id.replace("-", "")[:12], 16)


def sample(reading: Reading, region: str, policy: Policy) -> tuple[tuple[SampleRow, ...], date]:
    """Return what a case served today gets, of everybody and by every channel, and its last day."""
    services, calendar = reading.services, reading.calendar_of(region)
    due = due_date(reading.today, SAMPLE_TERMS[policy.name], calendar)
    every: dict[str, tuple[Recipient, ...]] = {
        role: (Recipient(role, frozenset(standing_policies.WAYS)),) for role in standing_policies.ROLES
    }
    deadline = Deadline(
        case="sample",
        due_on=due,
        due_version=1,
        served_at=services.now(),
        zone=services.config.zone,
        calendar=calendar,
        policy=policy,
        recipients=every,
        unacknowledged=True,
    )
    return tuple(
        SampleRow(at=at, rung=one.name, roles=one.roles, channels=one.channels, task=one.task or "")
        for at, one in ladder.planned(deadline)
    ), due
