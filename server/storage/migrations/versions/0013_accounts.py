"""Accounts: invitations, second factors, passkeys, and what a session was begun with."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name, length in (("device", 60), ("place", 16), ("means", 16), ("awaits", 16)):
        op.add_column("session", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.create_index("ix_session_user", "session", ["ledger", "user"])
    _invitations()
    _second_factors()
    _passkeys()


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=36), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("ended_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("ledger", "code", name=op.f("pk_invitation")),
    )
    op.create_index("ix_invitation_user", "invitation", ["ledger", "user"])


def _second_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("root", sa.String(length=36), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("confirmed_at", BIG, nullable=True),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "user", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("used_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("ledger", "user", "code", name=op.f("pk_recovery_code")),
    )


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", BIG, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("made_at", BIG, nullable=False),
        sa.Column("used_at", BIG, nullable=True),
        sa.Column("doubted_at", BIG, nullable=True),
        sa.Column("removed_at", BIG, nullable=True),
        sa.Column("record", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("ledger", "id", name=op.f("pk_passkey")),
    )
    op.create_index("ix_passkey_user", "passkey", ["ledger", "user"])
    op.create_table(
        "challenge",
        sa.Column("ledger", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("ledger", "id", name=op.f("pk_challenge")),
    )
    op.create_index("ix_challenge_expires", "challenge", ["ledger", "expires_at"])


def downgrade() -> None:
    """Tables are not taken back under a ledger; restore the backup that was made before the upgrade."""
    raise RuntimeError("restore a backup instead of going back before this revision")
