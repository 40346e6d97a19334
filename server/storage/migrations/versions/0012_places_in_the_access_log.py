"""The place of each line of the access log, and the hash that stands under its root."""

import sqlalchemy as sa
from alembic import op

from server.storage.append_only import guard

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "access_place",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", big, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "place", name=op.f("pk_access_place")),
    )
    op.create_index("ix_access_place_id", "access_place", ["ledger", "id"], unique=True)
    guard(op.get_bind(), ("access_place",))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
