"""What every address of the API stands on: the blueprint, and who looks in which language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, request

from server.accounts import cookie
from server.api import repeats
from server.console.desk import language
from server.current import services
from server.queries.reading import Reading, reading

PREFIX = "/api"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


TAG_CHARS = 32
NEVER_ALIKE = ("api.session",)
"""Addresses whose every answer is another one: it carries a token."""


@blueprint.after_request
def _tagged(answer: Response) -> Response:
    """Give JSON that was asked for its entity tag, and answer 304 to who has it already."""
    asked = request.method in ("GET", "HEAD") and request.endpoint not in NEVER_ALIKE
    if asked and answer.status_code == 200 and answer.mimetype == repeats.JSON and not answer.is_streamed:
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:TAG_CHARS])
        answer.make_conditional(request)
    return answer


repeats.install(blueprint)


@blueprint.after_request
def _never_kept(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


@contextmanager
def looking() -> Iterator[Reading]:
    """Yield the signed-in reader's look at one snapshot; raises SignInRequired."""
    with reading(services(), cookie.signed_in().id, language()) as look:
        yield look
