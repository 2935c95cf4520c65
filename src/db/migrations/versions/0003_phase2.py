"""Add the hyperparameters of Phase 2. Experiments of Phase 1 hold NULL in them, and lose nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED = (
    "user_preference_weight",
    "preference_half_life_days",
    "franchise_depth_scale",
    "rating_prediction_weight",
    "rating_prediction_alpha",
)


def upgrade() -> None:
    present = {column["name"].lower() for column in sa.inspect(op.get_bind()).get_columns("hp_experiments")}
    for name in ADDED:
        # An adopted table may be of somebody who had one of them already.
        if name not in present:
            op.add_column("hp_experiments", sa.Column(name, sa.Double))
