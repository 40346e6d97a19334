"""A device's chain: the first of the devices that it supersedes, and its place behind it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("chain", sa.String(length=36), nullable=True))
    op.add_column("device", sa.Column("place", sa.Integer(), nullable=True))
    op.execute("UPDATE device SET chain = id, place = 0")
    with op.batch_alter_table("device") as table:
        table.alter_column("chain", existing_type=sa.String(length=36), nullable=False)
        table.alter_column("place", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
