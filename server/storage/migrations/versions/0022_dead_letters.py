"""Rows of the outbox have an address of their own, and what a person made of a dead letter."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = ("case", "rung", "recipient", "channel", "due_version")
ROWS = 1000


def upgrade() -> None:
    op.create_table(
        "swept",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sweep", sa.String(length=32), nullable=False),
        sa.Column("upto", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "sweep", name=op.f("pk_swept")),
    )
    op.add_column("outbox", sa.Column("id", sa.String(length=32), nullable=True))
    op.add_column("outbox", sa.Column("mended", sa.String(length=16), nullable=True))
    _name_the_rows(op.get_bind())
    with op.batch_alter_table("outbox") as batch:
        batch.alter_column("id", existing_type=sa.String(length=32), nullable=False)
    op.create_index("ix_outbox_id", "outbox", ["ledger", "id"], unique=True)
    op.create_index("ix_outbox_at", "outbox", ["ledger", "send_at"])


def _name_the_rows(connection: sa.Connection) -> None:
    """Give every row the id that follows from its key."""
    columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in ("ledger", *KEY, "id")]
    table = sa.table("outbox", *columns)
    rows = connection.execute(sa.select(*columns[:-1])).all()
    same = [table.c[name] == sa.bindparam(f"the_{name}") for name in ("ledger", *KEY)]
    statement = sa.update(table).where(*same).values(id=sa.bindparam("the_id"))
    for at in range(0, len(rows), ROWS):
        told = [
            {
                **{f"the_{name}": getattr(row, name) for name in ("ledger", *KEY)},
                "the_id": hashlib.sha256(
                    "\n".join(str(getattr(row, name)) for name in KEY).encode()
                ).hexdigest()[:32],
            }
            for row in rows[at : at + ROWS]
        ]
        connection.execute(statement, told)


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
