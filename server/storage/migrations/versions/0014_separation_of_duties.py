"""Who took which part in which item: the database refuses that anybody decides on his own work."""

import sqlalchemy as sa
from alembic import op

from server.storage import append_only, duty_guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "duty",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=36), nullable=False),
        sa.Column("index", big, autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("of_user", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("ledger", "item", "index", name=op.f("pk_duty")),
        sa.CheckConstraint('of_user IS NULL OR of_user <> "user"', name="own_work"),
    )
    duty_guard.fill(op.get_bind())
    duty_guard.guard(op.get_bind())
    append_only.guard(op.get_bind(), ("duty",))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
