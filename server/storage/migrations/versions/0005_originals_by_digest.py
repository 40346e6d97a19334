"""Originals by their digest: one picture shown twice is found wherever in the ledger it lies."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 500


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    table = op.create_table(
        "original",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=36), nullable=False),
        sa.Column("made", big, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "evidence", name=op.f("pk_original")),
    )
    op.create_index("ix_original_digest", "original", ["ledger", "digest"])
    found = op.get_bind().execute(
        sa.text("SELECT ledger, id, root, state FROM record WHERE type = 'evidence'")
    )
    rows = []
    for row in found:
        state = json.loads(row.state)
        made = state["acts"][0][0]
        digest = state["values"]["digest"]
        rows.append(
            {"ledger": row.ledger, "evidence": row.id, "digest": digest, "root": row.root, "made": made}
        )
    for at in range(0, len(rows), BATCH):
        op.bulk_insert(table, rows[at : at + BATCH])


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
