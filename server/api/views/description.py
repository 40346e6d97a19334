"""The API's own description: for programs as OpenAPI, for people as a page, both from one document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, make_response, request, url_for

from server.accounts import cookie
from server.api.blueprint import blueprint
from server.api.document import EN, LANGUAGES, ZH, document, in_language
from server.api.guide import guide_page
from server.api.operations import DESCRIPTION, Content, Operation, Parameter, described
from server.api.views.types import kept
from server.console.desk import framed, language, shell
from sync.errors import BadValue

WORDS = (
    Parameter(
        "language",
        "说明文字的语言，默认英文",
        "The language of titles and descriptions; English unless told",
        {"type": "string", "enum": list(LANGUAGES)},
    ),
)


KEPT = "wardledger-api"
"""Where the application keeps its description: making it takes a tenth of a second, and anybody may ask for it."""


def _document() -> Mapping[str, Any]:
    kept_here = current_app.extensions.setdefault(KEPT, {})
    if "document" not in kept_here:
        kept_here["document"] = document(current_app)
    found: Mapping[str, Any] = kept_here["document"]
    return found


def _text(wanted: str) -> str:
    kept_here = current_app.extensions.setdefault(KEPT, {})
    if wanted not in kept_here:
        kept_here[wanted] = json.dumps(in_language(_document(), wanted), ensure_ascii=False)
    return str(kept_here[wanted])


@blueprint.get("/openapi.json")
@described(
    Operation(
        DESCRIPTION,
        "本说明（OpenAPI 3.1）",
        "This description (OpenAPI 3.1)",
        "OpenAPI",
        query=WORDS,
        refusals=(BadValue,),
        signed_in=False,
    )
)
def openapi() -> Response:
    """Describe the API."""
    wanted = request.args.get("language") or EN
    if wanted not in LANGUAGES:
        raise BadValue(f"the languages are {', '.join(LANGUAGES)}", field="language")
    return kept(Response(_text(wanted), content_type="application/json"))


@blueprint.get("/")
@described(
    Operation(
        DESCRIPTION, "供人阅读的本说明", "This description for people", Content("text/html"), signed_in=False
    )
)
def guide() -> Response:
    """Show the description to people."""
    wanted = ZH if language() == "zh_CN" else EN
    page = guide_page(_document(), address=url_for("api.openapi"), language=wanted)
    return make_response(framed(page, shell(cookie.reader())))
