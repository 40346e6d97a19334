"""Users as their administrator sees them: lists by role, region and stage, one of them, and deputations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select

from schemas import regions
from schemas.codes import region_code
from schemas.records import TYPES
from schemas.records.user import ROLES
from server.access import administering
from server.accounts import deputations, second_factor, single_sign_on
from server.accounts.invitations import awaits_password
from server.accounts.sessions import ABSOLUTE_MS
from server.accounts.users import find
from server.console.pages import Chip, Paging
from server.console.pages.users import (
    Code,
    DeputationRow,
    DeputiesPage,
    NewUserPage,
    UserDeed,
    UserForm,
    UserPage,
    UserRow,
    UsersPage,
)
from server.queries import people
from server.queries.origins import origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.queries.record_values import said
from server.storage import session_store, user_search
from sync.errors import BadValue, NotFound
from sync.merge import Record
from sync.rules import region_prefix

STAGES = ("active", "disabled")
SEARCHED_MAX = 5_000
"""Names are kept encrypted, so a search opens one user after another: no more than these."""
DEEDS_MAX = 50


@dataclass(frozen=True)
class Asked:
    """How a list of users is narrowed; words: a part of a name, or a login."""

    role: str = ""
    region: str = ""
    stage: str = ""
    words: str = ""


def asked(role: str, region: str, stage: str, words: str = "") -> Asked:
    """Return a question in normal form; raises BadValue, BadCode."""
    if role and role not in ROLES:
        raise BadValue("there is no such role", field="role")
    if stage and stage not in STAGES:
        raise BadValue("a user is active or disabled", field="stage")
    return Asked(role, region_code(region) if region else "", stage, words.strip())


def every(reading: Reading, wanted: Asked) -> Select[Any]:
    """Return a select over the administrator's users as they were asked for, whatever their stage."""
    found = administering.reached(reading.connection, reading.services.ledger.id, reading.user, "user")
    if wanted.role:
        found = found.where(user_search.has_role(reading.connection, wanted.role))
    if wanted.region:
        found = found.where(user_search.in_region(reading.connection, region_prefix(wanted.region)))
    return found


def users_page(reading: Reading, wanted: Asked, *, page: int = 1) -> UsersPage:
    """Return one page of users, by their order of making; raises NotAllowed for who is no administrator."""
    all_of_them = every(reading, wanted)
    shown = all_of_them.where(TABLE.c.stage == wanted.stage) if wanted.stage else all_of_them
    ordered = shown.order_by(TABLE.c.id)
    if wanted.words:
        found = searched(reading, ordered, wanted.words)
        total, records = len(found), found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    else:
        total = reading.count(shown)
        records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    counts = reading.by_stage(all_of_them)
    chips = [Chip(value="", count=sum(counts.values()), active=not wanted.stage)]
    chips += [Chip(value=one, count=counts.get(one, 0), active=wanted.stage == one) for one in STAGES]
    return UsersPage(
        chips=tuple(chips),
        rows=user_rows(reading, records),
        paging=Paging(total=total, page=page),
        role=wanted.role,
        region=wanted.region,
        regions=places(reading),
        words=wanted.words,
    )


def searched(reading: Reading, ordered: Select[Any], words: str) -> list[Record]:
    """Return the users whose name holds the words, and him whose login they are."""
    wanted = words.casefold()
    found = [
        one
        for one in reading.records(ordered.limit(SEARCHED_MAX))
        if wanted in str(one.values.get("display_name", "")).casefold()
        or wanted in str(one.values.get("login", "")).casefold()
    ]
    try:
        exact = find(reading.services, words)
    except NotFound:
        return found
    if any(one.id == exact.id for one in found):
        return found
    return [*found, *reading.records(ordered.where(TABLE.c.id == exact.id))]


def user_rows(reading: Reading, records: Sequence[Record]) -> tuple[UserRow, ...]:
    """Return users as lists show them."""
    waiting = awaits_password(reading.services, [record.id for record in records])
    return tuple(_row(reading, record, record.id in waiting) for record in records)


def _row(reading: Reading, record: Record, waiting: bool) -> UserRow:
    values = record.values
    return UserRow(
        id=record.id,
        login=str(values.get("login", "")),
        name=said(record, "display_name", reading.locale) or people.NOBODY.name,
        roles=tuple(role for role in ROLES if role in (values.get("roles") or ())),
        region=str(values["region"]),
        place=regions.name(str(values["region"]), reading.locale),
        stage=str(record.stage),
        waiting=waiting and record.stage == "active",
    )


def places(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the regions that an administrator may give, as far as their names are known."""
    own = administering.regions(reading.connection, reading.services.ledger.id, reading.user)
    known = [code for code in regions.NAMES if any(code.startswith(region_prefix(one)) for one in own)]
    return tuple((code, regions.name(code, reading.locale)) for code in sorted({*own, *known}))


def one(reading: Reading, user: str) -> Record:
    """Return a user whom the administrator may manage; raises NotAllowed, NotFound."""
    reached = administering.reached(reading.connection, reading.services.ledger.id, reading.user, "user")
    found = reading.records(reached.where(TABLE.c.id == user))
    if not found:
        raise NotFound(item=user)
    return found[0]


def user_page(
    reading: Reading, user: str, *, form: UserForm | None = None, code: Code | None = None
) -> UserPage:
    """Return one user with what may be changed; form: what was typed and did not fit; code: one just made."""
    record = one(reading, user)
    since = reading.services.now_ms() - ABSOLUTE_MS
    stands = session_store.of_user(reading.connection, reading.services.ledger.id, user, since)
    waiting = awaits_password(reading.services, [user]).get(user)
    return UserPage(
        row=_row(reading, record, waiting is not None),
        version=record.version,
        form=form or _form(reading, record),
        regions=places(reading),
        sessions=len(stands),
        seen_at=moment(max(one.seen_at for one in stands)) if stands else None,
        deeds=_deeds(reading, record),
        own=user == reading.user,
        invited_until=moment(waiting.expires_at) if waiting is not None else None,
        code=code,
        strong=second_factor.is_strong(reading.services, user),
        sign_on=single_sign_on.is_on(reading.services.config),
        linked=single_sign_on.is_linked(record),
    )


def new_user_page(reading: Reading, form: UserForm) -> NewUserPage:
    """Return the form that invites somebody; raises NotAllowed."""
    return NewUserPage(form=form, regions=places(reading))


def _form(reading: Reading, record: Record) -> UserForm:
    values = record.values
    own = values.get("institution")
    place = reading.named([own]).get(str(own)) if own else None
    return UserForm(
        login=str(values.get("login", "")),
        name=str(values.get("display_name", "")),
        roles=tuple(values.get("roles") or ()),
        region=str(values["region"]),
        email=str(values.get("email") or ""),
        certificate=str(values.get("certificate") or ""),
        institution=str(place.values["fixmedins_code"]) if place else "",
    )


def _deeds(reading: Reading, record: Record) -> tuple[UserDeed, ...]:
    """Return what was changed about a user, the newest first: which fields, never their values."""
    acts = sorted(record.acts, key=lambda act: act.index, reverse=True)[:DEEDS_MAX]
    made = origins(reading, [act.index for act in acts])
    by = people.officers(reading, [made[act.index].by for act in acts if act.index in made])
    labels = TYPES["user"].by_name
    found = []
    for act in acts:
        if act.index not in made:
            continue
        names = [name for name, writes in record.writes.items() if any(w.act == act for w in writes)]
        words = [
            labels[name].zh if reading.locale == "zh_CN" else labels[name].en
            for name in names
            if name in labels
        ]
        if "stage" in names:
            words.append("状态" if reading.locale == "zh_CN" else "State")
        origin = made[act.index]
        found.append(
            UserDeed(index=act.index, at=origin.received, by=by[origin.by].name, fields=tuple(words))
        )
    return tuple(found)


def deputies_page(
    reading: Reading,
    *,
    typed: dict[str, str] | None = None,
    roles: tuple[str, ...] = (),
    failed: tuple[str, str] = ("", ""),
) -> DeputiesPage:
    """Return who is away and who stands in, in the administrator's regions; raises NotAllowed."""
    return DeputiesPage(
        rows=deputation_rows(reading, reached(reading)),
        today=reading.today,
        typed=typed or {},
        roles=roles,
        fault=failed[0],
        failed=failed[1],
    )


def reached(reading: Reading) -> list[Record]:
    """Return the deputations that stand or are planned in the administrator's regions."""
    own = administering.regions(reading.connection, reading.services.ledger.id, reading.user)
    prefixes = tuple(region_prefix(code) for code in own)
    return [one for one in deputations.standing(reading.services) if one.region.startswith(prefixes)]


def deputation_rows(reading: Reading, records: Sequence[Record]) -> tuple[DeputationRow, ...]:
    """Return deputations as the page shows them."""
    who = people.officers(
        reading, [str(one.values[name]) for one in records for name in ("absent", "deputy")]
    )
    return tuple(
        DeputationRow(
            id=one.id,
            absent=who[str(one.values["absent"])].name,
            deputy=who[str(one.values["deputy"])].name,
            roles=tuple(sorted(one.values["roles"])),
            place=regions.name(str(one.values["region"]), reading.locale),
            from_on=date.fromisoformat(str(one.values["from_on"])),
            until_on=date.fromisoformat(str(one.values["until_on"])),
            stage=str(one.stage),
        )
        for one in records
    )
