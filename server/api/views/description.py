"""The API's own description: for programs as OpenAPI, for people as a page, both from one document."""

from __future__ import annotations

from flask import Response, current_app, jsonify, make_response, request, url_for

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
    return kept(jsonify(in_language(document(current_app), wanted)))


@blueprint.get("/")
@described(
    Operation(
        DESCRIPTION, "供人阅读的本说明", "This description for people", Content("text/html"), signed_in=False
    )
)
def guide() -> Response:
    """Show the description to people."""
    wanted = ZH if language() == "zh_CN" else EN
    page = guide_page(document(current_app), address=url_for("api.openapi"), language=wanted)
    return make_response(framed(page, shell(cookie.reader())))
