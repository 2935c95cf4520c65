"""The ratings that came in through the service, as part of what versions are fitted and measured on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from db.deployment.live_ratings import live_ratings
from deployment.measuring import Ground
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.joining import Joined, with_ratings
from pipeline.split import SplitSettings, split_ratings


def with_live_ratings(engine: Engine, dataset: Dataset) -> Joined:
    """Join what came in through the service to a dataset."""
    # Within a second, too, the last word of a user counts.
    rows = {(rating.user_id, rating.movie_id): rating for rating in live_ratings(engine)}.values()
    return with_ratings(
        dataset,
        [row.user_id for row in rows],
        [row.movie_id for row in rows],
        [row.rating for row in rows],
        [int(row.received_at.timestamp()) for row in rows],
    )


def ground_of(
    engine: Engine | None, dataset: Dataset, settings: SplitSettings, split: Mapping[str, Any]
) -> Ground:
    """Measure on a dataset as experiments were, and answer users with what came in, too.

    Args:
        engine: of the record; None where nothing was ever recorded.
        dataset: the data.
        settings: of the split.
        split: its name and settings, as recorded.

    """
    problem = Problem(dataset, split_ratings(dataset, settings))
    if engine is None:
        return Ground(problem, split)
    joined = with_live_ratings(engine, dataset)
    return Ground(problem, split, int(joined.came_in.sum()), joined.dataset)


def live_ground_of(joined: Joined, settings: SplitSettings, split: Mapping[str, Any]) -> Ground:
    """Measure on what came in, too: the latest ratings of a user are those held out.

    Args:
        joined: all ratings.
        settings: of the split.
        split: its name and settings, as recorded.

    """
    problem = Problem(joined.dataset, split_ratings(joined.dataset, settings))
    return Ground(problem, split, int(joined.came_in.sum()))
