"""A fitted model beside the slow one that is written straight from its definition."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pytest

from pipeline.fitted import FittedRecommender


class Definition(Protocol):
    """What a reference model answers of one user and one movie."""

    def parts(self, user: int, movie: int) -> dict[str, float]: ...


def all_scores(model: FittedRecommender) -> np.ndarray:
    return model.score_block(np.arange(model.n_users))


def assert_parts_as_defined(
    model: FittedRecommender, slow: Definition, pairs: Iterable[tuple[int, int]], near: float
) -> None:
    """Hold the parts of the scores of pairs of a user and a movie against the definition's."""
    parts = model.parts(np.arange(model.n_users))
    for user, movie in pairs:
        wanted = slow.parts(user, movie)
        assert parts.keys() == wanted.keys()
        for name, value in wanted.items():
            assert parts[name][user, movie] == pytest.approx(value, abs=near), name
