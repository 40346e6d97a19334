"""Changes that wait: what was held or late, so that it is found when what it waits for arrives."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BATCH = 500
PENDING = ("held", "late")


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    table = op.create_table(
        "waiting",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", big, autoincrement=False, nullable=False),
        sa.Column("change", sa.String(length=36), nullable=True),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=True),
        sa.Column("type", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("waiting_for", sa.String(length=80), nullable=True),
        sa.Column("at", big, nullable=False),
        sa.Column("moved", big, nullable=True),
        sa.PrimaryKeyConstraint("ledger", "index", name=op.f("pk_waiting")),
    )
    op.create_index("ix_waiting_for", "waiting", ["ledger", "waiting_for"])
    op.create_index("ix_waiting_moved", "waiting", ["ledger", "device", "moved"])
    op.create_index("ix_waiting_open", "waiting", ["ledger", "verdict", "index"])
    rows = list(_rows(op.get_bind()))
    for at in range(0, len(rows), BATCH):
        op.bulk_insert(table, rows[at : at + BATCH])


def _rows(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """Yield a row for each change that the ledger held or found late; none was released before this revision."""
    entry = sa.table("entry", sa.column("ledger"), sa.column("index"), sa.column("line"))
    body = sa.table("body", *(sa.column(name) for name in ("ledger", "index", "n", "change")))
    beyond: sa.ColumnElement[bool] = sa.true()
    while True:
        page = sa.select(entry).where(beyond).order_by(entry.c.ledger, entry.c.index).limit(BATCH)
        found = list(connection.execute(page))
        for ledger, index, line in found:
            told = json.loads(bytes(line))
            outcome = told["outcome"]
            if told.get("device") and outcome["verdict"] in PENDING:
                where = (body.c.ledger == ledger, body.c.index == index, body.c.n == 0)
                yield {
                    "ledger": ledger,
                    "index": index,
                    "change": connection.execute(sa.select(body.c.change).where(*where)).scalar(),
                    "device": told["device"],
                    "record": told.get("addressed") or told.get("record"),
                    "type": told.get("type"),
                    "verdict": outcome["verdict"],
                    "waiting_for": outcome.get("waiting_for"),
                    "at": told["at"],
                    "moved": None,
                }
        if len(found) < BATCH:
            return
        last = found[-1]
        beyond = sa.or_(
            entry.c.ledger > last.ledger, sa.and_(entry.c.ledger == last.ledger, entry.c.index > last.index)
        )


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
