"""Who proposes a sanction, who reviews it by law and who decides it are three: the database keeps them apart too."""

from alembic import op

from server.storage import duty_guard

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    duty_guard.guard_sanctions(op.get_bind())


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
