"""Timestamps and cosignatures of heads, and the heads of other logs that are witnessed here."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from server.storage.append_only import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "time_token",
        _key("ledger", sa.Integer()),
        _key("epoch", sa.String(length=32)),
        _key("size", BIG),
        _key("at", BIG),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "epoch", "size", "at", name=op.f("pk_time_token")),
    )
    op.create_table(
        "cosignature",
        _key("ledger", sa.Integer()),
        _key("epoch", sa.String(length=32)),
        _key("size", BIG),
        _key("witness", sa.String(length=240)),
        _key("at", BIG),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "epoch", "size", "witness", "at", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "witness",
        _key("ledger", sa.Integer()),
        _key("witness", sa.String(length=240)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tried_at", BIG, nullable=False),
        sa.Column("known", BIG, nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "witness", name=op.f("pk_witness")),
    )
    op.create_table(
        "witnessed",
        _key("ledger", sa.Integer()),
        _key("log", sa.String(length=240)),
        sa.Column("size", BIG, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "log", name=op.f("pk_witnessed")),
    )
    op.create_table(
        "contradiction",
        _key("ledger", sa.Integer()),
        _key("log", sa.String(length=240)),
        _key("digest", sa.String(length=64)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "log", "digest", name=op.f("pk_contradiction")),
    )
    guard(op.get_bind(), ("time_token", "cosignature", "contradiction"))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
