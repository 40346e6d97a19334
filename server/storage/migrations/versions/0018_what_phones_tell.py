"""What phones tell of themselves when they ask for what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "device_report",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=True),
        sa.Column("size", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "device", name=op.f("pk_device_report")),
    )
