"""What alembic runs to migrate: on the connection, and in the transaction, that db.schema hands over."""

from alembic import context

import db.deployment.tables  # noqa: F401 - registers its tables
from db.schema import VERSION_TABLE
from db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
