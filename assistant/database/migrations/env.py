"""Alembic's entry: it works on the connection that `opening.py` hands over, in its transaction."""

from alembic import context

from assistant.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
