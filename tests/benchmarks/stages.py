"""Where the time of one push goes: the real functions, wrapped, each charged with what it spends itself.

The request runs in the calling thread and the commit in the door's; what the request waits for beyond
the commit's own work is charged to the hand-over.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

from werkzeug.test import EnvironBuilder

import schemas.wire.change
import schemas.wire.change_set
import server.commit.taking
import server.commit.work
import server.intake.accept
import server.intake.views
import sync.changes
import sync.envelope
import sync.lines
import sync.signing
from server.commit import receipts, transaction
from server.commit.queue import Committer
from server.commit.signer import Signer
from server.storage import ledger_writer, record_store
from sync import signing
from tests.benchmarks.scene import Phone, Scene, SealedSet

PUSH = "/v1/change-sets"
REST, HAND_OVER = "http, routing, headers", "hand-over to the door"
STAGES: dict[str, list[tuple[Any, str]]] = {
    "who calls (device, proof)": [(server.intake.views, "calling_device")],
    "open (HPKE, inflate)": [(sync.envelope, "open_")],
    "verify (2 signatures)": [(sync.signing, "verify")],
    "parse (canonical lines)": [(sync.lines, "decode")],
    "validate (marshmallow)": [
        (schemas.wire.change, "load"),
        (schemas.wire.change_set, "load"),
        (schemas.wire.change_set, "fault_in"),
    ],
    "digests, root, nouns": [(server.intake.accept, "read")],
    HAND_OVER: [(Committer, "submit")],
    "begin, head, signer's check": [(Committer, "_commit")],
    "load what judging needs": [(transaction, "gather")],
    "reconcile": [(server.commit.work, "reconcile")],
    "append (entries, private lines)": [(server.commit.taking, "append")],
    "project (records, seal, upsert)": [(record_store, "save")],
    "sign head (fsync)": [(Signer, "prepare")],
    "receipt": [(receipts, "finish")],
    "insert rows": [
        (ledger_writer, name) for name in ("append", "write_tiles", "write_checkpoint", "write_head")
    ],
    "device chain, folds": [(transaction, "_write")],
}
COMMIT = "commit (durable)"


class Clock:
    """Charges each stage with the time spent in it and not in a stage that it called."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.door = 0.0
        self._stacks = threading.local()
        self._main = threading.get_ident()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, charged to a stage."""

        def run(*args: Any, **more: Any) -> Any:
            stack = self._stacks.__dict__.setdefault("inner", [])
            stack.append(0.0)
            began = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                took = time.perf_counter() - began
                self.spent[stage] += took - stack.pop()
                if stack:
                    stack[-1] += took
                elif threading.get_ident() != self._main:
                    self.door += took

        return run


@contextmanager
def wrapped(clock: Clock, scene: Scene) -> Iterator[None]:
    """Charge every stage's functions while the context lasts."""
    dialect = scene.services.engine.dialect
    targets = [(stage, *place) for stage, places in STAGES.items() for place in places]
    with ExitStack() as stack:
        for stage, owner, name in [*targets, (COMMIT, dialect, "do_commit")]:
            stack.enter_context(patch.object(owner, name, clock.timed(stage, getattr(owner, name))))
        yield


def profile(scene: Scene, phone: Phone, sets: Sequence[SealedSet]) -> dict[str, float]:
    """Return {stage: median ms of one push} of pushing the sets one after another, without a network."""
    runs: list[dict[str, float]] = []
    _push(scene, phone, sets[0])
    for one in sets[1:]:
        clock = Clock()
        with wrapped(clock, scene):
            _push(scene, phone, one, timed=clock.timed(REST, scene.app.wsgi_app))
            # The door notes its answer before it returns; its thread may still be inside a wrapper.
            time.sleep(0.002)
        clock.spent[HAND_OVER] = max(0.0, clock.spent[HAND_OVER] - clock.door)
        runs.append(dict(clock.spent))
    names = [REST, *STAGES, COMMIT]
    return {name: median(run.get(name, 0.0) for run in runs) * 1000 for name in names}


def environ(scene: Scene, phone: Phone, one: SealedSet) -> dict[str, Any]:
    """Return the request of one push as WSGI has it."""
    here = scene.services
    url = here.config.url + PUSH
    proof = signing.request_proof(
        phone.key, device=phone.device, method="POST", url=url, now_ms=here.now_ms()
    )
    headers = {
        "Authorization": f"Bearer {proof}",
        "Wardledger-Device": phone.device,
        "Wardledger-Key": scene.opening_key.kid,
    }
    kind = server.intake.views.CHANGE_SET
    return EnvironBuilder(
        PUSH, method="POST", data=one.sealed, content_type=kind, headers=headers
    ).get_environ()


def _push(scene: Scene, phone: Phone, one: SealedSet, *, timed: Callable[..., Any] | None = None) -> None:
    answered: list[str] = []
    request = environ(scene, phone, one)
    body = (timed or scene.app.wsgi_app)(request, lambda status, headers: answered.append(status))
    said = b"".join(body)
    body.close()
    assert answered == ["201 CREATED"], (answered, said)
