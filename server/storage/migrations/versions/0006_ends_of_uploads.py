"""Ends of uploads: one that is over is told so, and uploads are found by their file."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("upload") as table:
        table.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="open"))
    with op.batch_alter_table("upload") as table:
        table.alter_column("state", server_default=None)
    op.create_index("ix_upload_digest", "upload", ["ledger", "digest"])


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
