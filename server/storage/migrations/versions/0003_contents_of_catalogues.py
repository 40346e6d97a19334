"""The contents of catalogues, line by line, named by their digest."""

import sqlalchemy as sa
from alembic import op

from server.storage.append_only import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_line",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "digest", "n", name=op.f("pk_catalogue_line")),
    )
    op.create_index("ix_catalogue_line_code", "catalogue_line", ["ledger", "digest", "code"], unique=False)
    guard(op.get_bind(), ("catalogue_line",))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
