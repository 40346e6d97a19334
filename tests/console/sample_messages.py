"""Demo data of the notification log: messages in every state, and one that failed."""

from __future__ import annotations

from datetime import timedelta

from schemas.records import reminder
from server.console.pages import Chip
from server.console.pages.messages import MessageEntry, MessagePage, MessageRow, MessagesPage, MyMessagesPage
from server.queries.message_log import WANTED
from server.storage.outbox_store import STATES
from tests.console.sample_frame import HOSPITALS, NARROWING, NOW

TEXT = """【限期整改】六医保改〔2026〕12号：剩余3个工作日

测试市第一人民医院：

贵单位《限期整改通知书》的整改期限将至，请按期完成整改并提交材料。
"""
FAILURES = {"failed": "550 5.1.1", "unknown": "lease ended", "superseded": "higher_rung"}


def _row(n: int, state: str, channel: str = "email") -> MessageRow:
    recipients = ("institution_contact", "测试甲002", "office")
    return MessageRow(
        id=f"m{n}", case=f"c{n % 3 + 1}", number=f"六医保改〔2026〕{n + 9}号",
        institution=None if n == 4 else HOSPITALS[n % 4],
        rung=("served", "T-3", "T", "T+1")[n % 4], recipient=recipients[n % 3], channel=channel, state=state,
        at=NOW - timedelta(hours=n), attempts=0 if state == "queued" else 1, failure=FAILURES.get(state, ""),
        mended="given_up" if n == 9 else "", joined=8 if n == 3 else 1,
        about="petition" if n == 4 else "rectification_case",
    )  # fmt: skip


def log(*, empty: bool = False, state: str = "") -> MessagesPage:
    """Return the log with a message in each state, or none at all."""
    channels = tuple(reminder.CHANNELS)
    many = [*STATES, "sent", "failed"]
    rows = () if empty else tuple(_row(n, each, channels[n % len(channels)]) for n, each in enumerate(many))
    return MessagesPage(
        rows=rows,
        chips=tuple(
            Chip(value=each, count=0 if empty else 2 * (each == WANTED), active=each == state)
            for each in ("", WANTED, *STATES)
        ),
        dead=0 if empty else 2, state=state, channels=channels, regions=NARROWING.regions,
        query=NARROWING.query, next="" if empty else "1.m9",
    )  # fmt: skip


def message(state: str = "failed", *, failed: str = "", intact: bool = True) -> MessagePage:
    """Return one message with its text."""
    waits = state == "queued"
    wrong = {"failed": "refused_address", "unknown": "interrupted"}.get(state, "")
    return MessagePage(
        row=_row(0, state), digest="" if waits else "ab" * 32, text="" if waits else TEXT,
        intact=None if waits else intact, wrong=wrong, at="institution", recipient="i1",
        entries=() if waits else (
            MessageEntry(at=NOW - timedelta(days=1), result="unknown", ledger_index=812, mending="resent",
                         reason="已电话核实，对方未收到"),
            MessageEntry(at=NOW, result=state if state != "superseded" else "sent", ledger_index=901),
        ),
        mendings=("resent", "arrived", "given_up") if wrong else (), failed=failed, reason=failed and "不",
    )  # fmt: skip


def mine(*, empty: bool = False) -> MyMessagesPage:
    """Return what was addressed to the reader himself."""
    rows = () if empty else (_row(1, "sent", "in_app"), _row(4, "sent"), _row(7, "acknowledged"))
    return MyMessagesPage(rows=rows, state="unread" if empty else "all", unread=0 if empty else 2)


PAGES = {
    "/reminders/mine": mine,
    "/reminders/log": log,
    "/reminders/log/none": lambda: log(empty=True),
    "/reminders/log/dead-none": lambda: log(empty=True, state=WANTED),
    "/reminders/log/m0": message,
    "/reminders/log/m1": lambda: message("unknown", failed="bad_value"),
    "/reminders/log/m2": lambda: message("queued"),
    "/reminders/log/m3": lambda: message("superseded", intact=False),
}
