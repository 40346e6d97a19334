"""How fast each robot is written to, the message as it was seen, and which record tells of it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("free_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "channel", "address", name=op.f("pk_pace")),
    )
    op.add_column("outbox", sa.Column("record", sa.String(length=36), nullable=True))
    op.add_column("outbox", sa.Column("words", sa.LargeBinary(), nullable=True))
    op.create_index("ix_outbox_recipient", "outbox", ["ledger", "recipient", "channel", "state"])
    op.execute("UPDATE outbox SET state = 'superseded' WHERE state = 'withheld'")


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
