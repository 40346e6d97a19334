"""The operational tables by which reminders are sent: what waits, how fast robots are written to, what was swept."""

from __future__ import annotations

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class OutboxRow(db.Model):  # type: ignore[name-defined,misc]
    """One reminder to send, once: the key is unique, a worker claims it with a lease.

    id: follows from the key, for addresses; record: the id of the ledger's reminder that tells of it; words: the
    message as it was seen, encrypted; mended: what a person made of a row that failed, or of which nobody knows;
    look_at: Unix ms at which the gateway is next asked what became of it; joined, joined_in: of how many reminders the
    one message was within which this one went, and that message's SHA-256
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state", "ledger", "state", "send_at"),
        Index("ix_outbox_recipient", "ledger", "recipient", "channel", "state"),
        Index("ix_outbox_id", "ledger", "id", unique=True),
        Index("ix_outbox_at", "ledger", "send_at"),
    )
    ledger: Mapped[int] = _ledger()
    case: Mapped[str] = mapped_column(String(36), primary_key=True)
    rung: Mapped[str] = mapped_column(String(16), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    due_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    send_at: Mapped[int] = mapped_column(Big)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[int] = mapped_column(Big, default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[int | None] = mapped_column(Big)
    error: Mapped[str | None] = mapped_column(String(200))
    message: Mapped[str | None] = mapped_column(String(64))
    record: Mapped[str | None] = mapped_column(String(36))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    id: Mapped[str] = mapped_column(String(32))
    mended: Mapped[str | None] = mapped_column(String(16))
    look_at: Mapped[int | None] = mapped_column(Big)
    joined: Mapped[int | None] = mapped_column(Integer)
    joined_in: Mapped[str | None] = mapped_column(String(64))


class PaceRow(db.Model):  # type: ignore[name-defined,misc]
    """How fast one address of a channel is written to, by all schedulers together. free_at: Unix ms"""

    __tablename__ = "pace"
    ledger: Mapped[int] = _ledger()
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    free_at: Mapped[int] = mapped_column(Big)


class SweptRow(db.Model):  # type: ignore[name-defined,misc]
    """Up to which entry of the ledger a sweep has looked. upto: an index"""

    __tablename__ = "swept"
    ledger: Mapped[int] = _ledger()
    sweep: Mapped[str] = mapped_column(String(32), primary_key=True)
    upto: Mapped[int] = mapped_column(Big)
