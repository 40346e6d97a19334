"""The index of the desk's search: operational, made anew from the records by `wardledger search rebuild`."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db

WORD_CHARS = 64
Word = String(WORD_CHARS).with_variant(String(WORD_CHARS, collation="C"), "postgresql")
"""Compared by its bytes on every database, so that what begins with a text is one stretch of the index."""


class SearchWordRow(db.Model):  # type: ignore[name-defined,misc]
    """A public number of a record, or one of its endings: what is looked for begins one of them."""

    __tablename__ = "search_word"
    __table_args__ = (Index("ix_search_word_record", "ledger", "record"),)
    ledger: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(Word, primary_key=True)
    record: Mapped[str] = mapped_column(String(36), primary_key=True)


class SearchHashRow(db.Model):  # type: ignore[name-defined,misc]
    """A keyed hash of something private: a person's number, or two neighbouring characters of a name."""

    __tablename__ = "search_hash"
    __table_args__ = (Index("ix_search_hash_record", "ledger", "record"),)
    ledger: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[int] = mapped_column(Big, primary_key=True, autoincrement=False)
    record: Mapped[str] = mapped_column(String(36), primary_key=True)


__all__ = ["WORD_CHARS", "SearchHashRow", "SearchWordRow"]
