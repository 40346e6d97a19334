"""What phones call, as HTTP: each view reads its request, calls one function, and answers."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify, request, stream_with_context
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.declare import DIGEST
from server import problems
from server.access import may_read
from server.accounts import access_log
from server.current import services
from server.evidence import ranges
from server.intake import accept, enrolment, followed, old_receipts, presented, reports, statements
from server.intake import feed as feeds
from server.intake.proof import calling_device
from server.keys import served
from server.storage import ledger_store
from server.storage.device_store import ENROLLED
from sync.changes import SEALED_BYTES_MAX
from sync.errors import BadSignature, Malformed, NotFound, TooLarge

JOSE = "application/jose"
CHANGE_SET = "application/vnd.wardledger.change-set"
FEED = "application/vnd.wardledger.feed"
ENROL_BYTES_MAX = 16 * 1024
blueprint = Blueprint("intake", __name__, url_prefix="/v1")


@blueprint.after_request
def _never_cached(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_: RequestEntityTooLarge) -> Response:
    """Answer what the web server's own limit stops in the words of the protocol: a phone knows one code for it."""
    return problems.refused(TooLarge())


@blueprint.get("/keys")
def keys() -> Response:
    """Answer the signed key list."""
    here = services()
    with here.database.reading() as connection:
        head = ledger_store.head(connection, here.ledger.id)
    return Response(
        served.key_list(
            here, head.epoch, app=request.args.get("app", ""), schema=request.args.get("schema", type=int)
        ),
        content_type=JOSE,
    )


@blueprint.post("/devices")
def enrol() -> Response:
    """Make a phone with an invite a device."""
    body = request.get_data()
    if len(body) > ENROL_BYTES_MAX:
        raise TooLarge(f"a request for enrolment has at most {ENROL_BYTES_MAX} bytes")
    token, new = enrolment.enrol(services(), body.decode("ascii", "replace"))
    return Response(token, status=201 if new else 200, content_type=JOSE)


@blueprint.get("/devices/self")
def myself() -> Response:
    """Answer where the device's chain stands; one that is shut out also gets the statement about it."""
    here = services()
    device = calling_device(here, revoked_too=True)
    presented.check(here)
    stands = {"device": device.id, "user": device.user, "stage": device.stage}
    chain = {"seq": device.seq, "digest": device.digest, "time": here.now_ms()}
    _, told = statements.statement(here, device.id) if device.stage != ENROLLED else (ENROLLED, None)
    return jsonify({**stands, **chain, **({"statement": told} if told else {})})


@blueprint.post("/change-sets")
def push() -> Response:
    """Take a sealed change-set; 201 with its receipt, 200 with the same receipt for a set that was here before."""
    here = services()
    # One more than the limit: at exactly the limit the reader would refuse what it has read already.
    request.max_content_length = SEALED_BYTES_MAX + 1
    device = calling_device(here, revoked_too=True)
    if request.content_type != CHANGE_SET:
        raise Malformed(f"the content type must be {CHANGE_SET}")
    if request.headers.get("Wardledger-Device") != device.id:
        raise BadSignature("Wardledger-Device is not the device that signed the request")
    presented.check(here)
    kid = request.headers.get("Wardledger-Key", "")
    result = accept.accept(here, request.get_data(), device=device, kid=kid)
    followed.follow(here, result)
    return Response(result.receipt, status=200 if result.repeated else 201, content_type=JOSE)


@blueprint.post("/receipts")
def old_receipt() -> Response:
    """Take a receipt of an earlier epoch that its phone shows after a recovery."""
    here = services()
    device = calling_device(here, revoked_too=True)
    body = request.get_data()
    if len(body) > old_receipts.RECEIPT_BYTES_MAX:
        raise TooLarge(f"a receipt has at most {old_receipts.RECEIPT_BYTES_MAX} bytes")
    old_receipts.show(here, device, body.decode("ascii", "replace"))
    return Response(status=204)


@blueprint.get("/feed")
def feed() -> Response:
    """Answer the next page of what is in the device's scope, sealed to it; 204 when nothing is new."""
    here = services()
    device = calling_device(here)
    presented.check(here)
    limit = request.args.get("limit", feeds.LIMIT_DEFAULT, type=int)
    seen = request.args.get("seen", 0, type=int)
    limit = max(1, min(limit, feeds.LIMIT_MAX))
    after, summed = request.args.get("after", ""), request.args.get("sums") == "1"
    page = feeds.feed(here, device, after=after, limit=limit, seen=seen, summed=summed)
    reports.note(here, device, given=page.checkpoint)
    if page.sealed is None:
        answer = Response(status=204)
    else:
        answer = Response(page.sealed, content_type=FEED)
    answer.headers["Wardledger-Lease"] = statements.lease(here, device)
    answer.headers["Wardledger-Cursor"] = page.cursor
    answer.headers["Wardledger-Checkpoint"] = base64.b64encode(page.checkpoint.encode()).decode()
    return answer


@blueprint.get("/files/<digest>")
def cipher(digest: str) -> Response:
    """Answer a cipher file, or a range of it, to a device whose user may read its evidence."""
    here = services()
    device = calling_device(here)
    evidence = may_read.claim(here, device.user, digest) if DIGEST.fullmatch(digest) else None
    if evidence is None:
        raise NotFound
    # Asked before the answer begins, so that a file that has not arrived is a 404 and not a torn body.
    size = here.files.size(digest)
    etag = f'"{digest}"'
    span = ranges.wanted(request.headers.get("Range"), request.headers.get("If-Range"), etag=etag, size=size)
    access_log.note_once(here, device.user, access_log.READ_CIPHER, evidence)
    start, end = span or (0, size)
    body = stream_with_context(here.files.read(digest, start, end))
    answer = Response(body, content_type="application/octet-stream", status=206 if span else 200)
    answer.content_length = end - start
    answer.headers["Accept-Ranges"], answer.headers["ETag"] = "bytes", etag
    if span:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer
