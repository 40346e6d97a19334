"""Who is recused decides nothing: the database refuses it too."""

from alembic import op

from server.storage import duty_guard

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    duty_guard.guard_recusals(op.get_bind())


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
