"""Alembic's entry point; the connection is always handed in by server.storage.schema."""

from alembic import context

from server.storage.models import db

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
