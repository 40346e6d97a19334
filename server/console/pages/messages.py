"""Messages that were sent or wait: the log, what is wrong with one, and the text as it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import Chip, Institution
from server.console.pages.registers import Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRow:
    """One message of the outbox. about: `rectification_case`, or `petition`, which has no institution here

    recipient: a person by name, `institution_contact`, or `office`; at: when it was handed over, or is to go
    failure: what the provider answered, '' where nothing is wrong; mended: what a person made of it, or ''
    joined: within a digest of so many it went, 1 where by itself
    """

    id: str
    case: str
    number: str
    institution: Institution | None
    rung: str
    recipient: str
    channel: str
    state: str
    at: datetime
    attempts: int
    failure: str = ""
    mended: str = ""
    joined: int = 1
    about: str = "rectification_case"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagesPage:
    """The log, the newest first. dead: how many want somebody's look; next: where the next page begins, or ''."""

    template: ClassVar[str] = "console/messages.html"
    rows: tuple[MessageRow, ...]
    chips: tuple[Chip, ...]
    dead: int = 0
    state: str = ""
    channel: str = ""
    channels: tuple[str, ...] = ()
    regions: tuple[Choice, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    next: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageEntry:
    """One entry of the ledger about a message: an attempt that ended, and what a person made of it."""

    at: datetime
    result: str
    ledger_index: int
    joined: int = 1
    mending: str = ""
    reason: str = ""
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagePage:
    """One message. text: as it was seen but for a link by which one acknowledges; '' where nothing was handed over yet.

    intact: whether the text is the one whose digest stands in the ledger; None without a text
    joined_in: the digest of the one message within which it went, '' where it went by itself; text is its part then
    wrong: what is wrong, a code of message_marks.WRONG, or ''; at: whose address it is, `institution` or `user`, or ''
    mendings: what this reader may do about it; failed, reason: what was just tried and typed
    """

    template: ClassVar[str] = "console/message.html"
    row: MessageRow
    digest: str = ""
    joined_in: str = ""
    text: str = ""
    intact: bool | None = None
    wrong: str = ""
    at: str = ""
    recipient: str = ""
    entries: tuple[MessageEntry, ...] = ()
    mendings: tuple[str, ...] = ()
    failed: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MyMessagesPage:
    """What was addressed to the reader himself. state: `unread` or `all`; unread: how many of them he has not read."""

    template: ClassVar[str] = "console/my_messages.html"
    rows: tuple[MessageRow, ...]
    state: str
    unread: int
    next: str = ""
