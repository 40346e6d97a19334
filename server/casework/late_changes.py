"""Late changes: a supervisor adopts what an inspector was no longer allowed to write when it arrived, or sets it aside.

Members of a group stand or fall together here too, so a word on one of them is a word on all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from schemas.check import fault_in
from schemas.drafting import SALT_BYTES, Draft
from schemas.records import RULES
from schemas.wire.change import read_change
from server.access.duties import team_of
from server.access.may_see import READING_PERSONS
from server.accounts import access_log
from server.casework import reasons
from server.catalogues.frozen_codes import checked
from server.commit.acts import items_of, new_id
from server.commit.held import Held, read_changes
from server.commit.submission import Act, Result
from server.storage import grant_store, ledger_store, record_store, waiting_store
from server.wiring import Services
from sync import changes
from sync.changes import CHANGES_MAX, At, Item
from sync.entries import from_line
from sync.errors import BadValue, NotFound, OwnWork
from sync.lines import INTEGER_MAX
from sync.merge import Record
from sync.outcomes import LATE
from sync.rules import SELF, Grants

ADOPT, SET_ASIDE = "adopt", "set_aside"


@dataclass(frozen=True)
class Ruling:
    """What a supervisor wants with a late change: its act, and why."""

    act: str
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Late:
    """A late change with the record that it is about, or else the one that its own would lie in.

    root: what `about` lies in, whose team may not decide
    """

    held: Held
    about: Record | None
    root: Record | None


def group_of(connection: Connection, services: Services, index: int) -> list[Held]:
    """Return the late change that an entry brought and its group; raises NotFound where it waits for nobody.

    index: of the entry that brought it, as `wardledger waiting` lists it
    """
    ledger, vault = services.ledger.id, services.vault.session(connection, services.ledger.id)
    (row,) = waiting_store.at(connection, ledger, [index]) or (None,)
    if row is None or row.verdict != LATE:
        raise NotFound(f"entry {index} brought no late change that still waits")
    entry = from_line(ledger_store.lines_at(connection, ledger, [index])[index])
    # A set's entries stand together, one for each change in its order; so do those of a branch that was re-admitted.
    near = range(index - entry.n, index - entry.n + CHANGES_MAX)
    rows = waiting_store.at(connection, ledger, near)
    read = read_changes(connection, ledger, vault, [one for one in rows if one.verdict == LATE])
    found = [held for held in read if held.author.set == entry.set]
    own = next((held for held in found if held.row.index == index), None)
    if own is None:
        raise NotFound(f"what entry {index} brought was erased")
    group = own.change.tx
    return [own] if group is None else [held for held in found if held.change.tx == group]


def look(connection: Connection, services: Services, index: int) -> list[Late]:
    """Return a late change and its group with what they are about; raises NotFound."""
    vault = services.vault.session(connection, services.ledger.id)
    found = group_of(connection, services, index)
    homes = {held.row.index: _home(held) for held in found}
    wanted = (
        {held.change.record for held in found} | set(homes.values()) | {held.row.device for held in found}
    )
    records = record_store.load(connection, vault, sorted(wanted))
    records |= record_store.load(connection, vault, {one.root for one in records.values()} - records.keys())
    late = []
    for held in found:
        about = (
            records.get(held.change.record)
            or records.get(homes[held.row.index])
            or records.get(held.row.device)
        )
        late.append(Late(held, about, records.get(about.root) if about else None))
    return late


def _home(held: Held) -> str:
    """Return the id of what a new record would lie in; its own where it lies in itself."""
    rules, values = RULES.get(held.change.type), held.change.sets()
    home = rules.home(values) if rules is not None else SELF
    return held.change.record if home == SELF else str(values.get(home, ("", None))[0])


def read(services: Services, index: int, reader: str | None) -> list[Late]:
    """Return a late change and its group, for a reader whose right is asked and noted; raises NotFound.

    reader: None for whoever must not see private fields, and to whom the caller shows none
    """
    with services.database.reading() as connection:
        late = look(connection, services, index)
        grants = grant_store.granted(connection, services.ledger.id, reader) if reader else Grants()
    for one in late if reader else ():
        place = one.about
        if (
            place is None
            or not grants.roles(str(reader), place.root, place.region, INTEGER_MAX) & READING_PERSONS
        ):
            raise NotFound(f"entry {index} brought nothing that this user may see")
    if reader:
        access_log.note(services, reader, access_log.READ_LATE, late[0].held.change.record)
    return late


def decide(user: str, ruling: Ruling, late: Sequence[Late], ids: Sequence[str]) -> list[Draft]:
    """Return the decisions on some late changes, one for each; raises BadValue or OwnWork. ids: fresh ones for them."""
    if ruling.act not in (ADOPT, SET_ASIDE):
        raise BadValue("act must be adopt or set_aside", field="act")
    if ruling.act == SET_ASIDE or ruling.reason is not None:
        reasons.check(ruling.reason, ruling.note)
    for one in late:
        if user == one.held.author.by or (one.root is not None and user in team_of(one.root)):
            raise OwnWork(item=one.held.change.id)
    more = {name: value for name in ("reason", "note") if (value := getattr(ruling, name))}
    return [
        Draft(
            "create",
            "decision",
            id_,
            {**_about(one), "act": ruling.act, "change": one.held.change.digest, **more},
        )
        for one, id_ in zip(late, ids, strict=True)
    ]


def _about(one: Late) -> dict[str, object]:
    if one.about is None:
        raise NotFound("nothing is there that this change is about", item=one.held.change.record)
    return {"about": one.about.id, "about_version": one.about.version}


def rule(services: Services, user: str, index: int, ruling: Ruling) -> Result:
    """Adopt a late change with its group, or set it aside; a Refusal is raised where that may not be."""
    with services.database.reading() as connection:
        late = look(connection, services, index)
    decisions = items_of(services, decide(user, ruling, late, [new_id(services) for _ in late]))
    items: list[Item] = []
    settled: dict[int, int] = {}
    for one, decision in zip(late, decisions, strict=True):
        settled[len(items)] = one.held.row.index
        items += [_adoption(services, one.held), decision] if ruling.act == ADOPT else [decision]
    expect = {one.about.id: one.about.version for one in late if one.about is not None}
    act = Act(
        user, "decision", checked(services, tuple(items)), services.now_ms(), expect=expect, late=settled
    )
    return services.door.submit(act)


def _adoption(services: Services, held: Held) -> Item:
    """Return a change of the supervisor's own that writes what the late one would have, in the same private lines."""
    private = tuple(one.line for one in held.change.private)
    if not all(private):
        raise NotFound("what this change said was erased; set it aside", item=held.change.id)
    bare = replace(
        held.change,
        id=new_id(services),
        base=None,
        tx=None,
        at=At(wall=services.now_ms()),
        private=(),
        digest="",
    )
    line = changes.change_line(bare, services.random(SALT_BYTES), private)
    change = read_change(line, private)
    return Item(line, change, fault_in(change))
