"""The log of accesses, for auditors and administrators of a region; each line with its place under a ledger entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from flask_babel import gettext

from server.accounts.users import find
from server.console.pages.accesses import AccessesPage, AccessLine, AccessPage
from server.console.pages.reports import Table, TableColumn
from server.documents.tables import ROWS_MAX
from server.queries import people
from server.queries.reading import PAGE_SIZE, Reading, moment
from server.storage import access_search, record_store
from server.storage.access_search import Placed, Wanted
from sync.errors import BadValue, NotAllowed, NotFound
from sync.merkle import root_of
from sync.rules import region_prefix

READERS = frozenset({"auditor", "admin"})
WORDS = ("user", "record", "act", "day")


def asked(reading: Reading, words: Mapping[str, str]) -> Wanted:
    """Return which lines are asked for, all in the reader's own regions; raises NotAllowed, BadValue."""
    regions = {grant.root for grant in reading.grants.rows if grant.role in READERS}
    if not regions:
        raise NotAllowed("an auditor or an administrator reads the log of accesses")
    wanted = Wanted(tuple(sorted(region_prefix(code) for code in regions)))
    since = until = None
    if words.get("day"):
        try:
            day = date.fromisoformat(words["day"])
        except ValueError as error:
            raise BadValue("a day is YYYY-MM-DD", field="day") from error
        zone = reading.services.config.zone
        since, until = (
            round(datetime(one.year, one.month, one.day, tzinfo=zone).timestamp() * 1000)
            for one in (day, day + timedelta(days=1))
        )
    return replace(
        wanted,
        user=words.get("user", ""),
        record=words.get("record", ""),
        act=words.get("act", ""),
        since=since,
        until=until,
    )


def person(reading: Reading, login: str) -> str:
    """Return the id of who has a login; raises NotFound."""
    return find(reading.services, login).id


def accesses_page(reading: Reading, words: Mapping[str, str]) -> AccessesPage:
    """Return a page of lines; words: `user`, `record`, `act`, `day`, and `after` for the next page."""
    failed = False
    try:
        wanted = asked(reading, words)
    except BadValue:
        wanted, failed = asked(reading, {**words, "day": ""}), True
    rows, after = page(reading, wanted, words.get("after", ""))
    who = people.officers(reading, [wanted.user]) if wanted.user else {}
    return AccessesPage(
        rows=rows,
        acts=tuple(access_search.acts(reading.connection, reading.services.ledger.id)),
        act=wanted.act,
        day="" if failed else words.get("day", ""),
        user=wanted.user,
        person=who[wanted.user].name if who else "",
        record=wanted.record,
        after=after,
        failed=failed,
    )


def page(
    reading: Reading, wanted: Wanted, after: str, limit: int = PAGE_SIZE
) -> tuple[tuple[AccessLine, ...], str]:
    """Return (lines, the cursor of the next page or '')."""
    ledger = reading.services.ledger.id
    found = access_search.lines(reading.connection, ledger, wanted, before=after, limit=limit + 1)
    rows = _rows(reading, found[:limit])
    return rows, rows[-1].id if len(found) > limit else ""


def access_page(reading: Reading, key: str) -> AccessPage:
    """Return one line with its proof, computed anew from the lines and the ledger; raises NotFound, NotAllowed."""
    ledger = reading.services.ledger.id
    placed = access_search.one(reading.connection, ledger, asked(reading, {}), key)
    if placed is None:
        raise NotFound(item=key)
    line, leaf = _rows(reading, [placed])[0], placed.line.leaf.hex()
    record = None
    if placed.place is not None:
        found = access_search.root_over(reading.connection, ledger, placed.place)
        record = record_store.load(reading.connection, reading.vault, [found]).get(found) if found else None
    if placed.place is None or record is None:
        return AccessPage(line=line, hash=leaf, verdict="waiting" if placed.place is None else "bad")
    first, count = int(record.values["first"]), int(record.values["count"])
    lines = access_search.stretch(reading.connection, ledger, first, count)
    computed = root_of(one.leaf for one in lines).hex()
    whole = len(lines) == count and computed == record.values["root"] and placed.place < first + count
    return AccessPage(
        line=line,
        hash=leaf,
        verdict="ok" if whole else "bad",
        first=first,
        count=count,
        root=str(record.values["root"]),
        computed=computed,
        index=record.acts[0].index,
    )


def as_table(reading: Reading, words: Mapping[str, str]) -> Table:
    """Return the lines that were asked for as a table to take away."""
    rows, more = page(reading, asked(reading, words), "", ROWS_MAX)
    names = ("at", "user", "act", "record", "place")
    heads = (
        gettext("Time"),
        gettext("Who"),
        gettext("What"),
        gettext("Record"),
        gettext("Place under a root"),
    )
    return Table(
        name="access-log",
        title=gettext("Log of accesses"),
        columns=tuple(TableColumn(name=name, label=head) for name, head in zip(names, heads, strict=True)),
        rows=tuple(
            (one.at.isoformat(timespec="milliseconds"), one.name, one.act, one.record, one.place)
            for one in rows
        ),
        more=bool(more),
    )


def _rows(reading: Reading, found: Sequence[Placed]) -> tuple[AccessLine, ...]:
    who = people.officers(reading, [one.line.access.user for one in found])
    named = [one.line.access.record for one in found if one.line.access.record]
    places = record_store.places(reading.connection, reading.services.ledger.id, named)
    return tuple(
        AccessLine(
            id=one.line.id,
            at=moment(one.line.access.at),
            user=one.line.access.user,
            name=who.get(one.line.access.user, people.NOBODY).name,
            act=one.line.access.act,
            record=one.line.access.record or "",
            type=places[one.line.access.record].type if one.line.access.record in places else "",
            place=one.place,
        )
        for one in found
    )
