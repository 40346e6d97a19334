"""Repeated requests: a POST that a program named by a key of its own is carried out once, and answered alike again.

The key is the header `Idempotency-Key`. The first request claims it in the database, which all workers share;
what comes later under the key gets the first answer, or is refused where it asks for something else.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, current_app, g, request

from server.accounts import cookie
from server.api.operations import OPERATIONS
from server.current import services
from server.problems import WAIT_AND_ASK_AGAIN
from server.storage import answer_store
from sync.errors import BadValue, Refusal

HEADER = "Idempotency-Key"
REPEATED = "Idempotency-Replayed"
KEY_CHARS_MAX = 128
KEPT_MS = 24 * 3600 * 1000
"""How long an answer is kept."""
KEYS_MAX = 1000
"""How many answers are kept for one user; the oldest go first."""
WORKING_MS = 120_000
"""After this long without an answer the first request is taken for dead, and the next one is carried out."""
SIGN_FIRST = 428
"""A passkey is to sign first: what is sent next under the key is the same decision with its assertion."""
ANSWER_CHARS_MAX = 64 * 1024
JSON = "application/json"


class KeyReused(Refusal):
    """The key named another request before; a key stands for one request."""

    code = "idempotency_key_reused"
    next = "Make a new key for a new request; send the same address and body with the old one."


class StillWorking(Refusal):
    """The first request under this key is still being worked on."""

    code = "request_in_progress"
    next = "Wait as long as Retry-After says, then send the same request again."


def install(blueprint: Blueprint) -> None:
    """Carry out a blueprint's named requests once."""
    blueprint.before_request(_answered_before)
    blueprint.after_request(_keep)


def _answered_before() -> Response | None:
    """Return the first answer to a request that was here before; else claim its key and go on."""
    key = request.headers.get(HEADER)
    who = cookie.reader()
    if key is None or who is None or request.method != "POST":
        return None
    if not 1 <= len(key) <= KEY_CHARS_MAX or not key.isascii() or not key.isprintable():
        raise BadValue(f"a key has 1 to {KEY_CHARS_MAX} printable ASCII characters", field=HEADER)
    operation = OPERATIONS.get(current_app.view_functions[request.endpoint or ""])
    if operation is None or not operation.takes_key:
        raise BadValue("what this address answers is kept nowhere, so it takes no key", field=HEADER)
    if request.mimetype not in ("", JSON):
        raise BadValue(f"{HEADER} goes with {JSON} alone", field=HEADER)
    here, digest, now = services(), _digest(), services().now_ms()
    place = (here.ledger.id, who.id, hashlib.sha256(key.encode()).hexdigest())
    with here.engine.execution_options(immediate=True).begin() as connection:
        known = answer_store.find(connection, *place)
        if known is not None and _is_over(known, now):
            answer_store.release(connection, *place)
            known = None
        if known is None:
            answer_store.sweep(connection, *place[:2], before=now - KEPT_MS, most=KEYS_MAX)
            if answer_store.claim(connection, *place, request=digest, at=now):
                g.claimed = place
                return None
            raise StillWorking(retry_seconds=1)
    if not hmac.compare_digest(known.request, digest):
        raise KeyReused(field=HEADER)
    if known.status is None:
        raise StillWorking(retry_seconds=1)
    return Response(known.body, status=known.status, content_type=known.media, headers={REPEATED: "true"})


def _is_over(known: answer_store.Kept, now: int) -> bool:
    return known.at < now - (WORKING_MS if known.status is None else KEPT_MS)


def _digest() -> str:
    """Return what tells two requests apart, under a key: bodies can be guessed."""
    said = b"\n".join((request.full_path.encode(), request.get_data()))
    return hmac.new(services().keyring.pepper, said, hashlib.sha256).hexdigest()


def _keep(answer: Response) -> Response:
    """Keep the answer to a request that holds a key; one that may turn out otherwise next time is let go."""
    place = g.pop("claimed", None)
    if place is None:
        return answer
    here = services()
    passing = answer.status_code >= 500 or answer.status_code in (*WAIT_AND_ASK_AGAIN, SIGN_FIRST)
    body = "" if answer.is_streamed else answer.get_data(as_text=True)
    with here.engine.execution_options(immediate=True).begin() as connection:
        if passing or answer.is_streamed or len(body) > ANSWER_CHARS_MAX:
            answer_store.release(connection, *place)
        else:
            media = answer.content_type or ""
            answer_store.settle(connection, *place, status=answer.status_code, media=media, body=body)
    return answer
