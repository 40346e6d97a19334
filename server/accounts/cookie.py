"""The browser's cookie: signed, unreadable to scripts, and holding no more than a session's token.

Both rims, console and API, sign in here. The signing key grows from the installation's secret, and is
fetched with the first request, so that an application can be made before its keys are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user, logout_user

from server.accounts import access_log, browsers, passkeys, second_factor, sessions, signing, users
from server.accounts.credentials import check_password
from server.accounts.passkeys import PasskeyRefused, PasskeyWanted
from server.accounts.second_factor import SecondFactorMissing, SecondStepRequired
from server.accounts.sessions import Begun, Half, SignedIn
from server.current import services
from server.wiring import Services
from sync import lines
from sync.errors import LedgerStopped, Refusal, SignInRequired

LANGUAGE = "language"
LIVE = "Wardledger-Live"
"""The header by which a page that is open says that it looks again by itself (static/desk/live.js)."""
HALF, ASKED, PROVEN = "half", "asked", "proven"
PROVEN_MS = 10 * 60 * 1000
"""How long it counts that somebody has just proven who he is: long enough to find the telephone with the passkey."""
CODE, SET_UP = "code", "set_up"
"""What a half session waits for: a code, or a second factor that is to be set up first."""
WITH_PASSWORD, WITH_CODE, WITH_PASSKEY = "password", "password_code", "passkey"
WITH_PROVIDER = "provider"
TOKEN = "_user_id"  # noqa: S105 - the name under which flask-login keeps it


class ProofWanted(Refusal):
    """Passkeys and second factors are changed by whoever has just proven who he is; this session stood open longer."""

    code = "proof_wanted"
    next = "Send POST /api/session/confirm with the password (and a code) or a passkey, then ask again."


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
        return sessions.find(services(), token, used=not is_live())


def is_live() -> bool:
    """Return whether a page asks by itself, and no person."""
    return LIVE in request.headers


def sign_in(login: str, password: str, code: str = "", *, in_steps: bool = False) -> SignedIn | Half:
    """Sign in and return who it is.

    Raises WrongPassword, WrongCode, PasskeyWanted, TooManyRequests.

    code: where a second factor is on. Without it: SecondStepRequired, and SecondFactorMissing where the role asks for
    a factor that there is not; or, in_steps, a half session that opens nothing but the next step.
    """
    here = services()
    here.rates.check_sign_in(request)
    user = check_password(here, login, password)
    if second_factor.standing(here, user).on:
        if code:
            second_factor.check(here, user, code)
            return _let_in(user, WITH_CODE)
        if not in_steps:
            raise SecondStepRequired
        return _half(user, CODE)
    if second_factor.is_required(here, user):
        if passkeys.of_user(here, user):
            # Else the password alone would be enough to set up a factor of one's own.
            raise PasskeyWanted
        if not in_steps:
            raise SecondFactorMissing
        return _half(user, SET_UP)
    return _let_in(user, WITH_PASSWORD)


def ask_for_passkey() -> str:
    """Return the options with which this browser asks for a passkey, as JSON; raises TooManyRequests."""
    here = services()
    here.rates.check_sign_in(request)
    session[ASKED] = lines.b64u(here.random(sessions.TOKEN_BYTES))
    return passkeys.ask_to_sign_in(here, session[ASKED])


def sign_in_by_passkey(answer: Mapping[str, Any]) -> SignedIn:
    """Sign in by an authenticator's answer alone; raises PasskeyRefused, PasskeyDoubted, TooManyRequests."""
    here = services()
    here.rates.check_sign_in(request)
    return _let_in(passkeys.sign_in(here, str(session.get(ASKED, "")), answer), WITH_PASSKEY)


def sign_on(user: str) -> SignedIn:
    """Begin the session of somebody whom a provider of single sign-on has proven; its own factors count."""
    return _let_in(user, WITH_PROVIDER)


def half() -> Half | None:
    """Return whose second step this browser is at, or None."""
    token = session.get(HALF)
    return sessions.find_half(services(), token) if isinstance(token, str) else None


def second_step(code: str) -> SignedIn:
    """Finish signing in by a code; raises SignInRequired, WrongCode, TooManyRequests."""
    here, found = services(), _at(CODE)
    second_factor.check(here, found.user, code)
    sessions.end(here, found.token)
    return _let_in(found.user, WITH_CODE)


def set_up() -> Half:
    """Return who must set a second factor up before he gets in; raises SignInRequired, TooManyRequests."""
    return _at(SET_UP)


def set_up_step(code: str) -> list[str]:
    """Finish signing in by the first code of a new factor, and return its recovery codes; raises WrongCode."""
    here, found = services(), _at(SET_UP)
    codes = second_factor.confirm(here, found.user, code)
    _let_in(found.user, WITH_CODE)
    return codes


def _at(step: str) -> Half:
    services().rates.check_sign_in(request)
    found = half()
    if found is None or found.awaits != step:
        raise SignInRequired
    return found


def _half(user: str, step: str) -> Half:
    """Remember that a password was right. Whatever the browser brought is forgotten, as in `_let_in`."""
    _forget()
    session[HALF] = sessions.begin(services(), user, _begun(WITH_PASSWORD), awaits=step)
    found = half()
    assert found is not None, "a half session that was begun just now stands"
    return found


def _let_in(user: str, means: str) -> SignedIn:
    """Begin a session.

    Whatever the browser brought is forgotten, so nobody can be made to use a session that another has fixed.
    """
    here = services()
    _forget()
    found = sessions.find(here, sessions.begin(here, user, _begun(means)))
    assert found is not None, "a user whose password was just right is active"
    login_user(found)
    session[PROVEN] = here.now_ms()
    access_log.note(here, user, access_log.SIGN_IN)
    return found


def is_proven() -> bool:
    """Return whether whoever is signed in has proven who he is within the last ten minutes."""
    at = session.get(PROVEN)
    return isinstance(at, int) and 0 <= services().now_ms() - at <= PROVEN_MS


def check_proven() -> None:
    """Raise ProofWanted where a session was merely left open: whoever sits down at it adds no key of his own."""
    signed_in()
    if not is_proven():
        raise ProofWanted


def prove(*, password: str = "", code: str = "", answer: Mapping[str, Any] | None = None) -> None:
    """Take a proof of who is signed in: a passkey's answer, or the password with a code where there is a factor.

    Raises WrongPassword, WrongCode, PasskeyRefused, PasskeyDoubted, TooManyRequests.
    """
    here, who = services(), signed_in()
    here.rates.check_sign_in(request)
    if answer is not None:
        if passkeys.sign_in(here, str(session.get(ASKED, "")), answer) != who.id:
            raise PasskeyRefused("the passkey is another user's")
    else:
        check_password(here, str(users.load(here, who.id).values.get("login", "")), password)
        if second_factor.standing(here, who.id).on:
            second_factor.check(here, who.id, code)
    session[PROVEN] = here.now_ms()


def _begun(means: str) -> Begun:
    sender = services().rates.sender(request)
    return Begun(browsers.device_words(request.user_agent.string), browsers.place_of(sender), means)


def _forget() -> None:
    """Forget the cookie's content but for the language."""
    language = session.get(LANGUAGE)
    session.clear()
    if language:
        session[LANGUAGE] = language


def sign_out() -> None:
    """End the session on the server and forget the cookie's content; the language stays."""
    found = reader()
    if found is not None:
        sessions.end(services(), found.token)
        access_log.note(services(), found.id, access_log.SIGN_OUT)
    logout_user()
    _forget()


def reader() -> SignedIn | None:
    """Return who is signed in, or None."""
    return current_user if isinstance(current_user._get_current_object(), SignedIn) else None


def forget_reader() -> None:
    """Take nobody for signed in for the rest of this request: asking who it is does not work any more."""
    g._login_user = AnonymousUserMixin()


def signed_in() -> SignedIn:
    """Return who is signed in; raises SignInRequired."""
    found = reader()
    if found is None:
        raise SignInRequired
    return found


def deciding(answer: Mapping[str, Any] | None) -> Services:
    """Return the services by which whoever is signed in decides; answer: what his passkey said, None at first."""
    who = signed_in()
    return signing.deciding(services(), who.id, who.token, answer)


def has_ended() -> bool:
    """Return whether the browser brings a session that stood once and stands no more."""
    return TOKEN in session and reader() is None
