"""What is asked in an address or a form is text that every database can hold: no NUL in it."""

from __future__ import annotations

from flask import Flask, request

from sync.errors import BadValue

NUL = "\x00"
STRICT = ("/v1/", "/ledger/")
"""Where every value is read by its own form, and refused by its own code."""
FORM = "application/x-www-form-urlencoded"


def install(app: Flask) -> None:
    """Refuse a NUL before a view sees it: SQLite would compare with it, PostgreSQL fails on it."""

    @app.before_request
    def _refuse_nul() -> None:
        if request.path.startswith(STRICT):
            return
        if NUL in request.path:
            raise BadValue("an address holds no NUL character", field="path")
        # Forms are people's alone and short; a body of another kind is read by whoever knows its kind.
        asked = [*request.args.items(multi=True)]
        if request.mimetype == FORM and request.endpoint and request.endpoint.startswith("console."):
            asked += request.form.items(multi=True)
        for name, value in asked:
            if NUL in name or NUL in value:
                raise BadValue("a value holds no NUL character", field=name.replace(NUL, ""))
