"""Add the hyperparameters of Phase 3. Experiments of earlier models hold NULL in them, and lose nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ADDED = (
    sa.Column("collaborative_weight", sa.Double),
    sa.Column("collaborative_regularization", sa.Double),
    sa.Column("collaborative_half_life", sa.Double),
    sa.Column("sequence_weight", sa.Double),
    sa.Column("sequence_half_life", sa.Double),
    sa.Column("popularity_discount", sa.Double),
    sa.Column("taste_level_variance", sa.Double),
    sa.Column("taste_genre_variance", sa.Double),
    sa.Column("taste_era_variance", sa.Double),
    sa.Column("taste_neighbour_variance", sa.Double),
    sa.Column("taste_drift_variance", sa.Double),
    sa.Column("taste_drift_half_life", sa.Double),
    sa.Column("movie_level_variance", sa.Double),
    sa.Column("movie_neighbour_variance", sa.Double),
    sa.Column("pattern_weight", sa.Double),
    sa.Column("calibration", sa.Text),
)


def upgrade() -> None:
    present = {column["name"].lower() for column in sa.inspect(op.get_bind()).get_columns("hp_experiments")}
    for column in ADDED:
        # An adopted table may be of somebody who had one of them already.
        if column.name not in present:
            op.add_column("hp_experiments", column.copy())
