"""Run by Alembic, on the connection that `migrate` opened."""

from alembic import context

from plangate.sources.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
