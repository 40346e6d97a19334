"""What happened to a case, newest first, and which reminders are still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time

from schemas.records.rectification_case import TYPE
from server.console.pages import Officer, Reminder, TimelineEntry
from server.queries import people
from server.queries.message_log import recipients
from server.queries.origins import Origin, origins
from server.queries.reading import TABLE, Reading, moment
from server.reminders import facts
from server.reminders.calendar import add_working_days, instant
from server.reminders.channels import names
from server.reminders.ladder import ReminderKey, preview
from server.storage import deadline_store, outbox_store
from server.storage.outbox_store import Posted
from sync.merge import Record

PLANNED_MAX = 40
PLANNED_WORKING_DAYS = 12
"""The ladder ends ten working days after the deadline."""
DELIVERIES = {"sending": "queued"}
"""What the outbox calls by other words than people do."""
WAITS = (outbox_store.QUEUED, outbox_store.SENDING)
Key = tuple[str, str, str, int]


def timeline(reading: Reading, case: Record) -> tuple[TimelineEntry, ...]:
    """Return everything that happened to a case, newest first."""
    made = origins(reading, [act.index for act in case.acts])
    reminders = reading.records(reading.visible("reminder").where(TABLE.c.parent == case.id))
    posted = outbox_store.of_case(reading.connection, reading.services.ledger.id, case.id)
    told: set[Key] = {_key(each) for each in reminders}
    # What is sent again waits although the ledger tells of it already.
    waiting = [each for each in posted if each.state in WAITS or tuple(each.key[1:]) not in told]
    people_there = {r.values["recipient"] for r in reminders} | {p.key.recipient for p in waiting}
    words = recipients(reading, people_there)
    names = people.officers(reading, [origin.by for origin in made.values()])
    found = [
        *_acts(reading, case, made, names),
        *(_sent(each, words) for each in reminders),
        *(_posted(each, words) for each in waiting),
    ]
    return tuple(sorted(found, key=lambda entry: entry.at, reverse=True))


def _key(reminder: Record) -> Key:
    values = reminder.values
    return values["rung"], values["recipient"], values["channel"], values["due_version"]


def _acts(
    reading: Reading, case: Record, made: Mapping[int, Origin], names: Mapping[str, Officer]
) -> Iterable[TimelineEntry]:
    """Yield the opening, the service and each later stage."""
    first = made[case.acts[0].index]
    yield TimelineEntry(at=first.received, kind="opened", by=names[first.by].name, ledger_index=first.index)
    if "served_on" in case.values:
        served = date.fromisoformat(case.values["served_on"])
        yield TimelineEntry(at=instant(served, time(0), reading.services.config.zone), kind="served")
    stages = {s.name: s.zh if reading.locale == "zh_CN" else s.en for s in TYPE.stages}
    for write in case.writes.get("stage", ()):
        if write.act.index != first.index:
            origin = made[write.act.index]
            yield TimelineEntry(
                at=origin.received,
                kind="stage",
                by=names[origin.by].name,
                note=stages[write.value],
                ledger_index=origin.index,
            )


def _sent(reminder: Record, words: Mapping[str, str]) -> TimelineEntry:
    values = reminder.values
    shown = Reminder(
        rung=values["rung"],
        recipient=words[values["recipient"]],
        channel=values["channel"],
        delivery=values["result"],
        message=outbox_store.id_of(ReminderKey(values["case"], *_key(reminder))),
    )
    return TimelineEntry(
        at=moment(values["sent_at"]), kind="reminder", reminder=shown, ledger_index=reminder.version
    )


def _posted(posted: Posted, words: Mapping[str, str]) -> TimelineEntry:
    shown = Reminder(
        rung=posted.key.rung,
        recipient=words[posted.key.recipient],
        channel=posted.key.channel,
        delivery=DELIVERIES.get(posted.state, posted.state),
        failure=posted.error or "",
        message=posted.id,
    )
    return TimelineEntry(at=moment(posted.sent_at or posted.send_at), kind="reminder", reminder=shown)


def planned(reading: Reading, case: Record) -> tuple[TimelineEntry, ...]:
    """Return the reminders that will go if nothing changes, soonest first: what the scan itself would say."""
    services, ledger = reading.services, reading.services.ledger.id
    clock = deadline_store.find(reading.connection, ledger, case.id)
    if clock is None:
        return ()
    standing = facts.standings(reading.connection, services, [clock]).get(case.id)
    if standing is None:
        return ()
    deadline = standing.deadline
    sent = outbox_store.keys(reading.connection, ledger, [case.id])
    last = add_working_days(deadline.due_on, PLANNED_WORKING_DAYS, deadline.calendar)
    end = instant(last, time(0), deadline.zone)
    coming = list(preview([deadline], sent, services.now(), end, channels=names(services.config)))[
        :PLANNED_MAX
    ]
    words = recipients(reading, {each.recipient for each in coming})
    return tuple(
        TimelineEntry(
            at=each.send_at,
            kind="reminder",
            reminder=Reminder(
                rung=each.rung, recipient=words[each.recipient], channel=each.channel, delivery="planned"
            ),
        )
        for each in coming
    )
