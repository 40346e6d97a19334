"""Of how many reminders the one message was within which a reminder went."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("joined", sa.Integer(), nullable=True))
    op.add_column("outbox", sa.Column("joined_in", sa.String(64), nullable=True))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
