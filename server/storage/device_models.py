"""The table of what phones tell of themselves when they ask for what is new: no part of the ledger."""

from __future__ import annotations

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


class DeviceReportRow(db.Model):  # type: ignore[name-defined,misc]
    """What a phone told last: how much it holds that has no receipt; size: of the head that it was given."""

    __tablename__ = "device_report"
    ledger: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    device: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[int] = mapped_column(Big)
    unsent: Mapped[int | None] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Big, default=0)
