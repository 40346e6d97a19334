"""The installable phone app under `/app/`: files that were built from mobile_stub/pwa, and what they may do."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sync.errors import NotFound

FILES = Path(__file__).parent / "static" / "app"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
"""`wasm-unsafe-eval`: the key that a PIN unlocks is derived by compiled code (Argon2id), nothing else is."""
MAY_ASK = "camera=(self), microphone=(self), geolocation=(self)"
TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".svg": "image/svg+xml"}

blueprint = Blueprint("app", __name__, url_prefix="/app")


@blueprint.get("/")
def shell() -> Response:
    """Answer the app's one page."""
    return _file("index.html")


@blueprint.get("")
def without_slash() -> AnyResponse:
    """Lead to the page: the worker's scope ends with a slash."""
    return redirect("/app/", 308)


@blueprint.get("/<path:name>")
def file(name: str) -> Response:
    """Answer a file of the app; an unknown one is not found."""
    return _file(name)


def _file(name: str) -> Response:
    # By the names that are there: what is asked never becomes a path of its own.
    path = {one.name: one for one in FILES.iterdir()}.get(name)
    if path is None:
        raise NotFound("the app has no such file")
    # Small and few: read whole, so that a reader who goes away leaves no file open.
    answer = Response(path.read_bytes(), mimetype=TYPES.get(path.suffix) or guess_type(name)[0])
    # The worker keeps the shell; the browser's own cache must ask each time, or versions would mix.
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Permissions-Policy"] = MAY_ASK
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
