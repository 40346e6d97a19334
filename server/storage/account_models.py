"""The tables of accounts: passwords, sessions, invitations, second factors, passkeys, challenges.

No secret stands in them that signs anybody in: codes and tokens are digests, a factor's secret is sealed.
"""

from __future__ import annotations

from sqlalchemy import Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.storage.models import Big, db


def _ledger() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=False)


class CredentialRow(db.Model):  # type: ignore[name-defined,misc]
    """How a user signs in at the desk; the login stands as a keyed hash."""

    __tablename__ = "credential"
    ledger: Mapped[int] = _ledger()
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    password: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[int] = mapped_column(Big, default=0)


class SessionRow(db.Model):  # type: ignore[name-defined,misc]
    """A signed-in session, revocable; only the token's digest is kept.

    device, place: what its owner knows it by, no address; means: how it was begun; awaits: the step that is missing
    """

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_user", "ledger", "user"),)
    ledger: Mapped[int] = _ledger()
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[int] = mapped_column(Big)
    seen_at: Mapped[int] = mapped_column(Big)
    ended_at: Mapped[int | None] = mapped_column(Big)
    device: Mapped[str] = mapped_column(String(60), server_default="")
    place: Mapped[str] = mapped_column(String(16), server_default="")
    means: Mapped[str] = mapped_column(String(16), server_default="")
    awaits: Mapped[str] = mapped_column(String(16), server_default="")


class InvitationRow(db.Model):  # type: ignore[name-defined,misc]
    """A one-time code with which somebody chooses a password: as invited, or after a reset.

    code: its keyed digest, hex; ended_at: when it was used or another one took its place
    """

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_user", "ledger", "user"),)
    ledger: Mapped[int] = _ledger()
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    purpose: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(36))
    made_at: Mapped[int] = mapped_column(Big)
    expires_at: Mapped[int] = mapped_column(Big)
    ended_at: Mapped[int | None] = mapped_column(Big)


class SecondFactorRow(db.Model):  # type: ignore[name-defined,misc]
    """A user's time-based codes: the sealed secret, and the last time step that was used.

    root: under whose data key the secret is sealed; confirmed_at: None until a first code was right
    """

    __tablename__ = "second_factor"
    ledger: Mapped[int] = _ledger()
    user: Mapped[str] = mapped_column(String(36), primary_key=True)
    root: Mapped[str] = mapped_column(String(36))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[int] = mapped_column(Big)
    confirmed_at: Mapped[int | None] = mapped_column(Big)
    last_step: Mapped[int] = mapped_column(Big)
    failures: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[int] = mapped_column(Big)


class RecoveryCodeRow(db.Model):  # type: ignore[name-defined,misc]
    """A recovery code by its keyed digest, hex; used_at: None while it is good."""

    __tablename__ = "recovery_code"
    ledger: Mapped[int] = _ledger()
    user: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[int | None] = mapped_column(Big)


class PasskeyRow(db.Model):  # type: ignore[name-defined,misc]
    """A passkey: its public half, and the counter that its authenticator showed last.

    id: SHA-256 of the credential id, hex; record: its record in the ledger, None while it has none
    """

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_user", "ledger", "user"),)
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(String(36))
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(Big)
    name: Mapped[str] = mapped_column(String(60))
    transports: Mapped[str] = mapped_column(String(100))
    synced: Mapped[bool] = mapped_column()
    made_at: Mapped[int] = mapped_column(Big)
    used_at: Mapped[int | None] = mapped_column(Big)
    doubted_at: Mapped[int | None] = mapped_column(Big)
    removed_at: Mapped[int | None] = mapped_column(Big)
    record: Mapped[str | None] = mapped_column(String(36))


class ChallengeRow(db.Model):  # type: ignore[name-defined,misc]
    """What an authenticator is asked to sign, once: by the challenge's digest, for one browser and one purpose."""

    __tablename__ = "challenge"
    __table_args__ = (Index("ix_challenge_expires", "ledger", "expires_at"),)
    ledger: Mapped[int] = _ledger()
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    browser: Mapped[str] = mapped_column(String(64))
    user: Mapped[str | None] = mapped_column(String(36))
    about: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[int] = mapped_column(Big)
