"""The tables by which pictures that resemble each other are found. Made anew from the files at any time."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class LikenessRow(db.Model):  # type: ignore[name-defined,misc]
    """A picture's hash in four bands of 16 bits, or that it waits to be looked at, or shows nothing to compare.

    made: the ledger entry that brought the evidence; hash: of 64 bits in hex, upright
    """

    __tablename__ = "likeness"
    __table_args__ = (
        Index("ix_likeness_state", "ledger", "state"),
        *(Index(f"ix_likeness_band{n}", "ledger", f"band{n}") for n in range(4)),
    )
    ledger: Mapped[int] = _ledger()
    evidence: Mapped[str] = mapped_column(String(36), primary_key=True)
    made: Mapped[int] = mapped_column(Big)
    state: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str | None] = mapped_column(String(16))
    band0: Mapped[int | None]
    band1: Mapped[int | None]
    band2: Mapped[int | None]
    band3: Mapped[int | None]


class ResemblanceRow(db.Model):  # type: ignore[name-defined,misc]
    """Two pictures that resemble each other, once from each side.

    bits: in how many of 64 they differ; turned: how one lies to the other; later: whether `evidence` came after `other`
    """

    __tablename__ = "resemblance"
    ledger: Mapped[int] = _ledger()
    evidence: Mapped[str] = mapped_column(String(36), primary_key=True)
    other: Mapped[str] = mapped_column(String(36), primary_key=True)
    bits: Mapped[int]
    turned: Mapped[int]
    later: Mapped[bool]
