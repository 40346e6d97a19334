"""The tables of epochs: how a ledger went on after disasters, and what phones have shown of what was lost."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class EpochRow(db.Model):  # type: ignore[name-defined,misc]
    """An epoch that was opened after a disaster, by its statement. UPDATE and DELETE are refused."""

    __tablename__ = "epoch"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32), primary_key=True)
    origin: Mapped[str] = mapped_column(String(200))
    former: Mapped[str] = mapped_column(String(32))
    fork: Mapped[int] = mapped_column(Big)
    fork_root: Mapped[str] = mapped_column(String(64))
    last_epoch: Mapped[str] = mapped_column(String(32))
    last: Mapped[int] = mapped_column(Big)
    last_root: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(Big)
    statement: Mapped[str] = mapped_column(Text)


class OldReceiptRow(db.Model):  # type: ignore[name-defined,misc]
    """A receipt of an earlier epoch beyond its fork, as its phone has shown it."""

    __tablename__ = "old_receipt"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32), primary_key=True)
    first: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Big)
    device: Mapped[str] = mapped_column(String(36))
    seq: Mapped[int] = mapped_column(Big)
    set: Mapped[str] = mapped_column(String(64))
    change: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(Big)
