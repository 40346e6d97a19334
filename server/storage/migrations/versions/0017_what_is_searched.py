"""The index of the desk's search; `wardledger upgrade` fills it, since names in it want the keys."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name, column in (("search_word", sa.Column("word", word, nullable=False)),
                         ("search_hash", sa.Column("hash", big, autoincrement=False, nullable=False))):  # fmt: skip
        op.create_table(
            name,
            sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
            column,
            sa.Column("record", sa.String(length=36), nullable=False),
            sa.PrimaryKeyConstraint("ledger", column.name, "record", name=op.f(f"pk_{name}")),
        )
        op.create_index(f"ix_{name}_record", name, ["ledger", "record"])


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
