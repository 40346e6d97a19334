"""The tables. Every primary key leads with the ledger, so that ledgers share nothing.

Three families. The ledger itself (entry, body, tile, checkpoint, change_set) is append-only; the
projections (record, grant, device, deadline, original, erased) are what `replay(ledger)` gives; the rest is operational
and listed in docs/operating.md.
"""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Names for constraints, so that migrations can speak of them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
Big = BigInteger().with_variant(Integer, "sqlite")


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class LedgerRow(db.Model):  # type: ignore[name-defined,misc]
    """One ledger of this installation."""

    __tablename__ = "ledger"
    id: Mapped[int] = _ledger()
    origin: Mapped[str] = mapped_column(String(200), unique=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(Big)


class HeadRow(db.Model):  # type: ignore[name-defined,misc]
    """The head: written last in every commit, so whoever reads it sees everything below it."""

    __tablename__ = "head"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(Big)
    root: Mapped[str] = mapped_column(String(64))
    edge: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(Big)


class EntryRow(db.Model):  # type: ignore[name-defined,misc]
    """A leaf's bytes. The database refuses UPDATE and DELETE."""

    __tablename__ = "entry"
    __table_args__ = (Index("ix_entry_record", "ledger", "record"),)
    ledger: Mapped[int] = _ledger()
    index: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    line: Mapped[bytes] = mapped_column(LargeBinary)
    record: Mapped[str | None] = mapped_column(String(36))


class BodyRow(db.Model):  # type: ignore[name-defined,misc]
    """A change line as it travelled; n > 0 for the rows of an import. UPDATE and DELETE are refused."""

    __tablename__ = "body"
    __table_args__ = (Index("ix_body_change", "ledger", "change"),)
    ledger: Mapped[int] = _ledger()
    index: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    change: Mapped[str | None] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))
    line: Mapped[bytes] = mapped_column(LargeBinary)


class PrivateRow(db.Model):  # type: ignore[name-defined,misc]
    """A private line, encrypted; may be erased lawfully, never altered."""

    __tablename__ = "private_line"
    ledger: Mapped[int] = _ledger()
    index: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class TileRow(db.Model):  # type: ignore[name-defined,misc]
    """One row of up to 256 hashes of the tree; only the right edge is ever rewritten."""

    __tablename__ = "tile"
    ledger: Mapped[int] = _ledger()
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(db.Model):  # type: ignore[name-defined,misc]
    """Every head that was ever signed. UPDATE and DELETE are refused."""

    __tablename__ = "checkpoint"
    ledger: Mapped[int] = _ledger()
    epoch: Mapped[str] = mapped_column(String(32), primary_key=True)
    size: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(Big)


class ChangeSetRow(db.Model):  # type: ignore[name-defined,misc]
    """One accepted change-set and its receipt, without the entry lines. UPDATE and DELETE are refused."""

    __tablename__ = "change_set"
    ledger: Mapped[int] = _ledger()
    device: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[str] = mapped_column(Text)
    first: Mapped[int] = mapped_column(Big)
    count: Mapped[int] = mapped_column(Integer)
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[int] = mapped_column(Big)


class RecordRow(db.Model):  # type: ignore[name-defined,misc]
    """A record's present state: a projection of the ledger; `version` orders the feed."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_feed", "ledger", "root", "version", "id"),
        Index("ix_record_parent", "ledger", "parent", "type"),
        # Counting a list reads this index alone: it holds whatever a list is narrowed by, by scope or by filter.
        Index("ix_record_desk", "ledger", "type", "stage", "region", "root", "life", "open_conflicts"),
        Index("ix_record_key", "ledger", "type", "natural_key"),
        Index("ix_record_register", "ledger", "type", "id"),
        Index("ix_record_changed", "ledger", "type", "version", "id"),
    )
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    type: Mapped[str] = mapped_column(String(32))
    root: Mapped[str] = mapped_column(String(36))
    region: Mapped[str] = mapped_column(String(12))
    parent: Mapped[str | None] = mapped_column(String(36))
    natural_key: Mapped[str | None] = mapped_column(String(64))
    stage: Mapped[str | None] = mapped_column(String(24))
    life: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Big)
    open_conflicts: Mapped[int] = mapped_column(Integer)
    created_by: Mapped[str] = mapped_column(String(36))
    created_device: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(Text)
    private: Mapped[bytes] = mapped_column(LargeBinary)


class GrantRow(db.Model):  # type: ignore[name-defined,misc]
    """Who has which role over what, from which ledger position to which: a projection."""

    __tablename__ = "grant"
    __table_args__ = (Index("ix_grant_via", "ledger", "via"), Index("ix_grant_root", "ledger", "root"))
    ledger: Mapped[int] = _ledger()
    user: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(24), primary_key=True)
    root: Mapped[str] = mapped_column(String(36), primary_key=True)
    via: Mapped[str] = mapped_column(String(36), primary_key=True)
    start: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    end: Mapped[int | None] = mapped_column(Big)


class DeviceRow(db.Model):  # type: ignore[name-defined,misc]
    """An enrolled phone and the head of its chain."""

    __tablename__ = "device"
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    sign_key: Mapped[bytes] = mapped_column(LargeBinary)
    seal_key: Mapped[bytes] = mapped_column(LargeBinary)
    kem: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    seq: Mapped[int] = mapped_column(Big, default=0)
    digest: Mapped[str] = mapped_column(String(64))
    contact_at: Mapped[int] = mapped_column(Big, default=0)
    chain: Mapped[str] = mapped_column(String(36), default="")
    place: Mapped[int] = mapped_column(Integer, default=0)


class DeadlineRow(db.Model):  # type: ignore[name-defined,misc]
    """An open rectification case's clock: a projection, with the instant it next wants something."""

    __tablename__ = "deadline"
    __table_args__ = (Index("ix_deadline_next", "ledger", "next_at"),)
    ledger: Mapped[int] = _ledger()
    case: Mapped[str] = mapped_column(String(36), primary_key=True)
    region: Mapped[str] = mapped_column(String(12))
    institution: Mapped[str] = mapped_column(String(36))
    served_on: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[str] = mapped_column(String(10))
    due_version: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[int] = mapped_column(Big)
    closed: Mapped[bool] = mapped_column(default=False)
    next_at: Mapped[int | None] = mapped_column(Big)


class OriginalRow(db.Model):  # type: ignore[name-defined,misc]
    """An evidence item by its original's digest: a projection, so that one picture shown twice is found."""

    __tablename__ = "original"
    __table_args__ = (Index("ix_original_digest", "ledger", "digest"),)
    ledger: Mapped[int] = _ledger()
    evidence: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(36))
    made: Mapped[int] = mapped_column(Big)


class WaitingRow(db.Model):  # type: ignore[name-defined,misc]
    """A change that did not come into force at once: held or late, and what became of it. A projection.

    index: the entry that brought it; moved: the last entry that judged it again
    """

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_for", "ledger", "waiting_for"),
        Index("ix_waiting_moved", "ledger", "device", "moved"),
        Index("ix_waiting_open", "ledger", "verdict", "index"),
    )
    ledger: Mapped[int] = _ledger()
    index: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    change: Mapped[str | None] = mapped_column(String(36))
    device: Mapped[str] = mapped_column(String(36))
    record: Mapped[str | None] = mapped_column(String(36))
    type: Mapped[str | None] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    waiting_for: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(Big)
    moved: Mapped[int | None] = mapped_column(Big)


class ErasedRow(db.Model):  # type: ignore[name-defined,misc]
    """A private line that was erased, by its digest, and what is read in its place: a projection.

    index: the entry that erased it first; form: kind, order, and ranks by field, as JSON
    """

    __tablename__ = "erased"
    ledger: Mapped[int] = _ledger()
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    index: Mapped[int] = mapped_column(Big)
    form: Mapped[str] = mapped_column(Text)


class InviteRow(db.Model):  # type: ignore[name-defined,misc]
    """A one-time invite, bound to a user; only its code's digest is kept."""

    __tablename__ = "invite"
    ledger: Mapped[int] = _ledger()
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    supersedes: Mapped[str | None] = mapped_column(String(36))
    expires_at: Mapped[int] = mapped_column(Big)
    request: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)


class UploadRow(db.Model):  # type: ignore[name-defined,misc]
    """A file on its way: its token's digest, until when it may go on, and whether it is open, ended or expired."""

    __tablename__ = "upload"
    ledger: Mapped[int] = _ledger()
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(36))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Big)
    expires_at: Mapped[int] = mapped_column(Big)
    state: Mapped[str] = mapped_column(String(16))
    __table_args__ = (Index("ix_upload_digest", "ledger", "digest"),)


class FileRow(db.Model):  # type: ignore[name-defined,misc]
    """A stored cipher file by its digest: arrived (whole, waiting for its record), verified, corrupt."""

    __tablename__ = "file"
    ledger: Mapped[int] = _ledger()
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(Big)
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[int] = mapped_column(Big)


class QuarantineRow(db.Model):  # type: ignore[name-defined,misc]
    """What an enrolled phone sent and could not be accepted: kept, encrypted, never dropped."""

    __tablename__ = "quarantine"
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device: Mapped[str] = mapped_column(String(36))
    seq: Mapped[int] = mapped_column(Big)
    code: Mapped[str] = mapped_column(String(32))
    at: Mapped[int] = mapped_column(Big)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class DataKeyRow(db.Model):  # type: ignore[name-defined,misc]
    """A data key of one scope root, wrapped under a version of the KEK; rotation re-wraps it only."""

    __tablename__ = "data_key"
    ledger: Mapped[int] = _ledger()
    root: Mapped[str] = mapped_column(String(36), primary_key=True)
    kek_version: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class AccessRow(db.Model):  # type: ignore[name-defined,misc]
    """Who read evidence or signed in, and when; append-only. UPDATE and DELETE are refused."""

    __tablename__ = "access_log"
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[int] = mapped_column(Big)
    user: Mapped[str] = mapped_column(String(36))
    act: Mapped[str] = mapped_column(String(32))
    record: Mapped[str | None] = mapped_column(String(36))


class CatalogueLineRow(db.Model):  # type: ignore[name-defined,misc]
    """One line of a catalogue's content: n = 0 the header, then a row each. UPDATE and DELETE are refused."""

    __tablename__ = "catalogue_line"
    __table_args__ = (Index("ix_catalogue_line_code", "ledger", "digest", "code"),)
    ledger: Mapped[int] = _ledger()
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str | None] = mapped_column(String(64))
    line: Mapped[bytes] = mapped_column(LargeBinary)


APPEND_ONLY = (
    "entry", "body", "checkpoint", "change_set", "access_log", "catalogue_line", "time_token", "cosignature",
    "contradiction", "access_place", "duty",
)  # fmt: skip
"""Tables on which the database itself refuses UPDATE and DELETE."""
NO_UPDATE = ("private_line",)
"""Tables whose rows may go (lawful erasure) but never change."""
