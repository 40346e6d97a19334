"""The watch over the whole run finds what it is there to find: a leak planted in each channel, and no innocent twin."""

from __future__ import annotations

import io
from email.message import EmailMessage

import flask
import httpx
import pytest
import structlog

from server import logging
from sync import changes, lines
from sync.entries import Entry
from tests.privacy.watching import WATCH, unwatched
from tests.server.world import person_number
from tests.services.mail import MailServer

NAME, STRANGER = "测试患者901", "测试患者902"
NUMBER = person_number(901)
KEY = lines.b64u(b"\x07" * 32)
SALT = bytes(16)


@pytest.fixture(autouse=True)
def known() -> None:
    """Let a private line name somebody and a file's key, as a phone's would."""
    changes.private_line("person", SALT, {"name": NAME, "person_no": NUMBER})
    changes.private_line("file_key", SALT, {"file_key": KEY})


def leaks(send: object, *words: object) -> list[str]:
    """Return what is found while something is sent."""
    with unwatched() as watch:
        assert callable(send)
        send(*words)
        return list(watch.found)


def test_what_private_lines_say_is_known_whoever_writes_them():
    assert {NAME, NUMBER, KEY} <= WATCH.secrets
    assert STRANGER not in WATCH.secrets


@pytest.mark.parametrize("secret", [NAME, NUMBER, KEY])
def test_a_log_line_that_names_somebody_is_found(secret: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    logging.configure("INFO")
    log = structlog.get_logger()
    assert leaks(lambda: log.warning("a leak", who=f"say {secret}!"))
    assert not leaks(lambda: log.warning("no leak", who=STRANGER, digest="a" * 64))


@pytest.mark.parametrize("secret", [NAME, NUMBER, KEY])
def test_a_leaf_that_names_somebody_is_found(secret: str):
    def leaf(word: str) -> bytes:
        return Entry(1, "change", "machine", "a" * 64, {"verdict": word}, "s" * 22).line()

    assert leaks(leaf, secret)
    assert not leaks(leaf, "applied")


def test_an_address_that_names_somebody_is_found():
    def ask(path: str) -> None:
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as client:
            client.get(f"http://desk.example/{path}")

    assert leaks(ask, f"search?number={NUMBER}")
    assert leaks(ask, f"files/{KEY}")
    assert not leaks(ask, f"search?number={person_number(902)}")


def test_a_public_answer_or_a_problem_that_names_somebody_is_found():
    app = flask.Flask("leaking")

    @app.get("/ledger/<word>")
    def ledger(word: str) -> str:
        return f"{word} {NAME if word == 'bad' else STRANGER}"

    @app.get("/desk/<word>")
    def desk(word: str) -> flask.Response:
        kind = "application/problem+json" if word == "problem" else "text/html"
        return flask.Response(NAME, mimetype=kind)

    client = app.test_client()
    assert leaks(client.get, "/ledger/bad")
    assert not leaks(client.get, "/ledger/good")
    assert leaks(client.get, "/desk/problem")
    assert not leaks(client.get, "/desk/page"), "pages are walked for each role elsewhere"


def test_a_message_that_names_somebody_is_found(mail_server: MailServer):
    import smtplib

    def send(words: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "s"
        message.set_content(words)
        with smtplib.SMTP("127.0.0.1", mail_server.port) as smtp:
            smtp.send_message(message)

    assert leaks(send, f"患者{NUMBER}")
    assert leaks(send, f"患者 {NAME}")
    assert not leaks(send, "三号床")


@pytest.mark.parametrize("words", [f'{{"n":"{NAME}"}}', NAME.encode("ascii", "backslashreplace").decode()])
def test_a_name_is_found_whether_it_is_escaped_or_not(words: str):
    with unwatched() as watch:
        watch.look("answer", words.encode())
        assert watch.found


def test_the_watch_looks_at_something():
    assert {"leaf"} <= WATCH.watched.keys()
