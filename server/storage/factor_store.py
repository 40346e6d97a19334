"""Second factors as rows: the sealed secret, the last step used, and recovery codes as keyed digests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, case, delete, func, select, update

from server.storage.account_models import RecoveryCodeRow, SecondFactorRow
from server.storage.database import add, table_of, upsert

TABLE = table_of(SecondFactorRow)
CODES = table_of(RecoveryCodeRow)


@dataclass(frozen=True, slots=True)
class Factor:
    """A user's time-based codes; confirmed_at None until a first code was right, times in Unix ms."""

    user: str
    root: str
    sealed: bytes
    made_at: int
    confirmed_at: int | None = None
    last_step: int = 0
    failures: int = 0
    locked_until: int = 0


def find(connection: Connection, ledger: int, user: str) -> Factor | None:
    """Return a user's factor, confirmed or not, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    row = connection.execute(select(TABLE).where(*where)).one_or_none()
    return Factor(*row[1:]) if row else None


def confirmed(connection: Connection, ledger: int, users: Sequence[str]) -> set[str]:
    """Return who of some users has a factor that counts."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user.in_(users), TABLE.c.confirmed_at.is_not(None))
    return set(connection.execute(select(TABLE.c.user).where(*where)).scalars())


def keep(connection: Connection, ledger: int, factor: Factor) -> None:
    """Keep a factor that waits for its first code, in the place of another that waits."""
    upsert(connection, TABLE, [{"ledger": ledger, **asdict(factor)}])


def confirm(connection: Connection, ledger: int, user: str, *, step: int, at: int) -> bool:
    """Let a factor count from now on; False where it counts already or is gone."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.confirmed_at.is_(None))
    fresh = {"confirmed_at": at, "last_step": step, "failures": 0, "locked_until": 0}
    return bool(connection.execute(update(TABLE).where(*where).values(**fresh)).rowcount)


def count_attempt(
    connection: Connection, ledger: int, user: str, *, now: int, failures_max: int, locked_ms: int
) -> bool:
    """Count an attempt as failed before it is judged; False while the factor rests. One statement, as for passwords."""
    counted = case((TABLE.c.locked_until > 0, 1), else_=TABLE.c.failures + 1)
    until = case((counted >= failures_max, now + locked_ms), else_=0)
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.locked_until <= now)
    return bool(
        connection.execute(update(TABLE).where(*where).values(failures=counted, locked_until=until)).rowcount
    )


def use_step(connection: Connection, ledger: int, user: str, step: int) -> bool:
    """Use up a time step and forget the failures; False where it, or a later one, was used. One of two is told True."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.last_step < step)
    fresh = {"last_step": step, "failures": 0, "locked_until": 0}
    return bool(connection.execute(update(TABLE).where(*where).values(**fresh)).rowcount)


def forget_attempts(connection: Connection, ledger: int, user: str) -> None:
    """Set the counter back."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    connection.execute(update(TABLE).where(*where).values(failures=0, locked_until=0))


def remove(connection: Connection, ledger: int, user: str) -> bool:
    """Take a user's factor and its recovery codes away; False where there was none."""
    connection.execute(delete(CODES).where(CODES.c.ledger == ledger, CODES.c.user == user))
    gone = connection.execute(delete(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.user == user))
    return bool(gone.rowcount)


def keep_codes(connection: Connection, ledger: int, user: str, codes: Iterable[str]) -> None:
    """Keep recovery codes by their digests, in the place of all that were there."""
    connection.execute(delete(CODES).where(CODES.c.ledger == ledger, CODES.c.user == user))
    add(
        connection, CODES, [{"ledger": ledger, "user": user, "code": code, "used_at": None} for code in codes]
    )


def use_code(connection: Connection, ledger: int, user: str, code: str, at: int) -> bool:
    """Use up a recovery code; False where there is none such, or it was used."""
    where = (CODES.c.ledger == ledger, CODES.c.user == user, CODES.c.code == code, CODES.c.used_at.is_(None))
    return bool(connection.execute(update(CODES).where(*where).values(used_at=at)).rowcount)


def codes_left(connection: Connection, ledger: int, user: str) -> int:
    """Return how many recovery codes are good."""
    where = (CODES.c.ledger == ledger, CODES.c.user == user, CODES.c.used_at.is_(None))
    return int(connection.execute(select(func.count()).select_from(CODES).where(*where)).scalar_one())
