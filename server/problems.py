"""Refusals as problem+json (RFC 9457): the one table from code to status, and the one error handler."""

from __future__ import annotations

import json
from typing import Any

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sync.errors import Refusal

TYPE = "application/problem+json"
STATUS = {
    "bad_signature": 401,
    "sign_in_required": 401,
    "wrong_password": 401,
    "wrong_code": 401,
    "second_step_required": 401,
    "passkey_refused": 401,
    "passkey_wanted": 401,
    "passkey_doubted": 403,
    "proof_wanted": 403,
    "second_factor_missing": 403,
    "proof_expired": 401,
    "unknown_device": 401,
    "device_revoked": 403,
    "not_allowed": 403,
    "provider_down": 503,
    "sign_on_refused": 403,
    "sign_on_unknown": 403,
    "own_work": 403,
    "recused": 403,
    "untrusted_log": 403,
    "pin_mismatch": 403,
    "key_compromised": 403,
    "not_found": 404,
    "invite_unknown": 404,
    "invitation_unknown": 404,
    "link_unknown": 404,
    "link_expired": 410,
    "link_replaced": 409,
    "already_superseded": 409,
    "gap": 409,
    "device_fork": 409,
    "rekey_required": 409,
    "ledger_behind": 409,
    "epoch_changed": 409,
    "version_changed": 409,
    "known_size": 409,
    "request_in_progress": 409,
    "idempotency_key_reused": 422,
    "number_taken": 409,
    "not_fit_to_close": 409,
    "conflict_open": 409,
    "candidates_changed": 409,
    "conflict_settled": 409,
    "undo_expired": 409,
    "built_upon": 409,
    "not_all": 409,
    "assertion_wanted": 428,
    "assertion_unfit": 409,
    "upload_conflict": 409,
    "upload_gone": 410,
    "tus_version": 412,
    "file_unverified": 409,
    "file_corrupt": 409,
    "file_erased": 410,
    "under_hold": 409,
    "nothing_to_erase": 409,
    "too_large": 413,
    "unsupported_type": 415,
    "range_unsatisfiable": 416,
    "not_consistent": 422,
    "checksum_mismatch": 460,
    "too_many_requests": 429,
    "busy": 503,
    "database_down": 503,
    "ledger_stopped": 503,
    "storage_down": 503,
    "storage_full": 507,
}
"""Every other refusal is a 400: what was sent does not fit."""
WAIT_AND_ASK_AGAIN = (429, 503, 507)
RETRY_SECONDS = 5
log = structlog.get_logger()


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS.get(refusal.code, 400)


def retry_after(refusal: Refusal) -> int | None:
    """Return after how many seconds the same may be asked again; None where waiting does not help."""
    if status_of(refusal) not in WAIT_AND_ASK_AGAIN and "retry_seconds" not in refusal.facts:
        return None
    return int(refusal.facts.get("retry_seconds", RETRY_SECONDS))


def body_of(refusal: Refusal) -> dict[str, Any]:
    """Return the problem document of a refusal."""
    body: dict[str, Any] = {
        "type": f"https://wardledger.example/problems/{refusal.code}",
        "title": (type(refusal).__doc__ or "").strip().splitlines()[0],
        "status": status_of(refusal),
        "code": refusal.code,
        "detail": refusal.detail,
        "next": refusal.next,
    }
    for name in ("item", "field"):
        if (value := getattr(refusal, name)) is not None:
            body[name] = value
    return {**refusal.facts, **body}


def respond(refusal: Refusal) -> Response:
    """Return a refusal as a response."""
    body = body_of(refusal)
    answer = Response(json.dumps(body, ensure_ascii=False), status=body["status"], content_type=TYPE)
    if (seconds := retry_after(refusal)) is not None:
        answer.headers["Retry-After"] = str(seconds)
    if body["status"] == 416:
        answer.headers["Content-Range"] = f"bytes */{refusal.facts['size']}"
    if body["status"] == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def refused(refusal: Refusal) -> Response:
    """Answer a refusal, and log its code alone: details may name what was sent."""
    log.info("refused", code=refusal.code, path=request.url_rule.rule if request.url_rule else None)
    return respond(refusal)


def http(error: HTTPException) -> Response:
    """Answer an error of HTTP itself, such as an address that there is not."""
    body = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "code": f"http_{error.code}",
        "detail": error.description,
        "next": "Check address, method and size of the request.",
    }
    answer = Response(json.dumps(body), status=error.code, content_type=TYPE)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def install(app: Flask) -> None:
    """Let refusals and HTTP errors answer as problems; pages get theirs from the console."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http)
