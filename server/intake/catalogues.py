"""What phones fetch by digest: the checklist and the violation catalogue that their inspections name."""

from __future__ import annotations

from flask import Blueprint, Response, request

from schemas.catalogues.content import CARRIED_BYTES_MAX, MEDIA_TYPE
from schemas.declare import DIGEST
from server.access import may_fetch
from server.catalogues import holding
from server.current import services
from server.intake.proof import calling_device
from sync.errors import NotFound

blueprint = Blueprint("catalogues", __name__, url_prefix="/v1")
FOR_EVER = "private, max-age=31536000, immutable"
"""A digest names one content for ever; `private`, since only the device that signed the request may have it."""


@blueprint.get("/catalogues/<digest>")
def fetch(digest: str) -> Response:
    """Answer a catalogue's content to a device whose user may read an inspection that names it; else 404.

    Its tag is the digest itself: who has it already is answered 304. Refusals are never cached.
    """
    here = services()
    device = calling_device(here)
    if not DIGEST.fullmatch(digest) or not may_fetch.catalogue(here, device.user, digest):
        raise NotFound
    with here.database.reading() as connection:
        found = holding.carried(connection, here.ledger.id, digest)
    if found is None or len(found.text) > CARRIED_BYTES_MAX:
        raise NotFound("the content of this catalogue is not here")
    answer = Response(found.text, content_type=MEDIA_TYPE)
    answer.set_etag(digest)
    answer.headers["Cache-Control"] = FOR_EVER
    answer.make_conditional(request)
    return answer


@blueprint.after_request
def _refusals_are_not_kept(answer: Response) -> Response:
    if answer.status_code not in (200, 304):
        answer.headers["Cache-Control"] = "no-store"
    return answer
