"""E-mail over SMTP: what arrives, what the answers mean, and what is never said over an open line."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.config import load
from server.reminders.channels import BadChannel, SmtpChannel, open_channels
from server.reminders.delivery import Delivery
from server.reminders.messages import Message
from tests.services.mail import MailServer
from tests.services.processes import LOOPBACK, free_port

AT = datetime(2026, 11, 17, 2, tzinfo=UTC)
MESSAGE = Message("【限期整改】LA-2026-15：请签收", "六安市测试第001医院：\n\n.以点开头的一行\n\n联系方式\n")
SENDER = "wardledger@bureau.example"


def channel(server: MailServer, timeout_seconds: float = 5) -> SmtpChannel:
    return SmtpChannel(server.url, sender=SENDER, timeout_seconds=timeout_seconds)


def address(user: str, password: str, port: int) -> str:
    return f"smtp://{user}:{password}@{LOOPBACK}:{port}"


def send(through: SmtpChannel, address: str = "contact@hospital.example") -> Delivery:
    return through.send(address, MESSAGE, name="abc123", at=AT)


def test_a_message_arrives_with_its_chinese_text_and_proper_headers(mail_server):
    assert send(channel(mail_server)) == Delivery("sent", "250 2.0.0")
    (mail,) = mail_server.wait(1)
    assert mail.get_content().splitlines() == MESSAGE.body.splitlines()
    assert mail["X-Envelope-To"] == "contact@hospital.example"
    assert {
        name: str(mail[name])
        for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Language", "Date")
    } == {
        "From": SENDER,
        "To": "contact@hospital.example",
        "Subject": MESSAGE.subject,
        "Message-ID": "<abc123@bureau.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "zh-CN",
        "Date": "Tue, 17 Nov 2026 02:00:00 +0000",
    }
    assert mail.get_content_charset() == "utf-8"


@pytest.mark.parametrize(
    ("behaviour", "delivery"),
    [("defer", Delivery("temporary", "451 4.3.0")), ("refuse", Delivery("permanent", "550 5.1.1"))],
)
def test_a_refusal_is_temporary_or_permanent_by_its_code(mail_server, behaviour, delivery):
    mail_server.behaviour = behaviour
    assert send(channel(mail_server)) == delivery


@pytest.mark.parametrize("behaviour", ["hang", "keep_and_hang"])
def test_silence_after_the_message_is_unknown(mail_server, behaviour):
    mail_server.behaviour = behaviour
    delivery = send(channel(mail_server, timeout_seconds=0.3))
    assert (delivery.result, delivery.in_trouble) == ("unknown", True)


def test_a_server_that_cannot_be_reached_is_temporary(mail_server):
    through = SmtpChannel(f"smtp://{LOOPBACK}:{free_port()}", sender=SENDER)
    assert send(through) == Delivery("temporary", "ConnectionRefusedError", in_trouble=True)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\r\nBcc: c@d", "两定@hospital.example", "a b@c.example"]
)
def test_an_address_to_which_nothing_can_be_sent_is_permanent(mail_server, address):
    assert send(channel(mail_server), address) == Delivery("permanent", "address")
    assert mail_server.attempts == 0


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp://", "smtp://mail.example:99999", "mail.example"]
)
def test_a_setting_that_names_no_mail_server_is_refused(url):
    with pytest.raises(BadChannel, match="WARDLEDGER_SMTP_URL"):
        SmtpChannel(url, sender=SENDER)


def test_a_sender_that_is_no_address_is_refused():
    with pytest.raises(BadChannel, match="WARDLEDGER_MAIL_FROM"):
        SmtpChannel("smtp://mail.example", sender="nobody")


def test_only_configured_channels_are_opened():
    assert set(open_channels(load(), "zh_CN")) == {"in_app"}
    assert set(open_channels(load({"WARDLEDGER_SMTP_URL": "smtp://mail.example"}), "en")) == {
        "email",
        "in_app",
    }


class Guarded:
    """A mail server that demands a password; `secured` says of each message whether the line was encrypted."""

    def __init__(self, certificate: Path | None) -> None:
        self.secured: list[bool] = []
        tls = None
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
        self.port = free_port()
        self.controller = Controller(
            self,
            hostname=LOOPBACK,
            port=self.port,
            tls_context=tls,
            auth_required=True,
            auth_require_tls=tls is not None,
            authenticator=self.authenticate,
        )

    def authenticate(
        self, server: object, session: object, envelope: object, way: str, data: object
    ) -> AuthResult:
        right = (data.login, data.password) == (b"ward:ledger", b"p@ss word")  # type: ignore[attr-defined]
        return AuthResult(success=right, handled=right)

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        self.secured.append(session.ssl is not None)  # type: ignore[attr-defined]
        return "250 2.0.0 kept"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for the loopback address, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def guarded(certificate: Path) -> Iterator[Guarded]:
    server = Guarded(certificate)
    server.controller.start()
    yield server
    server.controller.stop()


def test_a_password_goes_over_starttls_when_that_is_offered(guarded, certificate):
    trusting = ssl.create_default_context(cafile=str(certificate))
    url = address("ward%3Aledger", "p%40ss%20word", guarded.port)
    assert send(SmtpChannel(url, sender=SENDER, tls=trusting)) == Delivery("sent", "250 2.0.0")
    assert guarded.secured == [True]


def test_a_server_whose_certificate_is_not_trusted_gets_nothing(guarded):
    through = SmtpChannel(f"smtp://{LOOPBACK}:{guarded.port}", sender=SENDER)
    assert send(through) == Delivery("temporary", "SSLCertVerificationError", in_trouble=True)
    assert guarded.secured == []


def test_a_wrong_password_is_our_own_fault_and_not_the_recipients(guarded, certificate):
    trusting = ssl.create_default_context(cafile=str(certificate))
    through = SmtpChannel(address("ward", "wrong", guarded.port), sender=SENDER, tls=trusting)
    assert send(through) == Delivery("temporary", "SMTPAuthenticationError", in_trouble=True)


def test_no_password_is_sent_over_an_open_line(monkeypatch, mail_server):
    monkeypatch.setattr("server.reminders.channels._on_this_machine", lambda host: False)
    through = SmtpChannel(address("ward", "secret", mail_server.port), sender=SENDER)
    assert send(through) == Delivery("temporary", "SMTPNotSupportedError", in_trouble=True)
    assert mail_server.attempts == 0
