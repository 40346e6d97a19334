"""The ladder: which reminders a deadline wants at an instant, and when it will want the next.

Pure: no clock and no storage. `sent` is what the outbox already holds, `now` is an argument, and nothing
here remembers anything, so two schedulers that ask at once get the same answer and the outbox's unique key
decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from server.reminders.calendar import Calendar, add_working_days, instant, next_working_morning, rung_date
from server.reminders.policies import CHANNELS, Policy, Role, Rung, Task

SCAN_MAX = 1_000
"""The most deadlines that one call of `due` looks at."""

Withholding = Literal["closed", "due_changed", "higher_rung", "not_addressed"]


class ReminderKey(NamedTuple):
    """What makes a reminder unique: it is sent once, whoever asks and however often."""

    case: str
    rung: str
    recipient: str
    channel: str
    due_version: int


Sent = AbstractSet[ReminderKey]
Channels = AbstractSet[str]


@dataclass(frozen=True)
class Recipient:
    """Somebody who is reminded: `channels` are the kinds of address on file; addresses stay in storage."""

    id: str
    channels: frozenset[str]


@dataclass(frozen=True)
class Deadline:
    """What the ladder must know of a case.

    due_on: the last day, in `zone`
    due_version: 1 at first; each change of `due_on` raises it, and supersedes all reminders of the old one
    served_at: aware UTC
    recipients: by role (policies.Role)
    unacknowledged: whether it was served and nobody has acknowledged it yet
    """

    case: str
    due_on: date
    due_version: int
    served_at: datetime
    zone: ZoneInfo
    calendar: Calendar
    policy: Policy
    recipients: Mapping[str, tuple[Recipient, ...]]
    closed: bool = False
    unacknowledged: bool = False


@dataclass(frozen=True)
class Reminder:
    """One message to one recipient by one channel.

    send_at: aware UTC; from `due` the planned instant of its rung, from `preview` that at which it goes
    task: what the rung asks for beyond the message
    skipped: lower rungs that nobody got, lowest first; this one supersedes them
    why: one sentence for the record of what was sent
    """

    case: str
    rung: str
    recipient: str
    channel: str
    due_version: int
    send_at: datetime
    role: Role
    task: Task | None
    skipped: tuple[str, ...]
    why: str

    @property
    def key(self) -> ReminderKey:
        """The unique key of this reminder in the outbox."""
        return ReminderKey(self.case, self.rung, self.recipient, self.channel, self.due_version)


class _Planned(NamedTuple):
    """A rung that this deadline has, and the instant from which it is wanted."""

    at: datetime
    rung: Rung


def due(
    deadlines: Sequence[Deadline], sent: Sent, now: datetime, *, channels: Channels = CHANNELS
) -> list[Reminder]:
    """Return the reminders to send now, oldest deadline first.

    deadlines: at most SCAN_MAX; closed ones yield nothing
    sent: the keys already in the outbox, sent or waiting
    now: aware UTC datetime
    channels: those that are delivered here; a rung that reaches nobody by them is passed over
    A deadline yields only the highest rung it has reached, so a week's
    outage sends one message to each, not seven; `skipped` names the others.
    In quiet hours and on holidays it yields nothing. Pure; raises no Refusal.
    """
    assert len(deadlines) <= SCAN_MAX, f"scanned {len(deadlines)} deadlines at once"
    in_order = sorted(deadlines, key=lambda deadline: (deadline.due_on, deadline.case))
    return [reminder for deadline in in_order for reminder in _due_of(deadline, sent, now, channels)]


def next_due_at(
    deadline: Deadline, after: datetime, *, sent: Sent = frozenset(), channels: Channels = CHANNELS
) -> datetime | None:
    """Return the next instant after `after` at which `deadline` will want something; None: never again.

    For a scanner that reads only what is due: it sends what `due` yields at `after`, keeps the result beside
    the deadline, and looks again then. Whenever a deadline is new or changes, that is the present.
    Without `sent` the result may be a morning too early, never too late.
    """
    if deadline.closed:
        return None
    plan = _plan(deadline, channels)
    ahead = [planned.at for planned in plan if planned.at > after]
    reached = [planned for planned in plan if planned.at <= after]
    if reached and _unsent(deadline, reached[-1].rung, sent, channels):
        release_at = may_go_at(deadline, reached[-1].at, after)
        if release_at > after:
            ahead.append(release_at)
    return min(ahead, default=None)


def preview(
    deadlines: Iterable[Deadline],
    sent: Sent,
    start: datetime,
    end: datetime,
    *,
    channels: Channels = CHANNELS,
) -> Iterator[Reminder]:
    """Yield what will be sent from `start` until before `end` if nothing changes, in the order of sending.

    It asks `due` at every instant that `next_due_at` names, so it cannot tell another story than the scan.
    `send_at` is the instant of sending, later than planned for what is overdue at `start`.
    """
    sent_of: defaultdict[str, set[ReminderKey]] = defaultdict(set)
    for key in sent:
        sent_of[key.case].add(key)
    in_order = sorted(deadlines, key=lambda deadline: (deadline.due_on, deadline.case))
    previews = (_preview_of(each, sent_of[each.case], start, end, channels) for each in in_order)
    yield from merge(*previews, key=lambda reminder: reminder.send_at)


def reason_to_withhold(
    deadline: Deadline, key: ReminderKey, now: datetime, *, channels: Channels = CHANNELS
) -> Withholding | None:
    """Return why a reminder that still waits in the outbox must not go any more; None: it may.

    To be asked just before each attempt: after a week without mail, a row per rung waits, and one may go.
    """
    if deadline.closed:
        return "closed"
    if key.due_version != deadline.due_version:
        return "due_changed"
    reached = [planned.rung for planned in _plan(deadline, channels) if planned.at <= now]
    if not any(key in _unsent(deadline, rung, frozenset(), channels) for rung in reached):
        return "not_addressed"
    return None if reached[-1].name == key.rung else "higher_rung"


def may_go_at(deadline: Deadline, send_at: datetime, now: datetime) -> datetime:
    """Return the first instant, `now` or later, at which what was planned for `send_at` may be sent.

    Quiet hours and holidays are left out; what has waited through them goes in the morning of the next
    working day, not at the minute at which the quiet ends. To be asked before each attempt as well.
    """
    policy, zone, calendar = deadline.policy, deadline.zone, deadline.calendar
    at = max(send_at, now)
    local = at.astimezone(zone)
    day, clock = local.date(), local.time()
    if not calendar.is_working_day(day) or not policy.quiet_until <= clock < policy.quiet_from:
        return next_working_morning(at, calendar, zone, morning=policy.morning)
    if send_at < instant(day, policy.quiet_until, zone):
        return max(at, instant(day, policy.morning, zone))
    return at


def _due_of(deadline: Deadline, sent: Sent, now: datetime, channels: Channels) -> Iterator[Reminder]:
    if deadline.closed:
        return
    reached = [planned for planned in _plan(deadline, channels) if planned.at <= now]
    if not reached:
        return
    at, rung = reached[-1]
    if may_go_at(deadline, at, now) > now:
        return
    unsent = _unsent(deadline, rung, sent, channels)
    if not unsent:
        return
    skipped = _skipped(deadline, [planned.rung for planned in reached], sent, channels)
    for key, role in unsent.items():
        yield Reminder(
            *key, send_at=at, role=role, task=rung.task, skipped=skipped, why=_why(deadline, rung, skipped)
        )


def _plan(deadline: Deadline, channels: Channels) -> list[_Planned]:
    """Return the rungs of `deadline` that reach somebody, lowest first, each with its instant.

    A short period has no room for all of them: a rung whose morning is not after the message of service falls
    away, because that message says the same.
    """
    served_at = may_go_at(deadline, deadline.served_at, deadline.served_at)
    plan = []
    for rung in deadline.policy.rungs:
        if not _unsent(deadline, rung, frozenset(), channels):
            continue
        at = rung_at(deadline, rung)
        if at is None:
            plan.append(_Planned(served_at, rung))
        elif at > served_at and (rung.unacknowledged is None or deadline.unacknowledged):
            plan.append(_Planned(at, rung))
    return sorted(plan, key=lambda planned: planned.at)


def planned(deadline: Deadline, *, channels: Channels = CHANNELS) -> list[tuple[datetime, Rung]]:
    """Return the rungs that reach somebody, each with its instant, in the order of time."""
    return [(one.at, one.rung) for one in _plan(deadline, channels)]


def reached_nobody(deadline: Deadline, now: datetime, *, channels: Channels = CHANNELS) -> bool:
    """Return whether the highest rung whose time has come reaches nobody by `channels`."""
    reached = [
        (at, place)
        for place, rung in enumerate(deadline.policy.rungs)
        if (rung.unacknowledged is None or deadline.unacknowledged)
        and (at := rung_at(deadline, rung) or deadline.served_at) <= now
    ]
    if not reached:
        return False
    rung = deadline.policy.rungs[max(reached)[1]]
    return not _unsent(deadline, rung, frozenset(), channels)


def rung_at(deadline: Deadline, rung: Rung) -> datetime | None:
    """Return the morning of a rung, None for the service itself, which goes at once."""
    if rung.unacknowledged is not None:
        served_on = deadline.served_at.astimezone(deadline.zone).date()
        day = add_working_days(served_on, rung.unacknowledged, deadline.calendar)
    elif rung.working_days_from_due is not None:
        day = rung_date(deadline.due_on, rung.working_days_from_due, deadline.calendar)
    else:
        return None
    return instant(day, deadline.policy.morning, deadline.zone)


def _unsent(deadline: Deadline, rung: Rung, sent: Sent, channels: Channels) -> dict[ReminderKey, Role]:
    """Return the keys of `rung` that are not in `sent`, in the policy's order of roles and channels.

    Who has two roles on a rung hears of it once, in the first of them.
    """
    keys: dict[ReminderKey, Role] = {}
    for role in rung.roles:
        for recipient in deadline.recipients.get(role, ()):
            for channel in rung.channels:
                if channel not in channels or channel not in recipient.channels:
                    continue
                key = ReminderKey(deadline.case, rung.name, recipient.id, channel, deadline.due_version)
                if key not in sent:
                    keys.setdefault(key, role)
    return keys


def _skipped(deadline: Deadline, reached: Sequence[Rung], sent: Sent, channels: Channels) -> tuple[str, ...]:
    """Return the rungs just below the highest that nobody got; none if somebody got the highest already."""
    skipped: list[str] = []
    for rung in reversed(reached):
        everybody = _unsent(deadline, rung, frozenset(), channels)
        if len(_unsent(deadline, rung, sent, channels)) < len(everybody):
            break
        skipped.append(rung.name)
    return tuple(reversed(skipped[1:]))


def _preview_of(
    deadline: Deadline, sent: Sent, start: datetime, end: datetime, channels: Channels
) -> Iterator[Reminder]:
    foreseen = set(sent)
    at: datetime | None = start
    while at is not None and at < end:
        for reminder in list(_due_of(deadline, foreseen, at, channels)):
            foreseen.add(reminder.key)
            yield replace(reminder, send_at=at)
        at = next_due_at(deadline, at, sent=foreseen, channels=channels)


def _why(deadline: Deadline, rung: Rung, skipped: tuple[str, ...]) -> str:
    days = rung.working_days_from_due
    if rung.unacknowledged is not None:
        reason = f"not acknowledged on working day {rung.unacknowledged} after service"
    elif days is None:
        reason = f"served, due on {deadline.due_on}"
    elif days == 0:
        reason = f"due on {deadline.due_on}"
    else:
        unit = "working day" if abs(days) == 1 else "working days"
        reason = f"{abs(days)} {unit} {'after' if days > 0 else 'before'} {deadline.due_on}"
    return f"{reason}; supersedes {', '.join(skipped)}" if skipped else reason
