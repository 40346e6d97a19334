"""Devices: the list of phones, one phone, the invite on the screen, and what was on a lost one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import Chip, Paging
from server.console.pages.registers import Choice, Named


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """How a phone keeps up. unsent: changes without a receipt as it told, None if it does not tell

    seen_at: when it was heard of, receipt_at: when its newest set was accepted; None before the first
    head_size: of the head that it was given last, None without one; behind: entries that the ledger has beyond it
    trouble: codes of `device_marks.DEVICE_TROUBLE`
    """

    seen_at: datetime | None
    told_at: datetime | None
    unsent: int | None
    receipt_at: datetime | None
    head_size: int | None
    behind: int | None
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceRow:
    """One phone. sets: how many change-sets of it are in the ledger; quarantined: how many lie outside"""

    id: str
    user: str
    unit: str
    app: str
    stage: str
    sets: int
    health: Health
    quarantined: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicesPage:
    """Phones, those with trouble first. may_enrol, may_bring: whether this reader lets phones in, brings a file"""

    template: ClassVar[str] = "console/devices.html"
    chips: tuple[Chip, ...]
    rows: tuple[DeviceRow, ...]
    paging: Paging
    may_enrol: bool = False
    may_bring: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A visit under way of a phone's user."""

    id: str
    title: str
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DevicePage:
    """One phone. may: whether this reader may replace it, revoke it, report it lost

    version: of its record; reason, wipe: why it was shut out, and its order to erase itself, '' without one
    app_now: the version that signed its newest set; visits: that its user works on, as far as this reader sees them
    """

    template: ClassVar[str] = "console/device.html"
    row: DeviceRow
    version: int
    user_id: str
    kem: str
    enrolled_at: datetime
    app_now: str
    reason: str = ""
    wipe: str = ""
    supersedes: str | None = None
    superseded_by: str | None = None
    visits: tuple[Visit, ...] = ()
    waiting: int = 0
    may: bool = False
    reasons: tuple[Choice, ...] = ()
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolPage:
    """The form that makes an invite: for whom, and in whose place."""

    template: ClassVar[str] = "console/enrol.html"
    users: tuple[Choice, ...]
    devices: tuple[Choice, ...] = ()
    user: str = ""
    supersedes: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxPage:
    """The form by which a phone's exported work is brought; the file goes to `POST /api/outboxes`. media: its type"""

    template: ClassVar[str] = "console/outbox.html"
    media: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitePage:
    """An invite on the screen. text: of the QR code, '' once the page was left; state: `open`, `used`, `expired`

    path, size: the QR code as one SVG path, and how many modules it is wide
    """

    template: ClassVar[str] = "console/invite.html"
    digest: str
    user: str
    user_id: str
    state: str
    expires_at: datetime
    text: str = ""
    path: str = ""
    size: int = 0
    device: str | None = None
    supersedes: str | None = None

    @property
    def fingerprint(self) -> str:
        """Return the ledger key's first 16 digits in fours, as the phone shows them before it enrols."""
        _, ledger, *_ = [*self.text.rpartition("#")[2].split("."), ""]
        return " ".join(ledger[at : at + 4] for at in range(0, 16, 4)).strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Records of one place that may be on a lost phone, counted by type."""

    place: Named
    type: str
    region: str
    records: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossPage:
    """What may be on a phone that is shut out, at most: counts, nobody's name."""

    template: ClassVar[str] = "console/loss.html"
    device: str
    user: str
    stage: str
    reason: str
    wipe: str
    last_contact: datetime | None
    sets: int
    records: Mapping[str, int]
    file_keys: int
    shelves: tuple[Shelf, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Invited:
    """A fresh invite, for programs: `invite` is the text of the QR code; it is told this once."""

    invite: str
    url: str
    code: str
    digest: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class InviteStands:
    """How an invite stands: `open`, `used` (then with its device) or `expired`."""

    state: str
    expires_at: datetime
    device: str | None = None
