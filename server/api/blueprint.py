"""What every address of the API stands on: the blueprint, and who looks in which language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response

from server.accounts import cookie
from server.console.desk import language
from server.current import services
from server.queries.reading import Reading, reading

PREFIX = "/api"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.after_request
def _never_kept(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


@contextmanager
def looking() -> Iterator[Reading]:
    """Yield the signed-in reader's look at one snapshot; raises SignInRequired."""
    with reading(services(), cookie.signed_in().id, language()) as look:
        yield look
