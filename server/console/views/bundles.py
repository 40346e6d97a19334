"""Bundles taken away at the desk: without private lines by a link, with them by a form alone."""

from __future__ import annotations

from flask import Response

from server.console.bundle_answer import bundle_answer
from server.console.desk import blueprint, looking


@blueprint.get("/bundles/<kind>/<id>.zip")
def bundle(kind: str, id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a bundle in which no name, no free text and no file is."""
    with looking() as look:
        return bundle_answer(look, kind, id, private=False)


@blueprint.post("/bundles/<kind>/<id>.zip")
def private_bundle(kind: str, id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a bundle with private lines and originals: a form's token shows that the reader himself asked for it."""
    with looking() as look:
        return bundle_answer(look, kind, id, private=True)
