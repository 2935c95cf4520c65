"""Add the hyperparameters of Phase 3. Experiments of earlier models hold NULL in them, and lose nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ADDED = {
    "collaborative_weight": sa.Double,
    "collaborative_regularization": sa.Double,
    "collaborative_half_life": sa.Double,
    "sequence_weight": sa.Double,
    "sequence_half_life": sa.Double,
    "popularity_discount": sa.Double,
    "taste_level_variance": sa.Double,
    "taste_genre_variance": sa.Double,
    "taste_era_variance": sa.Double,
    "taste_neighbour_variance": sa.Double,
    "taste_drift_variance": sa.Double,
    "taste_drift_half_life": sa.Double,
    "movie_level_variance": sa.Double,
    "movie_neighbour_variance": sa.Double,
    "pattern_weight": sa.Double,
    "calibration": sa.Text,
}


def upgrade() -> None:
    present = {column["name"].lower() for column in sa.inspect(op.get_bind()).get_columns("hp_experiments")}
    for name, kind in ADDED.items():
        # An adopted table may be of somebody who had one of them already.
        if name not in present:
            op.add_column("hp_experiments", sa.Column(name, kind))
