"""Policies: who hears of a deadline on which rung, by which channel, in which hours. Data, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Literal

Channel = Literal["email", "sms", "wecom", "dingtalk", "webhook", "in_app"]
CHANNELS: frozenset[Channel] = frozenset({"email", "sms", "wecom", "dingtalk", "webhook", "in_app"})

Role = Literal[
    "institution_contact",
    "institution_head",
    "inspector",
    "supervisor",
    "county_supervisor",
    "city_supervisor",
    "leader",
]
INSTITUTION_ROLES: frozenset[Role] = frozenset({"institution_contact", "institution_head"})

DIGEST_LIMIT = 5
"""So many reminders go to one recipient by one channel one by one; more are joined into one message."""
SERVED = "served"
"""The name of the rung of the service itself."""

Task = Literal[
    "acknowledge",
    "obtain_acknowledgement",
    "phone_call",
    "answer_petition",
    "answer_overdue_petition",
    "interview",
    "propose_settlement_suspension",
    "propose_sanction",
]

PETITION_TASKS: frozenset[Task] = frozenset({"answer_petition", "answer_overdue_petition"})


@dataclass(frozen=True)
class Rung:
    """One step of a ladder.

    name: `served`, `T-7`, `T`, `T+1`, ...; it is part of what makes a reminder unique, so never rename one
    working_days_from_due: when, in working days from the due date; None stands for the service itself
    roles: who hears of it, in the order in which the reminders are written
    unacknowledged: for a rung of the service, after how many working days it goes to whoever has not acknowledged
    task: what it asks for beyond the message; the system proposes, a person decides
    """

    name: str
    working_days_from_due: int | None
    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    task: Task | None = None
    unacknowledged: int | None = None


@dataclass(frozen=True)
class Policy:
    """A ladder and its hours, as wall clock in the zone of the deadline.

    rungs: lowest first; `served`, when there is one, before all others
    quiet_from, quiet_until: in between, over night, nothing is sent
    morning: when the rungs of a day go, and what has waited through quiet hours or holidays
    digest_limit: more reminders than these to one recipient by one channel at once are joined into one message
    """

    name: str
    rungs: tuple[Rung, ...]
    quiet_from: time = time(20, 0)
    quiet_until: time = time(8, 0)
    morning: time = time(8, 30)
    digest_limit: int = DIGEST_LIMIT

    def __post_init__(self) -> None:
        """Refuse a ladder whose rungs are not in order, or whose morning is quiet."""
        days = [rung.working_days_from_due for rung in self.rungs if rung.unacknowledged is None]
        offsets = [day for day in days if day is not None]
        if None in days[1:] or offsets != sorted(set(offsets)):
            raise ValueError(
                f"the rungs of {self.name} are not in order: {[rung.name for rung in self.rungs]}"
            )
        if len({rung.name for rung in self.rungs}) != len(self.rungs):
            raise ValueError(f"two rungs of {self.name} have one name")
        if not self.quiet_until <= self.morning < self.quiet_from:
            raise ValueError(f"the morning of {self.name} lies in its quiet hours")


_BEFORE: tuple[Role, ...] = ("institution_contact", "inspector")
_CLOSE: tuple[Role, ...] = (*_BEFORE, "institution_head")
_OVERDUE: tuple[Role, ...] = (*_CLOSE, "supervisor")
_DESK: tuple[Channel, ...] = ("wecom", "dingtalk", "webhook", "in_app", "email")
_ALL: tuple[Channel, ...] = ("sms", *_DESK)

RECTIFICATION = Policy(
    name="rectification",
    rungs=(
        Rung(SERVED, None, ("institution_contact",), ("sms", "email"), "acknowledge"),
        # Who has not acknowledged is asked by every way there is, and then called.
        Rung("served+1", None, ("institution_contact", "institution_head"), _ALL, "acknowledge", 1),
        Rung("served+2", None, ("inspector",), _DESK, "obtain_acknowledgement", 2),
        Rung("T-7", -7, _BEFORE, _DESK),
        Rung("T-3", -3, _BEFORE, _DESK),
        # The last two go by e-mail too, so that a bureau without a contract for SMS is not silent.
        Rung("T-1", -1, _CLOSE, ("sms", "email")),
        Rung("T", 0, _CLOSE, ("sms", "email")),
        Rung("T+1", 1, _OVERDUE, _ALL, "phone_call"),
        Rung("T+3", 3, (*_OVERDUE, "county_supervisor"), _ALL, "interview"),
        Rung("T+5", 5, ("city_supervisor",), _DESK, "propose_settlement_suspension"),
        Rung("T+10", 10, ("leader",), _DESK, "propose_sanction"),
    ),
)

PETITION = Policy(
    name="petition",
    rungs=(
        Rung("T", 0, ("inspector", "supervisor"), _DESK, "answer_petition"),
        Rung("T+1", 1, ("supervisor",), _DESK, "answer_overdue_petition"),
    ),
)
"""The clock of a petition, of one or three working days: whoever has it is asked on the last day, then the desk."""

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {policy.name: policy for policy in (RECTIFICATION, PETITION)}
)
"""The ladders by name; a case type names the one it follows."""
