"""Taking a step in the course of a record: load what it stands on, let the pure core decide, hand it to the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from server.access import scope
from server.casework import courses
from server.casework.courses import CREATE, Course, Seen, Step, Taking
from server.casework.sanctioning import ANSWER_DAYS
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.keys.vault import VaultSession
from server.reminders import working_calendars
from server.storage import grant_store, record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import NotAllowed
from sync.lines import INTEGER_MAX
from sync.merge import Record

PEOPLE = "user"
Paper = Callable[[Record, Mapping[str, Any]], Mapping[str, Any]]
NAMED_BY_HAND = ("rectification_case", "institution", "inspection")
"""What somebody may give a task about."""


def begin(services: Services, user: str, course: Course, given: Mapping[str, Any]) -> Record:
    """Let a record of a course come to be; raises NotFound for what lies out of scope, or a Refusal of its rules."""
    step = course.begin
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        related = _named(services, connection, vault, user, course, given)
        _add_institution(services, connection, vault, user, course, related)
        _check_beginner(services, connection, user, course, related)
        place = related.get(course.type.scope)
        region = place.region if place is not None else str(given.get("region", ""))
        judged = seen(services, connection, user, related, region)
    taking = Taking(course, step, given, judged)
    found = courses.decide(taking)
    expect = {name: version for name, version in found.expect.items() if name in _ids(related)}
    return act(services, found.drafts, user=user, expect=expect).records[found.record]


def take(
    services: Services,
    user: str,
    course: Course,
    record: str,
    name: str,
    given: Mapping[str, Any],
    *,
    version: int,
    paper: Paper = courses.no_paper,
) -> Result:
    """Take a step of a record that the user sees; raises NotFound, Recused, NotAllowed or a Refusal of its rules.

    paper: what the step writes of its document
    """
    step = course.by_name[name]
    assert step.op != CREATE, "a record that is there has begun"
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        item = _one(services, connection, vault, user, (course.kind,), record)
        grants = grant_store.granted(connection, services.ledger.id, user)
        _check_role(course, step, grants.roles(user, item.root, item.region, INTEGER_MAX), record)
        _named(services, connection, vault, user, course, given)
        related = related_of(connection, vault, course, item)
        judged = seen(services, connection, user, related, item.region)
    taking = Taking(course, step, given, replace(judged, paper=paper), item)
    found = courses.decide(taking, version=version)
    return act(services, found.drafts, user=user, expect=found.expect)


def seen(
    services: Services, connection: Connection, user: str, related: Mapping[str, Record], region: str
) -> Seen:
    """Return what a step is judged by besides its record. region: in which it lies, whose working days count"""
    return Seen(
        user=user,
        today=services.today(),
        now_ms=services.now_ms(),
        calendar=working_calendars.calendars(connection, services).of(region),
        zone=services.config.zone,
        new_id=lambda: new_id(services),
        related=related,
        settings={ANSWER_DAYS: services.config.sanction_answer_days},
    )


def related_of(
    connection: Connection, vault: VaultSession, course: Course, record: Record
) -> dict[str, Record]:
    """Return the records that one names, by field; users are left out."""
    names = {
        field.name: str(record.values[field.name])
        for field in course.type.fields
        if field.ref and field.ref != PEOPLE and not field.many and record.values.get(field.name)
    }
    known = record_store.load(connection, vault, names.values())
    return {name: known[key] for name, key in names.items() if key in known}


def _ids(related: Mapping[str, Record]) -> set[str]:
    return {one.id for one in related.values()}


def _check_role(course: Course, step: Step, roles: frozenset[str], record: str | None) -> None:
    """Raise NotAllowed early; the door asks again, under the ledger's lock."""
    if not roles & course.roles(step):
        raise NotAllowed(item=record)


def _check_beginner(
    services: Services, connection: Connection, user: str, course: Course, related: Mapping[str, Record]
) -> None:
    """Raise NotAllowed where the user has no role, over what a new record is to lie in, that begins one."""
    place = related.get(course.type.scope)
    if place is None:
        held = scope.roles(connection, services.ledger.id, user)
    else:
        grants = grant_store.granted(connection, services.ledger.id, user)
        held = grants.roles(user, place.root, place.region, INTEGER_MAX)
    _check_role(course, course.begin, held, None)


def _named(
    services: Services,
    connection: Connection,
    vault: VaultSession,
    user: str,
    course: Course,
    given: Mapping[str, Any],
) -> dict[str, Record]:
    """Return the records that are named, by field; raises NotFound for one that the user does not see."""
    found: dict[str, Record] = {}
    for field in course.type.fields:
        if not field.ref or field.ref == PEOPLE or field.many or not given.get(field.name):
            continue
        key = str(given[field.name])
        kinds = NAMED_BY_HAND if field.ref == "any" else (field.ref,)
        found[field.name] = _one(services, connection, vault, user, kinds, key)
    return found


def _add_institution(
    services: Services,
    connection: Connection,
    vault: VaultSession,
    user: str,
    course: Course,
    related: dict[str, Record],
) -> None:
    """Add the institution of what a new record names, where the record is to have one and it was not named."""
    if "institution" not in course.type.by_name or "institution" in related:
        return
    about = next((one for one in related.values() if one.values.get("institution")), None)
    if about is not None:
        key = str(about.values["institution"])
        related["institution"] = _one(services, connection, vault, user, ("institution",), key)


def _one(
    services: Services,
    connection: Connection,
    vault: VaultSession,
    user: str,
    kinds: tuple[str, ...],
    record: str,
) -> Record:
    ledger = services.ledger.id
    statement = scope.visible(connection, ledger, user, *kinds).where(TABLE.c.id == record)
    found = record_store.query(connection, vault, statement)
    if not found:
        raise scope.missing(connection, ledger, user, record)
    return found[0]
