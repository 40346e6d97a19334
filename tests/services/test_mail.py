"""The mail server of the tests keeps, refuses or falls silent, as it is told."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from tests.services.mail import MailServer


def reminder() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "ledger@example.org", "contact@example.org"
    message["Subject"] = "整改期限提醒"
    message.set_content("案件 42：三个工作日后到期。")
    return message


def send(server: MailServer, seconds: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=seconds) as client:
        client.send_message(reminder())


def test_an_accepted_message_is_kept_with_its_chinese_text(mail_server):
    send(mail_server)
    (message,) = mail_server.wait(1)
    assert message["Subject"] == "整改期限提醒"
    assert message.get_content().strip() == "案件 42：三个工作日后到期。"
    assert message["X-Envelope-To"] == "contact@example.org"


@pytest.mark.parametrize(("behaviour", "code"), [("defer", 451), ("refuse", 550)])
def test_a_message_that_is_not_accepted_is_not_kept(mail_server, behaviour, code):
    mail_server.behaviour = behaviour
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(mail_server)
    assert refusal.value.smtp_code == code
    assert (mail_server.messages, mail_server.attempts) == ([], 1)


@pytest.mark.parametrize(("behaviour", "kept"), [("hang", 0), ("keep_and_hang", 1)])
def test_a_server_that_hangs_leaves_the_sender_without_an_answer(mail_server, behaviour, kept):
    mail_server.behaviour = behaviour
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(mail_server, seconds=0.3)
    assert (len(mail_server.messages), mail_server.attempts) == (kept, 1)


def test_waiting_for_a_message_that_does_not_come_says_how_many_came(mail_server):
    send(mail_server)
    with pytest.raises(TimeoutError, match="1 of 2"):
        mail_server.wait(2, seconds=0.05)


def test_a_stopped_server_takes_no_message():
    with MailServer() as server:
        send(server)
    with pytest.raises(ConnectionRefusedError):
        send(server)
