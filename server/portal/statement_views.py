"""A finding that was put to the party, and what it says to it."""

from __future__ import annotations

from flask import Response as FileAnswer
from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie
from server.casework.statements import Said
from server.console.proof_answer import proof_answer
from server.console.views.evidence import whole
from server.current import services
from server.portal import stating
from server.portal.handed_files import WRITINGS, typed_files
from server.portal.reading import finding_page
from server.portal.rim import blueprint, looking, show
from sync.errors import BadValue, NotFound


@blueprint.get("/findings/<id>")
def finding(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show a finding that was put to the party, with the form of its statement."""
    with looking() as look:
        return show(finding_page(look, id))


@blueprint.post("/findings/<id>")
def state(id: str) -> Response:  # noqa: A002
    """Write a statement, or show the form again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    files = typed_files(form.getlist("file"))
    said = Said(kind=form.get("kind", ""), words=form.get("words", ""), files=files)
    try:
        stating.state(services(), who.id, id, said, whole(form.get("version"), "version"))
    except BadValue as refusal:
        with looking() as look:
            page = finding_page(
                look,
                id,
                typed={"kind": said.kind, "words": said.words},
                files=files,
                fault=str(refusal.field or "words"),
            )
        return make_response(show(page), 422)
    flash(
        gettext("Your statement is handed in; it stands with the finding when the bureau decides on it."),
        "ok",
    )
    return redirect(url_for("portal.finding", id=id), 303)


@blueprint.get("/files/<kind>/<id>/<digest>")
def handed_file(kind: str, id: str, digest: str) -> FileAnswer:  # noqa: A002
    """Show a file of one's own statement or appeal."""
    return own_file(kind, id, digest)


def own_file(kind: str, record: str, digest: str) -> FileAnswer:
    """Return a file that the institution handed in with a writing; raises NotFound."""
    with looking() as look:
        if kind not in WRITINGS:
            raise NotFound(item=record)
        found = look.one(kind, record)
    return proof_answer(services(), found, digest)
