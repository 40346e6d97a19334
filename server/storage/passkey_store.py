"""Passkeys as rows, and the challenges that one is asked to sign: each is taken once."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, or_, select, update

from server.storage.account_models import ChallengeRow, PasskeyRow
from server.storage.database import add, add_if_absent, table_of

TABLE = table_of(PasskeyRow)
CHALLENGES = table_of(ChallengeRow)


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; times in Unix ms. id: SHA-256 of its credential id, hex; doubted_at: when its counter went back."""

    id: str
    user: str
    credential: bytes
    public_key: bytes
    sign_count: int
    name: str
    transports: str
    synced: bool
    made_at: int
    used_at: int | None = None
    doubted_at: int | None = None
    removed_at: int | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked: by its digest, for one purpose and one browser, until a time in Unix ms."""

    id: str
    purpose: str
    browser: str
    user: str | None
    about: str
    expires_at: int


def keep(connection: Connection, ledger: int, passkey: Passkey) -> bool:
    """Keep a new passkey; False where its credential id is known already."""
    return add_if_absent(connection, TABLE, {"ledger": ledger, **asdict(passkey)})


def find(connection: Connection, ledger: int, key: str) -> Passkey | None:
    """Return a passkey that is not removed, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.id == key, TABLE.c.removed_at.is_(None))
    row = connection.execute(select(TABLE).where(*where)).one_or_none()
    return Passkey(*row[1:]) if row else None


def of_user(connection: Connection, ledger: int, user: str) -> list[Passkey]:
    """Return a user's passkeys that are not removed, the oldest first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.removed_at.is_(None))
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.made_at, TABLE.c.id))
    return [Passkey(*row[1:]) for row in rows]


def use(connection: Connection, ledger: int, key: str, *, count: int, at: int) -> bool:
    """Note a use with the counter that it showed; False where the counter did not go on since the last one.

    An authenticator without a counter shows 0 for ever.
    """
    goes_on = TABLE.c.sign_count < count
    onward = or_(goes_on, TABLE.c.sign_count == 0) if count == 0 else goes_on
    where = (TABLE.c.ledger == ledger, TABLE.c.id == key, TABLE.c.removed_at.is_(None), onward)
    return bool(connection.execute(update(TABLE).where(*where).values(sign_count=count, used_at=at)).rowcount)


def doubt(connection: Connection, ledger: int, key: str, at: int) -> None:
    """Note that a passkey's counter went back."""
    connection.execute(update(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.id == key).values(doubted_at=at))


def remove(connection: Connection, ledger: int, user: str, key: str, at: int) -> bool:
    """Take a user's passkey away; False where he has none such."""
    where = (TABLE.c.ledger == ledger, TABLE.c.id == key, TABLE.c.user == user, TABLE.c.removed_at.is_(None))
    return bool(connection.execute(update(TABLE).where(*where).values(removed_at=at)).rowcount)


def bind(connection: Connection, ledger: int, key: str, record: str) -> None:
    """Note under which record of the ledger a passkey stands."""
    connection.execute(update(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.id == key).values(record=record))


def ask(connection: Connection, ledger: int, challenge: Challenge, now: int) -> None:
    """Keep a challenge; those that expired go."""
    connection.execute(
        delete(CHALLENGES).where(CHALLENGES.c.ledger == ledger, CHALLENGES.c.expires_at <= now)
    )
    add(connection, CHALLENGES, [{"ledger": ledger, **asdict(challenge)}])


def take(
    connection: Connection, ledger: int, key: str, *, purpose: str, browser: str, now: int
) -> Challenge | None:
    """Return a challenge that stands for this purpose and browser, and use it up: of two that ask one gets it."""
    where = (
        CHALLENGES.c.ledger == ledger, CHALLENGES.c.id == key, CHALLENGES.c.purpose == purpose,
        CHALLENGES.c.browser == browser, CHALLENGES.c.expires_at > now,
    )  # fmt: skip
    row = connection.execute(delete(CHALLENGES).where(*where).returning(*CHALLENGES.c)).one_or_none()
    return Challenge(*row[1:]) if row else None
