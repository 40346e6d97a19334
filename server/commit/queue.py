"""Group commit: what waits shares one transaction, one signature and one checkpoint.

A single thread per process and ledger takes everything that waits (at most BATCH_MAX, after at most
`wait_ms` of patience), commits it, and wakes those who handed it in. It ends where nothing came for a while and
begins anew with the next submission, so a door that nobody uses any more holds nothing. The queue is bounded: when
it is full the sender is told to come back. If a batch fails for a fault of ours, its members are tried one
by one, so that no single one sinks the others. If the database is locked or gone, whoever waits is told at once.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

import structlog

from server.commit import transaction
from server.commit.ahead import look_ahead
from server.commit.signer import Signer
from server.commit.submission import Erase, Import, Result, Submission
from server.commit.transaction import Answer
from server.keys.vault import Vault
from server.storage.database import Database
from server.storage.ledger_store import Ledger
from sync.errors import Busy, DatabaseDown, LedgerStopped, Refusal, StorageFull

BATCH_MAX = 64
QUEUE_MAX = 256
ANSWER_SECONDS = 60
REST_SECONDS = 5
IMPORT_SECONDS = 600
"""A file of some ten thousand rows is one commit, and only its operator waits for the answer."""
Now = Callable[[], int]
Waiting = tuple[Submission, "Future[Answer]"]
log = structlog.get_logger()


class Committer:
    """The door to one ledger; `submit` blocks until the commit is durable."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        *,
        signer: Signer,
        vault: Vault,
        now_ms: Now,
        wait_ms: int = 0,
    ):
        self._database = database
        self._ledger = ledger
        self._signer = signer
        self._vault = vault
        self._now_ms = now_ms
        self._wait_seconds = wait_ms / 1000
        self._waiting: queue.Queue[Waiting] = queue.Queue(QUEUE_MAX)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, submission: Submission) -> Result:
        """Return the result once it is durable; raises the Refusal that the submission met, or Busy."""
        if isinstance(submission, Import):
            submission = look_ahead(self._database, self._ledger, self._vault, submission)
        answer: Future[Answer] = Future()
        try:
            self._waiting.put_nowait((submission, answer))
        except queue.Full as error:
            raise Busy("too many change-sets wait; come back in a moment", retry_seconds=5) from error
        # After what it is for is there: a thread that is about to end either sees that, or is gone by now.
        self._start()
        try:
            result = answer.result(IMPORT_SECONDS if isinstance(submission, Import) else ANSWER_SECONDS)
        except TimeoutError as error:
            raise Busy("the commit takes too long; send the same again", retry_seconds=10) from error
        if isinstance(result, Refusal):
            raise result
        return result

    def _start(self) -> None:
        """Start the thread at first use: after a server has forked its workers, not before."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name=f"commit-{self._ledger.id}", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        while batch := self._take():
            self._serve(batch)

    def _take(self) -> list[Waiting]:
        """Return what waits, once there is something; nothing where the thread is to end."""
        try:
            batch = [self._waiting.get(timeout=REST_SECONDS)]
        except queue.Empty:
            with self._starting:
                if self._waiting.empty():
                    self._thread = None
                    return []
            return self._take()
        patience = self._wait_seconds
        while len(batch) < BATCH_MAX:
            try:
                batch.append(self._waiting.get(timeout=patience) if patience else self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _all_waiting(self) -> list[Waiting]:
        found: list[Waiting] = []
        while True:
            try:
                found.append(self._waiting.get_nowait())
            except queue.Empty:
                return found

    def _serve(self, batch: list[Waiting]) -> None:
        others = [one for one in batch if not isinstance(one[0], Import | Erase)]
        # An import is a commit of its own: what was judged ahead for it knows of no other submission. So is an
        # erasure: it destroys what the database holds, and must not miss what a neighbour is about to write.
        for one in batch:
            if isinstance(one[0], Import | Erase):
                self._serve_together([one])
        if others:
            self._serve_together(others)

    def _serve_together(self, batch: list[Waiting]) -> None:
        try:
            answers = self._commit([submission for submission, _ in batch])
        except Exception as error:  # noqa: BLE001 - the outermost loop of the committing thread
            self._failed(batch, error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            future.set_result(answer)

    def _failed(self, batch: list[Waiting], error: Exception) -> None:
        if len(batch) > 1 and not isinstance(error, LedgerStopped | Busy | DatabaseDown | StorageFull):
            for one in batch:
                self._serve([one])
            return
        if isinstance(error, Busy | DatabaseDown):
            # Each batch would wait as long again for the same lock, past what the sender's line bears.
            batch = [*batch, *self._all_waiting()]
        if not isinstance(error, Refusal):
            log.error("commit failed", error=type(error).__name__, ledger=self._ledger.id)
        for _, future in batch:
            future.set_exception(error)

    def _commit(self, submissions: list[Submission]) -> list[Answer]:
        with self._database.writing(self._ledger.id) as connection:
            answers, head, vault = transaction.commit(
                connection,
                self._ledger,
                submissions,
                signer=self._signer,
                vault=self._vault,
                now=self._now_ms(),
            )
        if head is not None:
            self._signer.committed(head)
            vault.committed()
        return answers
