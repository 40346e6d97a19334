"""Joining the desk to the application: words, sessions, tokens in forms, headers, errors."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from server.accounts import cookie
from server.config import Config
from server.console import desk, errors, filters

POLICY = (
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TRANSPORT_SECONDS = 365 * 24 * 3600


def install(app: Flask, config: Config, *, device_signed: tuple[Blueprint, ...]) -> None:
    """Give the application its desk. device_signed: blueprints whose requests prove themselves by a device's key."""
    Babel(app, locale_selector=desk.language)
    cookie.install(app, url=config.url)
    app.config.update(
        # A form is good as long as its session, which has limits of its own.
        WTF_CSRF_TIME_LIMIT=None,
        # That check reads the Referer, which these pages ask the browser not to send.
        WTF_CSRF_SSL_STRICT=False,
    )
    protect = CSRFProtect(app)
    for blueprint in device_signed:
        protect.exempt(blueprint)
    filters.install(app.jinja_env)
    app.jinja_env.undefined = StrictUndefined
    errors.install(app)
    _send_headers(app, secure=config.url.startswith("https://"))
    from server.console import live, views  # noqa: F401 - importing it puts the addresses on the blueprint
    from server.portal import rim, rooms  # noqa: F401

    app.register_blueprint(desk.blueprint)
    app.register_blueprint(rim.blueprint)
    app.register_blueprint(rim.open_blueprint)


def _send_headers(app: Flask, *, secure: bool) -> None:
    @app.after_request
    def _headers(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if secure:
            answer.headers["Strict-Transport-Security"] = f"max-age={TRANSPORT_SECONDS}; includeSubDomains"
        return answer
