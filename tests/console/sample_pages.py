"""Demo data of the pages that stand for no room: the to-do list, the ledger's head, a refusal, signing in."""

from __future__ import annotations

from server.console.pages import (
    Audit,
    ErrorPage,
    HomePage,
    LedgerEntry,
    LedgerPage,
    Queue,
    SignInPage,
)
from tests.console import sample_reports
from tests.console.sample_casework import CASE_ROWS
from tests.console.sample_frame import ago, digest
from tests.console.sample_rounds import ROUND_ROWS


def home(*, empty: bool = False) -> HomePage:
    """Return the to-do list of a busy day, or of a quiet one."""
    names = ("evidence", "second", "conflicts", "rounds", "findings", "cases")
    counts = (0, 0, 0, 0, 0, 0) if empty else (12, 2, 1, 2, 3, 4)
    queues = tuple(
        Queue(name=name, count=count, oldest_at=ago(hours=5 * count) if count else None)
        for name, count in zip(names, counts, strict=True)
    )
    return HomePage(
        queues=queues,
        rounds=() if empty else ROUND_ROWS[:2],
        cases=() if empty else CASE_ROWS[:3],
        overview=sample_reports.overview(empty=empty),
    )


def ledger() -> LedgerPage:
    """Return the head of a ledger of some thousand entries."""
    origin, epoch, root = "ledger.example/luan-demo", "0" * 31 + "1", digest("root")
    kinds = (("change", "bed_check", "applied"), ("decision", "evidence", "applied"), ("change", "finding", "conflict"),
             ("reminder", "rectification_case", ""), ("change", "finding", "merged"), ("import", "", ""))  # fmt: skip
    entries = tuple(
        LedgerEntry(index=18_465 - n, at=ago(minutes=3 * n), kind=kind, type=type_, outcome=outcome)
        for n, (kind, type_, outcome) in enumerate(kinds)
    )
    note = (
        f"{origin}/{epoch}\n18466\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n\n— {origin}/{epoch} "
        + "Zm9v" * 24
    )
    return LedgerPage(origin=origin, epoch=epoch, size=18_466, root=root, signed_at=ago(minutes=1), checkpoint=note,
                      key_fingerprint=digest("key"), address="https://ledger.example", entries=entries,
                      audit=Audit(at=ago(hours=3), size=18_320))  # fmt: skip


def error() -> ErrorPage:
    """Return a refusal that a supervisor may meet."""
    return ErrorPage(status=409, code="version_changed", happened="这件证据刚刚有了新版本，您的审核没有生效",
                     kept="您填写的退回原因和说明已保留，未作任何决定。", next="返回该证据查看新版本，再作决定。",
                     item="证据 e3，版本 18402", back="/evidence/e3")  # fmt: skip


def sign_in() -> SignInPage:
    """Return the sign-in page after a wrong password."""
    return SignInPage(origin="ledger.example/luan-demo", username="supervisor", failed="wrong", passkeys=True)
