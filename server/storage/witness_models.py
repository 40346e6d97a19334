"""The tables of what vouches for the ledger: timestamps, cosignatures, heads of other logs, places of accesses."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class TimeTokenRow(db.Model):  # type: ignore[name-defined,misc]
    """A time-stamping authority's answer about one checkpoint. UPDATE and DELETE are refused.

    at: the time that the authority states, Unix ms; digest: SHA-256 of the answer's bytes, hex
    """

    __tablename__ = "time_token"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32), primary_key=True)
    size: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    response: Mapped[bytes] = mapped_column(LargeBinary)


class CosignatureRow(db.Model):  # type: ignore[name-defined,misc]
    """A witness's signature line on one of our checkpoints. UPDATE and DELETE are refused.

    witness: its name; at: the time that it states, Unix seconds; vkey: the verifier key by which it was accepted
    """

    __tablename__ = "cosignature"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32), primary_key=True)
    size: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(String(240), primary_key=True)
    at: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    vkey: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(Text)


class WitnessRow(db.Model):  # type: ignore[name-defined,misc]
    """How the last exchange with a witness of ours ended, when, and which size it said to know."""

    __tablename__ = "witness"
    ledger: Mapped[int] = _ledger()
    witness: Mapped[str] = mapped_column(String(240), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    tried_at: Mapped[int] = mapped_column(Big)
    known: Mapped[int] = mapped_column(Big)
    words: Mapped[str] = mapped_column(String(200))


class WitnessedRow(db.Model):  # type: ignore[name-defined,misc]
    """The last head of another log that this installation cosigned: compared and stored under one lock."""

    __tablename__ = "witnessed"
    ledger: Mapped[int] = _ledger()
    log: Mapped[str] = mapped_column(String(240), primary_key=True)
    size: Mapped[int] = mapped_column(Big)
    root: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(Big)


class ContradictionRow(db.Model):  # type: ignore[name-defined,misc]
    """A head that another log signed and that does not extend the one cosigned before. UPDATE and DELETE are refused.

    digest: SHA-256 of the note, hex; held: the note that was cosigned before
    """

    __tablename__ = "contradiction"
    ledger: Mapped[int] = _ledger()
    log: Mapped[str] = mapped_column(String(240), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    held: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(Big)


class AccessPlaceRow(db.Model):  # type: ignore[name-defined,misc]
    """The place of a line of the access log under the roots in the ledger. UPDATE and DELETE are refused.

    id: the line's; hash: its leaf hash, hex
    """

    __tablename__ = "access_place"
    __table_args__ = (Index("ix_access_place_id", "ledger", "id", unique=True),)
    ledger: Mapped[int] = _ledger()
    place: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36))
    hash: Mapped[str] = mapped_column(String(64))


class DutyRow(db.Model):  # type: ignore[name-defined,misc]
    """The part that somebody took in an item by one entry. UPDATE and DELETE are refused, and so is one's own work.

    of_user: whose work it was, where it was one person's
    """

    __tablename__ = "duty"
    __table_args__ = (CheckConstraint('of_user IS NULL OR of_user <> "user"', name="own_work"),)
    ledger: Mapped[int] = _ledger()
    item: Mapped[str] = mapped_column(String(36), primary_key=True)
    index: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(16))
    user: Mapped[str] = mapped_column(String(36))
    of_user: Mapped[str | None] = mapped_column(String(36))
