"""What another log asks of this witness, as HTTP: C2SP tlog-witness."""

from __future__ import annotations

from flask import Blueprint, Response, request

from server.current import services
from server.outside import cosigning
from server.outside.refusals import KnownSize
from sync.cosignature import REQUEST_BYTES_MAX
from sync.errors import TooLarge

SIZE_TYPE = "text/x.tlog.size"
TEXT = "text/plain; charset=utf-8"
blueprint = Blueprint("witness", __name__)


@blueprint.post("/add-checkpoint")
def add_checkpoint() -> Response:
    """Answer the signature line of this witness on the head that is presented."""
    raw = request.stream.read(REQUEST_BYTES_MAX + 1)
    if len(raw) > REQUEST_BYTES_MAX:
        raise TooLarge(f"a request has at most {REQUEST_BYTES_MAX} bytes")
    try:
        line = cosigning.cosign(services(), raw)
    except KnownSize as known:
        return _answer(f"{known.facts['size']}\n", SIZE_TYPE, 409)
    return _answer(f"{line}\n", TEXT, 200)


def _answer(body: str, content_type: str, status: int) -> Response:
    return Response(body, status, content_type=content_type, headers={"Cache-Control": "no-store"})
