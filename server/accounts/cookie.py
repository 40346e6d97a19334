"""The browser's cookie: signed, unreadable to scripts, and holding no more than a session's token.

Both rims, console and API, sign in here. The signing key grows from the installation's secret, and is
fetched with the first request, so that an application can be made before its keys are.
"""

from __future__ import annotations

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, current_user, login_user, logout_user

from server.accounts import access_log, sessions
from server.accounts.credentials import check_password
from server.accounts.sessions import SignedIn
from server.current import services
from server.wiring import Services
from sync.errors import LedgerStopped, SignInRequired

LANGUAGE = "language"
TOKEN = "_user_id"  # noqa: S105 - the name under which flask-login keeps it


class KeyedSessions(SecureCookieSessionInterface):
    """Flask's signed cookie under the installation's own key."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the cookie's content; None, which a health check can live with, while there are no keys."""
        if app.secret_key is None:
            here = app.extensions["wardledger"]
            assert isinstance(here, Services)
            try:
                app.secret_key = here.keyring.cookie
            except LedgerStopped:
                return None
        return super().open_session(app, request)


def install(app: Flask, *, url: str) -> None:
    """Give the application its sessions; url: the public address, whose scheme decides on Secure."""
    secure = url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-wardledger" if secure else "wardledger",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.session_interface = KeyedSessions()
    manager = LoginManager()
    # Its own protection ties a session to an address; inspectors' networks change theirs all day.
    manager.session_protection = None
    manager.init_app(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> SignedIn | None:
        return sessions.find(services(), token)


def sign_in(login: str, password: str) -> SignedIn:
    """Sign in with a password and return who it is; raises WrongPassword.

    Whatever the browser brought is forgotten, so nobody can be made to use a session that another has fixed.
    """
    here = services()
    user = check_password(here, login, password)
    language = session.get(LANGUAGE)
    session.clear()
    if language:
        session[LANGUAGE] = language
    found = sessions.find(here, sessions.begin(here, user))
    assert found is not None, "a user whose password was just right is active"
    login_user(found)
    access_log.note(here, user, access_log.SIGN_IN)
    return found


def sign_out() -> None:
    """End the session on the server and forget the cookie's content; the language stays."""
    found = reader()
    if found is not None:
        sessions.end(services(), found.token)
        access_log.note(services(), found.id, access_log.SIGN_OUT)
    language = session.get(LANGUAGE)
    logout_user()
    session.clear()
    if language:
        session[LANGUAGE] = language


def reader() -> SignedIn | None:
    """Return who is signed in, or None."""
    return current_user if isinstance(current_user._get_current_object(), SignedIn) else None


def signed_in() -> SignedIn:
    """Return who is signed in; raises SignInRequired."""
    found = reader()
    if found is None:
        raise SignInRequired
    return found


def has_ended() -> bool:
    """Return whether the browser brings a session that stood once and stands no more."""
    return TOKEN in session and reader() is None
