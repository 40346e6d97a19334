"""Alembic's entry point; the connection is always handed in by server.storage.schema."""

from alembic import context

from server.storage.account_models import InvitationRow  # noqa: F401 - its tables are part of the metadata
from server.storage.answer_models import ApiAnswerRow  # noqa: F401 - its tables are part of the metadata
from server.storage.device_models import DeviceReportRow  # noqa: F401 - its tables are part of the metadata
from server.storage.likeness_models import LikenessRow  # noqa: F401 - its tables are part of the metadata
from server.storage.models import db
from server.storage.reminder_models import OutboxRow  # noqa: F401 - likewise
from server.storage.search_models import SearchWordRow  # noqa: F401 - likewise
from server.storage.witness_models import TimeTokenRow  # noqa: F401 - its tables are part of the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
