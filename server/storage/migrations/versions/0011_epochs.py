"""Epochs that were opened after a disaster, and the receipts of the epoch before that phones show."""

import sqlalchemy as sa
from alembic import op

from server.storage.append_only import guard

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "epoch",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("former", sa.String(length=32), nullable=False),
        sa.Column("fork", big, nullable=False),
        sa.Column("fork_root", sa.String(length=64), nullable=False),
        sa.Column("last_epoch", sa.String(length=32), nullable=False),
        sa.Column("last", big, nullable=False),
        sa.Column("last_root", sa.String(length=64), nullable=False),
        sa.Column("at", big, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "epoch", name=op.f("pk_epoch")),
    )
    op.create_table(
        "old_receipt",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("first", big, autoincrement=False, nullable=False),
        sa.Column("last", big, nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("seq", big, nullable=False),
        sa.Column("set", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.Column("at", big, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "epoch", "first", name=op.f("pk_old_receipt")),
    )
    guard(op.get_bind(), ("epoch",))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
