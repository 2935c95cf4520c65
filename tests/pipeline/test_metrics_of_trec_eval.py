"""Ranking metrics against trec_eval, the reference implementation of information retrieval."""

import numpy as np
import pytest
import pytrec_eval
from scipy import sparse
from tiny_data import held_out_of

from pipeline.metrics import RELEVANT, HeldOut, ranking_per_user
from pipeline.ranking import top_movies

N_USERS, N_MOVIES = 1500, 40


def held_out_ratings(rng: np.random.Generator) -> HeldOut:
    """Hold out none to all of a user's movies, relevant and not; more than ten are relevant to some."""
    share = rng.choice([0.0, 0.05, 0.3, 1.0], size=(N_USERS, 1))
    users, movies = np.nonzero(rng.random((N_USERS, N_MOVIES)) < share)
    stars = rng.choice([1, 3, 3.5, 4, 5], size=len(users))
    rows = zip(users.tolist(), movies.tolist(), stars.tolist(), strict=True)
    return held_out_of(list(rows), n_users=N_USERS, n_movies=N_MOVIES)


def seen_movies(rng: np.random.Generator) -> sparse.csr_array:
    """Mark movies that are not recommended: of some users so many that fewer than ten are left."""
    share = rng.choice([0.0, 0.3, 0.9, 1.0], size=(N_USERS, 1))
    return sparse.csr_array(rng.random((N_USERS, N_MOVIES)) < share, dtype=np.float32)


def by_trec_eval(
    scores: np.ndarray, seen: sparse.csr_array, held_out: HeldOut
) -> tuple[np.ndarray, np.ndarray]:
    """Have everything ranked and measured there: NDCG@10 and recall@10, NaN where nothing is relevant.

    Its ties go to the last name in the alphabet, ours to the lower index: names count downwards.
    """
    names = [f"{N_MOVIES - movie:03d}" for movie in range(N_MOVIES)]
    relevance: dict[str, dict[str, int]] = {}
    for user, movie, y in zip(held_out.users, held_out.movies, held_out.ratings, strict=True):
        relevance.setdefault(str(user), {})[names[movie]] = int(y >= RELEVANT)
    offered = {
        str(user): {names[movie]: float(scores[user, movie]) for movie in np.flatnonzero(row == 0)}
        for user, row in enumerate(seen.toarray())
    }
    measured = pytrec_eval.RelevanceEvaluator(relevance, {"ndcg_cut.10", "recall.10"}).evaluate(offered)
    relevant = {user for user, movies in relevance.items() if any(movies.values())}
    figures = {"ndcg_cut_10": np.full(N_USERS, np.nan), "recall_10": np.full(N_USERS, np.nan)}
    for name, values in figures.items():
        for user in relevant:
            values[int(user)] = measured[user][name] if user in measured else 0.0
    return figures["ndcg_cut_10"], figures["recall_10"]


@pytest.mark.parametrize("levels", [1, 4, 1000], ids=["all tie", "many tie", "few tie"])
def test_ndcg_and_recall_are_those_of_trec_eval(levels: int) -> None:
    rng = np.random.default_rng(levels)
    held_out, seen = held_out_ratings(rng), seen_movies(rng)
    scores = (rng.integers(levels, size=(N_USERS, N_MOVIES)) / levels).astype(np.float32)
    expected = by_trec_eval(scores, seen, held_out)
    best = top_movies(scores, 10, seen)
    found = ranking_per_user(best, held_out)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    # The users were of every kind.
    ndcg, _ = found
    assert np.isnan(ndcg).sum() > 100
    assert (ndcg == 0).sum() > 100
    assert (ndcg > 0).sum() > 300
    assert (best[:, -1] == -1).sum() > 500
