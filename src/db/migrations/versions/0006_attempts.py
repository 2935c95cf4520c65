"""Add how often a trial was begun. Experiments that were recorded before hold NULL."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    present = {column["name"].lower() for column in sa.inspect(op.get_bind()).get_columns("hp_experiments")}
    # An adopted table may be of somebody who had it already.
    if "attempts" not in present:
        op.add_column("hp_experiments", sa.Column("attempts", sa.Integer))
