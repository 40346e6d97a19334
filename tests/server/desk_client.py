"""A desk's browser without a screen: it signs in, follows its cookies and sends its forms' tokens."""

from __future__ import annotations

import html
import re
from typing import Any, Protocol

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.server.builders import Installation
from tests.server.world import PASSWORD


class Place(Protocol):
    """Whatever has an installation at which somebody can sign in."""

    installation: Installation


class Desk:
    """One person's browser at the desk; `login` None before signing in."""

    def __init__(self, world: Place, login: str | None = None):
        self.world = world
        self.client: FlaskClient = world.installation.app.test_client()
        if login is not None:
            answer = self.post("/sign-in", username=login, password=PASSWORD)
            assert answer.status_code == 303, answer.text

    def get(self, path: str, **query: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, query_string=query or None, buffered=True)

    def token(self) -> str:
        """Return the token that forms carry in this session."""
        return str(self.client.get("/api/session").json["csrf_token"])

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form with its token."""
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def send(self, path: str, body: Any, method: str = "POST") -> TestResponse:
        """Send JSON to the API with its token."""
        return self.client.open(path, method=method, json=body, headers={"X-CSRFToken": self.token()})

    def cookie(self) -> str:
        """Return the session's cookie as the browser holds it."""
        found = self.client.get_cookie("wardledger")
        assert found is not None
        return found.value


def words(answer: TestResponse) -> str:
    """Return what a person reads on a page, blanks joined."""
    plain = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(plain))


def heading(answer: TestResponse) -> str:
    """Return a page's first heading."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert found, answer.text
    return html.unescape(found[1]).strip()
