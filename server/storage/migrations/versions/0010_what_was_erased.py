"""Digests of private lines that were erased, so that none is taken in again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "digest", name=op.f("pk_erased")),
    )


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
