"""Registers in the order of ids and of versions: a page of a list must not cost the whole of its type."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_record_register", "record", ["ledger", "type", "id"])
    op.create_index("ix_record_changed", "record", ["ledger", "type", "version", "id"])


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
