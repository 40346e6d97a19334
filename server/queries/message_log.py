"""The log of messages: those of the cases that a reader may see, the newest first, and the text as it was seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from schemas.records import reminder
from server.casework.mending import ARRIVED, GIVEN_UP, RESENT
from server.console.pages import Chip
from server.console.pages.messages import (
    MessageEntry,
    MessagePage,
    MessageRow,
    MessagesPage,
    MyMessagesPage,
)
from server.portal import links
from server.queries import people
from server.queries.narrowing import in_region, region_choices, region_of
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.reminders import following, offices
from server.reminders.facts import HEAD
from server.reminders.policies import PETITION
from server.storage import outbox_store
from server.storage.outbox_store import ACKNOWLEDGED, DEAD, DELIVERED, FAILED, SENT, STATES, UNKNOWN, Posted
from sync.errors import BadValue, NotFound
from sync.merge import Record
from sync.rules import SUPERVISOR

ROWS = outbox_store.TABLE
ABOUT = ("rectification_case", PETITION.name)
"""What a message can be about."""
WANTED = "dead"
"""The filter of what wants somebody's look: what failed, and of what nobody knows, until it is mended."""
LINK = re.compile(rf"({re.escape(links.PATH)}#)\S+")
"""The link by which an institution acknowledges. Whoever has it can, so nobody at the desk is shown it whole."""
UNREAD = (SENT, DELIVERED, FAILED, UNKNOWN)
"""What its reader has not marked as read: it stands in his list although no provider took it."""
DEAD_COUNTED_MAX = 1_000
"""So many dead letters are counted on the rail; beyond it the number stands still."""


def listed(reading: Reading, given: Mapping[str, str]) -> Select[Any]:
    """Return a select over the messages that a reader may see, narrowed by the words of an address; raises BadValue.

    state: one of STATES, or `dead`; channel, region, case
    """
    state, channel = given.get("state", ""), given.get("channel", "")
    if state and state not in (*STATES, WANTED):
        raise BadValue("there is no such state of a message", field="state")
    if channel and channel not in reminder.CHANNELS:
        raise BadValue("there is no such channel", field="channel")
    cases = in_region(reading.visible(*ABOUT), region_of(given))
    if given.get("case"):
        cases = cases.where(TABLE.c.id == given["case"])
    cases = cases.with_only_columns(TABLE.c.id, maintain_column_froms=True)
    found = select(ROWS).where(ROWS.c.ledger == reading.services.ledger.id, ROWS.c.case.in_(cases))
    found = found.where(ROWS.c.channel == channel) if channel else found
    if state == WANTED:
        return found.where(ROWS.c.state.in_(DEAD), ROWS.c.mended.is_(None))
    return found.where(ROWS.c.state == state) if state else found


def dead(reading: Reading) -> int:
    """Return how many messages want somebody's look, DEAD_COUNTED_MAX at most."""
    some = listed(reading, {"state": WANTED}).with_only_columns(ROWS.c.id, maintain_column_froms=True)
    counted = select(func.count()).select_from(some.limit(DEAD_COUNTED_MAX).subquery())
    return int(reading.connection.execute(counted).scalar_one())


def mine(reading: Reading, *, unread: bool) -> Select[Any]:
    """Return a select over what was addressed to the reader himself, of cases that he may see.

    unread: only what he has not marked as read
    """
    states = UNREAD if unread else (*UNREAD, ACKNOWLEDGED)
    return listed(reading, {}).where(ROWS.c.recipient == reading.user, ROWS.c.state.in_(states))


def unread(reading: Reading) -> int:
    """Return how many messages to the reader himself he has not marked as read, DEAD_COUNTED_MAX at most."""
    some = mine(reading, unread=True).with_only_columns(ROWS.c.id, maintain_column_froms=True)
    counted = select(func.count()).select_from(some.limit(DEAD_COUNTED_MAX).subquery())
    return int(reading.connection.execute(counted).scalar_one())


def one_of_mine(reading: Reading, row_id: str) -> Posted:
    """Return a message that was addressed to the reader himself; raises NotFound."""
    found = outbox_store.rows(reading.connection, mine(reading, unread=False).where(ROWS.c.id == row_id))
    if not found:
        raise NotFound(item=row_id)
    return found[0]


def mine_page(reading: Reading, given: Mapping[str, str]) -> MyMessagesPage:
    """Return what was addressed to the reader himself, the newest first; state=unread: what he has not read."""
    state = given.get("state", "unread")
    if state not in ("unread", "all"):
        raise BadValue("state is unread, or all", field="state")
    rows, following = page_of(reading, given, statement=mine(reading, unread=state == "unread"))
    return MyMessagesPage(rows=rows, state=state, unread=unread(reading), next=following)


def page_of(
    reading: Reading,
    given: Mapping[str, str],
    limit: int = PAGE_SIZE,
    *,
    statement: Select[Any] | None = None,
) -> tuple[tuple[MessageRow, ...], str]:
    """Return messages, the newest first, and where the next page begins, or ''; raises BadValue.

    statement: what is read page by page, `listed` unless told
    """
    statement = listed(reading, given) if statement is None else statement
    if given.get("after"):
        at, row = _cursor(given["after"])
        older = or_(ROWS.c.send_at < at, and_(ROWS.c.send_at == at, ROWS.c.id > row))
        statement = statement.where(older)
    ordered = statement.order_by(ROWS.c.send_at.desc(), ROWS.c.id).limit(limit + 1)
    found = outbox_store.rows(reading.connection, ordered)
    shown = found[:limit]
    following = f"{shown[-1].send_at}.{shown[-1].id}" if len(found) > limit else ""
    return message_rows(reading, shown), following


def messages_page(reading: Reading, given: Mapping[str, str]) -> MessagesPage:
    """Return a page of the log; raises BadValue or BadCode."""
    rows, following = page_of(reading, given)
    state, region = given.get("state", ""), region_of(given)
    waiting = dead(reading)
    kept = {name: given[name] for name in ("channel", "region", "case") if given.get(name)}
    return MessagesPage(
        rows=rows,
        chips=tuple(
            Chip(value=each, count=waiting if each == WANTED else 0, active=each == state)
            for each in ("", WANTED, *STATES)
        ),
        dead=waiting,
        state=state,
        channel=given.get("channel", ""),
        channels=tuple(reminder.CHANNELS),
        regions=region_choices(reading, region),
        query=kept,
        next=following,
    )


def message_page(reading: Reading, row_id: str, *, failed: str = "", reason: str = "") -> MessagePage:
    """Return one message with its text and its history; raises NotFound. failed, reason: what was just tried."""
    row = outbox_store.find(reading.connection, reading.services.ledger.id, row_id)
    if row is None:
        raise NotFound(item=row_id)
    case = _about(reading, row.key.case)
    text = _text(reading, case, row)
    of_institution = row.key.recipient.removesuffix(HEAD) == case.values.get("institution")
    office = row.key.recipient.startswith(offices.RECIPIENT)
    return MessagePage(
        row=message_rows(reading, [row])[0],
        digest=row.message or "",
        joined_in=row.joined_in or "",
        text=LINK.sub(r"\1…", text),
        intact=hashlib.sha256(text.encode()).hexdigest() == row.message if text else None,
        wrong=wrong(row),
        at="" if office else "institution" if of_institution else "user",
        recipient=row.key.recipient.removesuffix(HEAD),
        entries=_entries(reading, row),
        mendings=_mendings(row) if SUPERVISOR in reading.roles_over(case) else (),
        failed=failed,
        reason=reason,
    )


def _about(reading: Reading, record: str) -> Record:
    """Return the case or the petition that a message is about; raises NotFound or Recused."""
    found = reading.records(reading.visible(*ABOUT).where(TABLE.c.id == record))
    if not found:
        raise reading.missing(record)
    return found[0]


def wrong(row: Posted) -> str:
    """Return what is wrong with a message that failed, or of which nobody knows; '' where nothing is. Pure."""
    error = row.error or ""
    if row.state == UNKNOWN:
        return {"lease ended": "interrupted", "the ledger was restored from a backup": "restored"}.get(
            error, "silent"
        )
    if row.state != FAILED:
        return ""
    if error.startswith(following.UNDELIVERED):
        return "undelivered"
    if error == "address":
        return "address"
    if row.key.channel in ("email", "sms") and error.startswith(("5", "isv.MOBILE")):
        return "refused_address"
    return "refused"


def _mendings(row: Posted) -> tuple[str, ...]:
    if row.state not in DEAD or row.mended is not None:
        return ()
    return (RESENT, ARRIVED, GIVEN_UP) if row.state == UNKNOWN else (RESENT, GIVEN_UP)


def _text(reading: Reading, case: Record, row: Posted) -> str:
    if row.words is None:
        return ""
    return reading.vault.open(case.root, outbox_store.PURPOSE, row.words).decode()


def _entries(reading: Reading, row: Posted) -> tuple[MessageEntry, ...]:
    """Return what the ledger says of a message, oldest first."""
    told = reading.visible("reminder").where(TABLE.c.parent == row.key.case)
    same = [
        each
        for each in reading.records(told)
        if (each.values["rung"], each.values["recipient"], each.values["channel"], each.values["due_version"])
        == tuple(row.key[1:])
    ]
    return tuple(_entry(each) for each in sorted(same, key=lambda each: each.acts[0].index))


def _entry(record: Record) -> MessageEntry:
    values = record.values
    delivered, acknowledged = values.get("delivered_at"), values.get("acknowledged_at")
    return MessageEntry(
        at=moment(values["sent_at"]),
        result=values["result"],
        ledger_index=record.version,
        joined=int(values.get("joined") or 1),
        mending=str(values.get("mending") or ""),
        reason=str(values.get("mending_reason") or ""),
        delivered_at=moment(delivered) if delivered else None,
        acknowledged_at=moment(acknowledged) if acknowledged else None,
    )


def message_rows(reading: Reading, rows: Sequence[Posted]) -> tuple[MessageRow, ...]:
    """Return rows of the outbox as pages and programs show them; no address is among them."""
    cases = reading.named({row.key.case for row in rows})
    houses = reading.named({str(one.values["institution"]) for one in cases.values() if one.type == ABOUT[0]})
    words = recipients(reading, {row.key.recipient for row in rows})
    return tuple(_row(row, cases[row.key.case], houses, words) for row in rows)


def recipients(reading: Reading, ids: Iterable[str]) -> dict[str, str]:
    """Return who is written to in a word: a person by name, others as contact, head or office."""
    every = set(ids)
    known = reading.named(every)
    found: dict[str, str] = {}
    for each in every:
        record = known.get(each)
        if each.startswith(offices.RECIPIENT):
            found[each] = "office"
        elif record is not None and record.type == "user":
            found[each] = str(record.values.get("display_name", "–"))
        else:
            found[each] = "institution_head" if each.endswith(HEAD) else "institution_contact"
    return found


def _row(row: Posted, case: Record, houses: Mapping[str, Record], words: Mapping[str, str]) -> MessageRow:
    # What a petition is about is nobody's to read in a list of messages.
    troubled, of_case = row.state != SENT and row.error, case.type == ABOUT[0]
    return MessageRow(
        id=row.id,
        case=row.key.case,
        number=str(case.values.get("number") or ""),
        about=case.type,
        institution=people.institution(houses[str(case.values["institution"])]) if of_case else None,
        rung=row.key.rung,
        recipient=words[row.key.recipient],
        channel=row.key.channel,
        state=row.state,
        at=moment(row.sent_at or row.send_at),
        attempts=row.attempts,
        failure=str(row.error) if troubled else "",
        mended=row.mended or "",
        joined=row.joined or 1,
    )


def _cursor(words: str) -> tuple[int, str]:
    at, _, row = words.partition(".")
    if not at.isascii() or not at.isdigit() or len(at) > 15 or not row:
        raise BadValue("not a cursor of this list", field="after")
    return int(at), row
