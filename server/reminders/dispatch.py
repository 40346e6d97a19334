"""Dispatch: takes what waits in the outbox to its channel, once, and enters in the ledger what came of it.

A row is claimed in one short transaction, handed over outside of any, and settled in the transaction of its
ledger entry. Who dies in between leaves a claim whose lease ends: then nobody knows whether the message left,
the ledger says so, and it is never sent again by itself.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.reminders import facts, offices
from server.reminders.channels import Channel
from server.reminders.delivery import Delivery
from server.reminders.facts import Standing, instant_of, unix_ms
from server.reminders.ladder import Reminder, ReminderKey, may_go_at, reason_to_withhold
from server.reminders.messages import Message, compose
from server.storage import deadline_store, outbox_store, pace_store
from server.storage.outbox_store import FAILED, SENT, UNKNOWN, Posted
from server.wiring import Services
from sync.errors import VersionChanged

DISPATCH_MAX = 100
"""How many rows one call looks at."""
LEASE_SECONDS = 600
"""Longer than every answer of a channel together may take (channels.TIMEOUT_SECONDS)."""
ATTEMPTS_MAX = 40
"""Three working days of hourly attempts; then it has failed."""
BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX = 30, 3600
POSTPONED, RETRIED, PACED = "postponed", "retried", "paced"
ROBOT_KINDS = (offices.WECOM, offices.DINGTALK)
"""Who takes 20 messages a minute and no more."""
Whom = tuple[str, str]
"""A recipient and a channel."""
log = structlog.get_logger()


@dataclass(frozen=True)
class _Parcel:
    """A claimed reminder, ready to be handed over; attempt: 1 for the first."""

    key: ReminderKey
    claimed_by: str
    attempt: int
    address: str
    message: Message
    digest: str


def dispatch(
    services: Services, channels: Mapping[str, Channel], now: datetime, *, limit: int = DISPATCH_MAX
) -> Counter[str]:
    """Send what waits, the longest waiting first, at most `limit` rows; return how many ended how.

    Counted are `sent`, `failed`, `unknown`, `superseded`, `postponed` (to a working hour) and `retried` later.
    Leaves a provider alone that is in trouble: one row shows it, a hundred would only learn the same. What one
    robot has no room for in this minute waits for a later call.
    """
    tally: Counter[str] = Counter()
    tally[UNKNOWN] += _give_up_lost(services, now)
    well, full = dict(channels), set[Whom]()
    for _ in range(limit):
        taken = _take(services, well, channels.keys(), full, now)
        if taken is None:
            break
        if isinstance(taken, str):
            tally[taken] += 1
            continue
        delivery = channels[taken.key.channel].send(
            taken.address, taken.message, name=name_of(services, taken.key), at=now
        )
        tally[_settle(services, taken, delivery, now)] += 1
        if delivery.in_trouble:
            log.warning("channel in trouble", channel=taken.key.channel, reason=delivery.reason)
            if taken.key.channel in offices.KINDS:
                # Each office has its own: that one is out of order says nothing of the next.
                full.add((taken.key.recipient, taken.key.channel))
            else:
                del well[taken.key.channel]
    return +tally


# -- taking ---------------------------------------------------------------------------------------


def _take(
    services: Services, well: Collection[str], channels: AbstractSet[str], full: set[Whom], now: datetime
) -> _Parcel | str | None:
    """Return a claimed row as a parcel, or what became of it instead; None: nothing waits.

    well: the channels that are asked; full: whom nothing is sent to now, and grows by whom there is no room for
    """
    ledger = services.ledger.id
    with outbox_store.claiming(services.database) as connection:
        waiting = outbox_store.take_waiting(connection, ledger, unix_ms(now), well, full)
        if waiting is None:
            return None
        standing = _standing(connection, services, waiting.key.case)
        reason = "closed"
        if standing is not None:
            reason = reason_to_withhold(standing.deadline, waiting.key, now, channels=channels) or ""
        if standing is None or reason:
            outbox_store.supersede(connection, ledger, waiting.key, reason)
            log.info("reminder superseded", case=waiting.key.case, rung=waiting.key.rung, reason=reason)
            return outbox_store.SUPERSEDED
        at = may_go_at(standing.deadline, instant_of(waiting.send_at), now)
        if at > now:
            outbox_store.postpone(connection, ledger, waiting.key, unix_ms(at))
            return POSTPONED
        if not _has_room(connection, services, waiting.key, now):
            full.add((waiting.key.recipient, waiting.key.channel))
            return PACED
        parcel = _wrap(connection, services, waiting, standing, now)
        outbox_store.claim(
            connection,
            ledger,
            waiting.key,
            claimed_by=parcel.claimed_by,
            now=unix_ms(now),
            lease_until=unix_ms(now) + LEASE_SECONDS * 1000,
            message=parcel.digest,
            words=_sealed(connection, services, standing, parcel.message),
        )
        return parcel


def _has_room(connection: Connection, services: Services, key: ReminderKey, now: datetime) -> bool:
    """Return whether a robot may be written to in this instant, and count that it is."""
    if key.channel not in ROBOT_KINDS:
        return True
    return pace_store.take(connection, services.ledger.id, key.channel, key.recipient, unix_ms(now))


def _sealed(connection: Connection, services: Services, standing: Standing, message: Message) -> bytes:
    """Return the message as it is seen, encrypted like the case itself: whoever may see that may see it."""
    vault = services.vault.session(connection, services.ledger.id)
    return vault.seal(standing.case.root, outbox_store.PURPOSE, _words(message).encode())


def _words(message: Message) -> str:
    # Without the address: the digest is public, and an address can be guessed.
    return f"{message.subject}\n\n{message.body}"


def _standing(connection: Connection, services: Services, case: str) -> Standing | None:
    clock = deadline_store.find(connection, services.ledger.id, case)
    return facts.standings(connection, services, [clock]).get(case) if clock is not None else None


def _wrap(
    connection: Connection, services: Services, waiting: Posted, standing: Standing, now: datetime
) -> _Parcel:
    told = facts.case_facts(connection, services, standing, now)
    address = standing.addresses[waiting.key.recipient, waiting.key.channel]
    link = facts.way(connection, services, standing, recipient=waiting.key.recipient, address=address)
    message = compose(_reminder(standing, waiting), replace(told, link=link), facts.language_of(services))
    return _Parcel(
        key=waiting.key,
        claimed_by=services.random(8).hex(),
        attempt=waiting.attempts + 1,
        address=address,
        message=message,
        digest=hashlib.sha256(_words(message).encode()).hexdigest(),
    )


def _reminder(standing: Standing, waiting: Posted) -> Reminder:
    """Return a row of the outbox as the reminder it was, its role read from the deadline as it stands."""
    deadline, key = standing.deadline, waiting.key
    rung = next(each for each in deadline.policy.rungs if each.name == key.rung)
    role = next(
        role
        for role in rung.roles
        if any(recipient.id == key.recipient for recipient in deadline.recipients.get(role, ()))
    )
    send_at = instant_of(waiting.send_at)
    return Reminder(*key, send_at=send_at, role=role, task=rung.task, skipped=(), why="")


def name_of(services: Services, key: ReminderKey) -> str:
    """Return the same name for every attempt at one reminder, which tells a stranger nothing."""
    told = "\n".join([services.ledger.origin, *map(str, key)])
    return hashlib.sha256(told.encode()).hexdigest()[:40]


# -- settling -------------------------------------------------------------------------------------


def _settle(services: Services, parcel: _Parcel, delivery: Delivery, now: datetime) -> str:
    """Enter what came of an attempt; return it as a word of the tally."""
    if delivery.result == "temporary" and parcel.attempt < ATTEMPTS_MAX:
        wait_ms = max(_backoff_ms(services, parcel.attempt), delivery.retry_seconds * 1000)
        send_at = unix_ms(now) + wait_ms
        with outbox_store.claiming(services.database) as connection:
            outbox_store.requeue(
                connection,
                services.ledger.id,
                parcel.key,
                claimed_by=parcel.claimed_by,
                send_at=send_at,
                error=delivery.reason,
            )
        return RETRIED
    state = {"sent": SENT, "unknown": UNKNOWN}.get(delivery.result, FAILED)
    _enter(
        services,
        parcel.key,
        claimed_by=parcel.claimed_by,
        state=state,
        at=services.now_ms(),
        digest=parcel.digest,
        reason=delivery.reason,
    )
    return state


def _give_up_lost(services: Services, now: datetime) -> int:
    """Enter as unknown what dead workers held; return how many."""
    with services.database.reading() as connection:
        lost = outbox_store.lost(connection, services.ledger.id, unix_ms(now), DISPATCH_MAX)
    entered = 0
    for row in lost:
        assert row.claimed_by is not None, "a claimed row names its claim"
        assert row.sent_at is not None, "a claimed row names its instant"
        assert row.message is not None, "a claimed row names its message"
        try:
            _enter(
                services,
                row.key,
                claimed_by=row.claimed_by,
                state=UNKNOWN,
                at=row.sent_at,
                digest=row.message,
                reason="lease ended",
            )
        except VersionChanged:
            # Another scheduler gave it up, or its worker was slow and has settled it after all.
            continue
        entered += 1
    return entered


def _enter(
    services: Services,
    key: ReminderKey,
    *,
    claimed_by: str,
    state: str,
    at: int,
    digest: str,
    reason: str,
) -> None:
    """Write the ledger's entry and the row's final state in one transaction, or neither.

    Raises VersionChanged if the claim does not stand any more.
    """

    record = new_id(services)

    def after(connection: Connection, result: Result) -> None:
        error = None if state == SENT else reason
        standing = outbox_store.settle(
            connection,
            services.ledger.id,
            key,
            claimed_by=claimed_by,
            state=state,
            sent_at=at,
            record=record,
            error=error,
        )
        if not standing:
            raise VersionChanged("the reminder was settled by another scheduler", item=key.case)

    values = {**key._asdict(), "sent_at": at, "result": state, "message": digest}
    act(services, [Draft("create", "reminder", record, values)], kind="reminder", after=after)
    log.info("reminder settled", case=key.case, rung=key.rung, recipient=key.recipient, result=state)


def _backoff_ms(services: Services, attempt: int) -> int:
    """Return the wait after an attempt: doubled each time, half of it drawn, so that workers spread out."""
    longest = min(BACKOFF_SECONDS_MIN << (attempt - 1), BACKOFF_SECONDS_MAX) * 1000
    drawn = int.from_bytes(services.random(2), "big") / 2**16
    return round(longest * (0.5 + drawn / 2))
