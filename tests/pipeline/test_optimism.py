import numpy as np
import pytest
from tiny_data import users_of

from pipeline.metrics import PerUser
from pipeline.optimism import Optimism, optimism


def of_hits(hits: list[int]) -> PerUser:
    """Make users of ten ratings each, of which so many are hit."""
    figures = np.array(hits)[:, None]
    return users_of(0 * figures + 10, figures, np.full(len(hits), np.nan))


def found(*candidates: list[int], metric: str = "accuracy", seed: int = 0) -> Optimism:
    result = optimism([of_hits(hits) for hits in candidates], metric, seed)
    assert result is not None
    return result


def test_where_users_agree_the_winner_is_worth_what_it_scores() -> None:
    certain = found([5] * 8, [6] * 8, [4] * 8)
    assert certain.score == 0.6
    assert certain.optimism == pytest.approx(0, abs=1e-12)


def test_a_single_candidate_was_not_picked() -> None:
    alone = found([0, 3, 5, 9, 10] * 40)
    assert alone.score == 0.54
    assert alone.optimism == pytest.approx(0, abs=0.005)
    assert alone.n_candidates == 1


def test_two_users_with_a_favourite_each_pick_against_each_other() -> None:
    # A user who is drawn twice picks what misses the other; a resample of both leaves nobody to measure on.
    assert found([10, 0], [0, 10]) == Optimism(score=0.5, corrected=0.0, n_candidates=2)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_the_correction_depends_on_nothing_but_its_seed(metric: str) -> None:
    candidates = np.random.default_rng(0).integers(0, 11, size=(5, 30)).tolist()
    assert found(*candidates, metric=metric) == found(*candidates, metric=metric)
    assert found(*candidates, metric=metric).corrected != found(*candidates, metric=metric, seed=1).corrected


def test_nothing_is_corrected_without_candidates_or_users_to_leave_out() -> None:
    assert optimism([], "accuracy") is None
    assert optimism([of_hits([5])], "accuracy") is None
    # Nobody has a relevant movie.
    assert optimism([of_hits([5, 6])], "ndcg") is None
