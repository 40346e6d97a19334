"""The table of answers that a program may ask for again."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


class ApiAnswerRow(db.Model):  # type: ignore[name-defined,misc]
    """The first answer to a request that a program named by a key of its own.

    key: SHA-256 of the key, hex; request: keyed digest of address and body, hex; status: None while the first
    request is being worked on; at: Unix ms when it came
    """

    __tablename__ = "api_answer"
    ledger: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    at: Mapped[int] = mapped_column(Big)
    status: Mapped[int | None] = mapped_column(Integer)
    media: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)


Index("ix_api_answer_at", ApiAnswerRow.ledger, ApiAnswerRow.user, ApiAnswerRow.at)
