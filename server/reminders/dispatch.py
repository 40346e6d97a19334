"""Dispatch: takes what waits in the outbox to its channel, once, and enters in the ledger what came of it.

A row is claimed in one short transaction, handed over outside of any, and settled in the transaction of its
ledger entry. Who dies in between leaves a claim whose lease ends: then nobody knows whether the message left,
the ledger says so, and it is never sent again by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.reminders import digests, facts, offices, petition_facts, standings
from server.reminders.channels import Channel
from server.reminders.delivery import Delivery
from server.reminders.facts import Standing, instant_of, unix_ms
from server.reminders.ladder import ReminderKey, may_go_at, reason_to_withhold
from server.reminders.parcels import Parcel, join, wrap
from server.reminders.policies import DIGEST_LIMIT
from server.storage import deadline_store, outbox_store, pace_store
from server.storage.outbox_store import FAILED, SENT, UNKNOWN, Posted
from server.wiring import Services, system_clock
from sync.errors import VersionChanged

DISPATCH_MAX = 100
"""How many messages one call sends."""
LOOKED_AT_MAX = 200
"""How many that wait for one recipient are looked at for a digest, which joins digests.JOINED_MAX at most."""
LEASE_SECONDS = 600
"""Longer than every answer of a channel together may take (channels.TIMEOUT_SECONDS)."""
ATTEMPTS_MAX = 40
"""Three working days of hourly attempts; then it has failed."""
BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX = 30, 3600
POSTPONED, RETRIED, PACED = "postponed", "retried", "paced"
Whom = tuple[str, str]
"""A recipient and a channel."""
log = structlog.get_logger()


def dispatch(
    services: Services, channels: Mapping[str, Channel], now: datetime, *, limit: int = DISPATCH_MAX
) -> Counter[str]:
    """Send what waits, the longest waiting first, at most `limit` messages; return how many reminders ended how.

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
        channel = taken.whom[1]
        delivery = channels[channel].send(taken.address, taken.message, name=taken.name, at=now)
        tally[_settle(services, taken, delivery, now)] += len(taken.items)
        if delivery.in_trouble:
            log.warning("channel in trouble", channel=channel, reason=delivery.reason)
            if channel in offices.KINDS:
                # Each office has its own: that one is out of order says nothing of the next.
                full.add(taken.whom)
            else:
                del well[channel]
    return +tally


# -- taking ---------------------------------------------------------------------------------------


def _take(
    services: Services, well: Collection[str], channels: AbstractSet[str], full: set[Whom], now: datetime
) -> Parcel | str | None:
    """Return a claimed row as a parcel, or what became of it instead; None: nothing waits.

    well: the channels that are asked; full: whom nothing is sent to now, and grows by whom there is no room for
    """
    ledger = services.ledger.id
    with outbox_store.claiming(services.database) as connection:
        waiting = outbox_store.take_waiting(connection, ledger, unix_ms(now), well, full)
        if waiting is None:
            return None
        standing = standings.find(connection, services, waiting.key.case)
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
        whom = (waiting.key.recipient, waiting.key.channel)
        room = _room(connection, services, whom, now)
        if room == 0:
            full.add(whom)
            return PACED
        together = (
            []
            if petition_facts.is_petition(standing.case)
            else _together(connection, services, waiting, channels, now, room)
        )
        parcel = (
            join(connection, services, together, now)
            if len(together) > 1
            else wrap(connection, services, waiting, standing, now)
        )
        if room is not None:
            pace_store.take(connection, ledger, whom[1], whom[0], _paced_at(connection, now))
        _claim(connection, services, parcel, now)
        return parcel


def _room(connection: Connection, services: Services, whom: Whom, now: datetime) -> int | None:
    """Return how many messages a robot takes in this instant, None where nobody counts."""
    recipient, channel = whom
    if channel not in offices.ROBOTS:
        return None
    return pace_store.room(connection, services.ledger.id, channel, recipient, _paced_at(connection, now))


def _paced_at(connection: Connection, now: datetime) -> int:
    """Return the instant by which a robot's minute is counted: all schedulers' one."""
    return pace_store.by_the_database(connection, unix_ms(now), system_clock())


def _together(
    connection: Connection,
    services: Services,
    first: Posted,
    channels: AbstractSet[str],
    now: datetime,
    room: int | None,
) -> list[tuple[Posted, Standing]]:
    """Return the reminders that go as one message with the first, which is among them; none where it goes alone."""
    key = first.key
    if not digests.may_join(key):
        return []
    rows = outbox_store.waiting_for(
        connection, services.ledger.id, key.recipient, key.channel, unix_ms(now), LOOKED_AT_MAX
    )
    clocks = deadline_store.these(connection, services.ledger.id, {row.key.case for row in rows})
    found = facts.standings(connection, services, clocks)
    fit = [
        (row, standing)
        for row in rows
        if digests.may_join(row.key)
        and (standing := found.get(row.key.case)) is not None
        # What must not go, or not yet, takes its own course when its turn comes.
        and reason_to_withhold(standing.deadline, row.key, now, channels=channels) is None
        and may_go_at(standing.deadline, instant_of(row.send_at), now) <= now
    ]
    limit = min((standing.deadline.policy.digest_limit for _, standing in fit), default=DIGEST_LIMIT)
    return fit if digests.wanted(len(fit), limit, room) else []


def _claim(connection: Connection, services: Services, parcel: Parcel, now: datetime) -> None:
    """Claim every reminder of a parcel, with the message as it is seen, encrypted like its case.

    Whoever may see the case may see that.
    """
    vault = services.vault.session(connection, services.ledger.id)
    joined, joined_in = parcel.joined or (None, None)
    for item in parcel.items:
        outbox_store.claim(
            connection,
            services.ledger.id,
            item.key,
            claimed_by=parcel.claimed_by,
            now=unix_ms(now),
            lease_until=unix_ms(now) + LEASE_SECONDS * 1000,
            message=item.digest,
            words=vault.seal(item.root, outbox_store.PURPOSE, item.words.encode()),
            joined=joined,
            joined_in=joined_in,
        )


# -- settling -------------------------------------------------------------------------------------


def _settle(services: Services, parcel: Parcel, delivery: Delivery, now: datetime) -> str:
    """Enter what came of an attempt at each of its reminders; return it as a word of the tally."""
    # Of a digest the freshest counts: an older one goes alone in the end, and fails alone.
    attempt = min(item.attempt for item in parcel.items)
    if delivery.result == "temporary" and attempt < ATTEMPTS_MAX:
        wait_ms = max(_backoff_ms(services, attempt), delivery.retry_seconds * 1000)
        with outbox_store.claiming(services.database) as connection:
            for item in parcel.items:
                outbox_store.requeue(
                    connection,
                    services.ledger.id,
                    item.key,
                    claimed_by=parcel.claimed_by,
                    send_at=unix_ms(now) + wait_ms,
                    error=delivery.reason,
                )
        return RETRIED
    state = {"sent": SENT, "unknown": UNKNOWN}.get(delivery.result, FAILED)
    handed = [_Handed(item.key, item.digest, parcel.joined) for item in parcel.items]
    at = services.now_ms()
    _enter(services, handed, claimed_by=parcel.claimed_by, state=state, at=at, reason=delivery.reason)
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
        joined = (row.joined, row.joined_in) if row.joined and row.joined_in else None
        try:
            _enter(
                services,
                [_Handed(row.key, row.message, joined)],
                claimed_by=row.claimed_by,
                state=UNKNOWN,
                at=row.sent_at,
                reason="lease ended",
            )
        except VersionChanged:
            # Another scheduler gave it up, or its worker was slow and has settled it after all.
            continue
        entered += 1
    return entered


@dataclass(frozen=True)
class _Handed:
    """One reminder that was handed over. digest: of its words; joined: of how many in one message, and its SHA-256"""

    key: ReminderKey
    digest: str
    joined: tuple[int, str] | None


def _enter(
    services: Services, handed: Sequence[_Handed], *, claimed_by: str, state: str, at: int, reason: str
) -> None:
    """Write the ledger's entries and the rows' final state in one transaction, or neither.

    Raises VersionChanged if the claim does not stand any more.
    """
    records = [new_id(services) for _ in handed]

    def after(connection: Connection, result: Result) -> None:
        for one, record in zip(handed, records, strict=True):
            standing = outbox_store.settle(
                connection,
                services.ledger.id,
                one.key,
                claimed_by=claimed_by,
                state=state,
                sent_at=at,
                record=record,
                error=None if state == SENT else reason,
            )
            if not standing:
                raise VersionChanged("the reminder was settled by another scheduler", item=one.key.case)

    drafts = [
        Draft("create", "reminder", record, _values(one, state, at))
        for one, record in zip(handed, records, strict=True)
    ]
    act(services, drafts, kind="reminder", after=after)
    for key in (one.key for one in handed):
        log.info("reminder settled", case=key.case, rung=key.rung, recipient=key.recipient, result=state)


def _values(one: _Handed, state: str, at: int) -> dict[str, Any]:
    values: dict[str, Any] = {**one.key._asdict(), "sent_at": at, "result": state, "message": one.digest}
    if one.joined is not None:
        values |= {"joined": one.joined[0], "joined_in": one.joined[1]}
    return values


def _backoff_ms(services: Services, attempt: int) -> int:
    """Return the wait after an attempt: doubled each time, half of it drawn, so that workers spread out."""
    longest = min(BACKOFF_SECONDS_MIN << (attempt - 1), BACKOFF_SECONDS_MAX) * 1000
    drawn = int.from_bytes(services.random(2), "big") / 2**16
    return round(longest * (0.5 + drawn / 2))
