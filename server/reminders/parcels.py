"""Parcels: claimed reminders as the one message that is handed over, a reminder's own or several joined in a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from server.reminders import digests, facts, petition_facts, petition_messages, robots
from server.reminders.calendar import working_days_left
from server.reminders.digests import Around, DigestLine
from server.reminders.facts import Standing, instant_of
from server.reminders.ladder import Reminder, ReminderKey
from server.reminders.messages import Message, compose
from server.storage.outbox_store import Posted
from server.wiring import Services


@dataclass(frozen=True)
class Item:
    """One reminder of a parcel. attempt: 1 for the first; root: of its case; words: the message as it is seen there."""

    key: ReminderKey
    attempt: int
    root: str
    words: str

    @property
    def digest(self) -> str:
        """What names the words in the ledger."""
        return hashlib.sha256(self.words.encode()).hexdigest()


@dataclass(frozen=True)
class Parcel:
    """One message, ready to be handed over: of one claimed reminder, or of several that are joined in a digest.

    name: the same for every attempt at the same reminders
    """

    items: tuple[Item, ...]
    claimed_by: str
    address: str
    message: Message
    name: str

    @property
    def whom(self) -> tuple[str, str]:
        """To whom, by which channel."""
        return (self.items[0].key.recipient, self.items[0].key.channel)

    @property
    def joined(self) -> tuple[int, str] | None:
        """Of how many reminders it is, and its SHA-256; None where it is of one."""
        if len(self.items) == 1:
            return None
        return len(self.items), hashlib.sha256(_words(self.message).encode()).hexdigest()


def wrap(
    connection: Connection, services: Services, waiting: Posted, standing: Standing, now: datetime
) -> Parcel:
    """Return one reminder as a message of its own, with all that is to be told of its case."""
    if petition_facts.is_petition(standing.case):
        task, language = _reminder(standing, waiting).task, facts.language_of(services)
        message = petition_messages.compose(petition_facts.told(services, standing, now), task, language)
    else:
        message = _of_case(connection, services, waiting, standing, now)
    return Parcel(
        (Item(waiting.key, waiting.attempts + 1, standing.case.root, _words(message)),),
        services.random(8).hex(),
        standing.addresses[waiting.key.recipient, waiting.key.channel],
        message,
        name_of(services, waiting.key),
    )


def _of_case(
    connection: Connection, services: Services, waiting: Posted, standing: Standing, now: datetime
) -> Message:
    told = facts.case_facts(connection, services, standing, now)
    address = standing.addresses[waiting.key.recipient, waiting.key.channel]
    link = facts.way(connection, services, standing, recipient=waiting.key.recipient, address=address)
    return compose(_reminder(standing, waiting), replace(told, link=link), facts.language_of(services))


def join(
    connection: Connection, services: Services, together: list[tuple[Posted, Standing]], now: datetime
) -> Parcel:
    """Return one message of several reminders, of as many as it holds: the others go in the next."""
    language = facts.language_of(services)
    first, about = together[0]
    told = [_line(connection, services, row, standing, now) for row, standing in together]
    around = _around(services, first, about)
    fit = digests.fitting(told, partial(robots.holds, first.key.channel), around, language)
    if fit == 1:
        return wrap(connection, services, first, about, now)
    told, together = told[:fit], together[:fit]
    items = tuple(
        Item(
            row.key,
            row.attempts + 1,
            standing.case.root,
            _words(digests.compose(told, around, language, only=line)),
        )
        for line, (row, standing) in zip(told, together, strict=True)
    )
    names = "\n".join(sorted(name_of(services, item.key) for item in items))
    return Parcel(
        items,
        services.random(8).hex(),
        about.addresses[first.key.recipient, first.key.channel],
        digests.compose(told, around, language),
        hashlib.sha256(names.encode()).hexdigest()[:40],
    )


def _line(
    connection: Connection, services: Services, row: Posted, standing: Standing, now: datetime
) -> DigestLine:
    case, deadline, house = standing.case, standing.deadline, standing.house
    today, link, recipient = now.astimezone(deadline.zone).date(), "", row.key.recipient
    if facts.of_institution(standing, recipient):
        address = standing.addresses[recipient, row.key.channel]
        link = facts.way(connection, services, standing, recipient=recipient, address=address)
    return DigestLine(
        institution_name=str(house.values.get("name", house.values["fixmedins_code"])),
        number=str(case.values.get("number") or case.id.rpartition("-")[2]),
        due_on=deadline.due_on,
        today=today,
        working_days_left=working_days_left(deadline.due_on, today, deadline.calendar),
        task=_reminder(standing, row).task,
        link=link,
    )


def _around(services: Services, first: Posted, about: Standing) -> Around:
    office = facts.office(services, about.case.region)
    of_institution = facts.of_institution(about, first.key.recipient)
    return Around(
        audience="institution" if of_institution else "bureau",
        bureau=office["bureau"],
        office=office["office"],
        phone=office["phone"],
        link=f"{services.config.url}{'/portal' if of_institution else '/cases'}",
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


def _words(message: Message) -> str:
    # Without the address: the digest is public, and an address can be guessed.
    return f"{message.subject}\n\n{message.body}"
