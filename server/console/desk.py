"""What every view of the desk stands on: who reads, in which language, and the frame around the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas import regions
from server.access.own_institution import is_party
from server.accounts import cookie
from server.accounts.sessions import SignedIn
from server.console.pages import Reader, Shell
from server.current import services
from server.queries import home
from server.queries.reading import Reading, reading
from server.queries.undoing import REVIEWED, undo_of
from server.storage import passkey_store
from sync.errors import NotAllowed

LOCALES = ("zh_CN", "en")
FOR_EVERYBODY = frozenset({
    "sign_in", "sign_in_now", "sign_on", "signed_on", "sign_out", "language", "join", "join_now", "account",
    "sign_in_code", "sign_in_code_now", "sign_in_set_up", "sign_in_set_up_now", "change_password", "confirm_self",
    "end_session", "end_other_sessions", "remove_passkey", "begin_second_factor", "confirm_second_factor",
    "renew_codes", "verify", "switch_off_second_factor", "second_factor_form",
})  # fmt: skip
"""Pages of the desk that an institution's users have too: their session, their password, their language."""
blueprint = Blueprint("console", __name__)


@blueprint.after_request
def _never_kept(answer: Response) -> Response:
    """Keep what a reader saw out of the browser's cache: desks are shared."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def language() -> str:
    """Return the reader's language: the one chosen, else that of the installation."""
    chosen = session.get(cookie.LANGUAGE)
    if chosen in LOCALES:
        return str(chosen)
    return "en" if services().config.language.startswith("en") else "zh_CN"


@blueprint.before_request
def _parties_have_their_own_pages() -> Response | AnyResponse | None:
    """Lead an institution's user from the desk's first page to the portal, and refuse him every other page of it."""
    who = cookie.reader()
    endpoint = (request.endpoint or "").removeprefix("console.")
    if who is None or not is_party(who.roles) or endpoint in FOR_EVERYBODY:
        return None
    if endpoint == "home":
        return redirect(url_for("portal.home"), 303)
    raise NotAllowed("the desk is for the bureau; an institution has its portal")


@contextmanager
def looking() -> Iterator[Reading]:
    """Yield the signed-in reader's look at one snapshot; raises SignInRequired."""
    who = cookie.signed_in()
    with reading(services(), who.id, language()) as look:
        yield look


def show(page: Any, look: Reading) -> str:
    """Return a page in its frame, with the counts of what waits."""
    frame = shell(cookie.reader(), home.counts(look))
    signs = bool(passkey_store.of_user(look.connection, look.services.ledger.id, look.user))
    return framed(page, replace(frame, undo=undo_of(look, session.get(REVIEWED)), signs=signs))


def framed(page: Any, shell: Shell) -> str:
    """Return a page in a frame."""
    return render_template(page.template, shell=shell, page=page)


def shell(who: SignedIn | None, counts: dict[str, int] | None = None) -> Shell:
    """Return the frame of a page; who: None before signing in."""
    here = services()
    return Shell(
        locale=language(),
        zone=here.config.timezone,
        now=here.now(),
        reader=_reader(who) if who else None,
        counts=counts or {},
        demo=here.ledger.demo,
    )


def _reader(who: SignedIn) -> Reader:
    place = regions.name(who.region, language())
    unit = gettext("Healthcare Security Bureau of %(place)s", place=place)
    return Reader(name=who.name, role=who.role, unit=unit, roles=who.roles)


def local(address: str | None) -> str:
    """Return an address if it is a path of this site, else ''.

    Browsers read a backslash as a slash and drop control characters, so neither may stand in it.
    """
    text = address or ""
    parts = urlsplit(text)
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if plain and not parts.scheme and not parts.netloc else ""
