"""Pictures that resemble each other: hashes by bands, and pairs; what is there already waits to be looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "likeness",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence", sa.String(length=36), nullable=False),
        sa.Column("made", big, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=16), nullable=True),
        *(sa.Column(f"band{n}", sa.Integer(), nullable=True) for n in range(4)),
        sa.PrimaryKeyConstraint("ledger", "evidence", name=op.f("pk_likeness")),
    )
    op.create_index("ix_likeness_state", "likeness", ["ledger", "state"])
    for n in range(4):
        op.create_index(f"ix_likeness_band{n}", "likeness", ["ledger", f"band{n}"])
    op.create_table(
        "resemblance",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence", sa.String(length=36), nullable=False),
        sa.Column("other", sa.String(length=36), nullable=False),
        sa.Column("bits", sa.Integer(), nullable=False),
        sa.Column("turned", sa.Integer(), nullable=False),
        sa.Column("later", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ledger", "evidence", "other", name=op.f("pk_resemblance")),
    )
    every = "SELECT ledger, evidence, made, 'asked' FROM original"
    op.execute(sa.text(f"INSERT INTO likeness (ledger, evidence, made, state) {every}"))


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
