"""What every page of the portal stands on: the institution's user, its language, and the frame around the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, render_template

from server.accounts import cookie
from server.console.desk import language, shell
from server.current import services
from server.portal.looking import Look, looking_as

blueprint = Blueprint("portal", __name__, url_prefix="/portal")


open_blueprint = Blueprint("ack", __name__)
"""What is asked without signing in: a notice is acknowledged by the link of a message."""


@open_blueprint.after_request
@blueprint.after_request
def _never_kept(answer: Response) -> Response:
    """Keep what a reader saw out of the browser's cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@contextmanager
def looking() -> Iterator[Look]:
    """Yield the look of an institution's user at what is its own; raises SignInRequired or NotAllowed."""
    with looking_as(services(), cookie.signed_in().id, language()) as look:
        yield look


def show(page: Any) -> str:
    """Return a page in the portal's frame."""
    return render_template(page.template, shell=shell(cookie.reader()), page=page)
