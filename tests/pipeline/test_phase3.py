import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from as_defined import all_scores, assert_parts_as_defined
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_phase3 import ReferencePhase3
from same_bits import assert_same_bits
from threadpoolctl import threadpool_limits
from tiny_data import checkerboard, datasets, legal_hyperparameters, masks, tiny

from pipeline.blocks import BLOCK
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, measure
from pipeline.hyperparameters import Phase2, Phase3
from pipeline.metrics import TOLERANCE, Measurement
from pipeline.parameters import parameters, read
from pipeline.phase3 import FittedPhase3
from pipeline.rating_process import Variances, fit_rating_process
from pipeline.recommender import Recommender, load_recommender
from pipeline.sensitivity import effect
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build
from pipeline.split import PerUserTimeline, Split, split_ratings

# Of float32: a kernel of variance 40 among nine ratings loses two digits more than a score.
NEAR, NEAR_RATING = 1e-5, 1e-4
ADDED = [name for name in parameters(Phase3) if name not in parameters(Phase2)]


def fitted(dataset: Dataset, train: np.ndarray | None = None, **hyperparameters: Any) -> FittedPhase3:
    everything = np.ones(dataset.n_ratings, dtype=bool)
    return FittedPhase3.fit(
        Phase3(**hyperparameters).normalised(), dataset, everything if train is None else train
    )


def all_ratings(model: FittedPhase3) -> np.ndarray:
    return model.rating_block(np.arange(model.n_users), np.empty(0, dtype=np.float32))


def synthetic(users: int, movies: int, ratings: int) -> Dataset:
    return build(Synthetic(users=users, movies=movies, ratings=ratings))[0]


@pytest.fixture(scope="module")
def village() -> Dataset:
    """More users than directions are kept of."""
    return synthetic(30, 40, 700)


@pytest.fixture(scope="module")
def city() -> Problem:
    dataset = synthetic(150, 120, 6000)
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_score_and_every_predicted_rating_are_those_of_the_definition(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    hyperparameters = data.draw(legal_hyperparameters(dataset, Phase3))
    assert isinstance(hyperparameters, Phase3)
    model = Recommender(hyperparameters).fit(dataset, train)
    assert isinstance(model, FittedPhase3)
    assert_as_defined(model, ReferencePhase3(hyperparameters, dataset, train))


def test_scores_ratings_and_what_is_foretold_of_a_village_are_those_of_the_definition(
    village: Dataset,
) -> None:
    train = split_ratings(village, PerUserTimeline(train_until=0.7)).train
    model = fitted(village, train)
    slow = ReferencePhase3(Phase3(), village, train)
    assert_as_defined(model, slow, NEAR)
    foretold = fit_rating_process(village, train, Variances.of(Phase3()))[1]
    assert len(foretold.y) > 100
    predicted, y = zip(*slow.foretold(), strict=True)
    np.testing.assert_array_equal(foretold.y, y)
    np.testing.assert_allclose(foretold.predicted, predicted, rtol=0, atol=NEAR)


def assert_as_defined(model: FittedPhase3, slow: ReferencePhase3, near_rating: float = NEAR_RATING) -> None:
    scores, ratings = all_scores(model), all_ratings(model)
    for user, movie in np.ndindex(scores.shape):
        assert ratings[user, movie] == pytest.approx(slow.rating(user, movie), abs=near_rating)
    pairs = [(user, movie) for user, movie in np.ndindex(scores.shape) if slow.is_told_apart(user)]
    for user, movie in pairs:
        assert scores[user, movie] == pytest.approx(slow.score(user, movie), abs=NEAR)
    assert_parts_as_defined(model, slow, pairs, NEAR)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_its_parts_sum_to_the_score(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    model = Recommender(data.draw(legal_hyperparameters(dataset, Phase3))).fit(
        dataset, data.draw(masks(dataset))
    )
    total = sum(model.parts(np.arange(model.n_users)).values())
    np.testing.assert_allclose(all_scores(model), np.clip(total, 0, 1), rtol=0, atol=NEAR)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_without_the_collaborative_part_it_ranks_as_phase_2_to_the_last_bit(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    second = data.draw(legal_hyperparameters(dataset, Phase2))
    third = Phase3(**dataclasses.asdict(second), collaborative_weight=0.0)
    scores = [all_scores(Recommender(recipe).fit(dataset, train)) for recipe in (second, third)]
    assert_same_bits(*scores)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_with_the_whole_weight_nothing_is_left_of_the_hybrid_but_for_the_cold(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    recipe = dataclasses.replace(data.draw(legal_hyperparameters(dataset, Phase3)), collaborative_weight=1.0)
    model = Recommender(recipe).fit(dataset, train)
    parts = model.parts(np.arange(model.n_users))
    known = np.isin(np.arange(model.n_users), dataset.users[train])
    for name, part in parts.items():
        assert not part[known if not name.startswith("liked_") else ~known].any(), name


def shifted(problem: Problem, seconds: int) -> Problem:
    """Say the same at another time: nothing that was computed of the one is taken for the other."""
    dataset = dataclasses.replace(problem.dataset, timestamps=problem.dataset.timestamps + seconds)
    return Problem(dataset, problem.split)


def test_with_one_and_with_two_threads_it_is_the_same_to_the_last_bit(city: Problem) -> None:
    found = []
    for threads in (1, 2):
        known = shifted(city, threads)
        with threadpool_limits(threads, user_api="blas"):
            model = fitted(known.dataset, known.train)
            found.append((all_scores(model), all_ratings(model), model.decision, measure(model, known.test)))
    assert_same_bits(*found)


@pytest.mark.parametrize("size", [1, 7, BLOCK + 1])
def test_in_another_block_scores_are_the_same_to_the_last_bit_and_ratings_but_for_rounding(
    city: Problem, size: int
) -> None:
    model = fitted(city.dataset, city.train)
    blocks = [np.arange(start, min(start + size, model.n_users)) for start in range(0, model.n_users, size)]
    scores = np.vstack([model.score_block(users) for users in blocks])
    assert_same_bits(scores, all_scores(model))
    ratings = np.vstack([model.rating_block(users, np.empty(0, dtype=np.float32)) for users in blocks])
    np.testing.assert_allclose(ratings, all_ratings(model), rtol=0, atol=5e-7)


def test_hits_are_of_answers_and_errors_of_means(city: Problem) -> None:
    model = fitted(city.dataset, city.train)
    part = city.validation
    decided = model.decided(all_ratings(model)[part.users, part.movies].astype(np.float64).round(6))
    found = measure(model, part)
    hits, errors = (
        np.abs(decided.answer - part.ratings) <= TOLERANCE,
        (decided.mean - part.ratings) * part.stars,
    )
    assert np.isin(decided.answer, np.unique(city.dataset.ratings)).all()
    assert np.isin(decided.mean, np.unique(city.dataset.ratings)).mean() < 0.05
    assert found.metrics["accuracy"] == pytest.approx(hits.mean())
    assert found.metrics["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert found.metrics["mae"] == pytest.approx(np.abs(errors).mean())
    assert found.per_user.hits.sum() == hits.sum()
    assert found.per_user.squares.sum() == pytest.approx((errors**2).sum())


@pytest.fixture(scope="module")
def center(city: Problem) -> Measurement:
    return measure(fitted(city.dataset, city.train), city.validation)


@pytest.mark.parametrize("name", ADDED)
def test_every_hyperparameter_alone_moves_a_metric_or_a_ranking(
    city: Problem, center: Measurement, name: str
) -> None:
    spec = parameters(Phase3)[name]
    moved = "none" if spec.kind is str else (spec.default * 2 if spec.default * 2 <= spec.high else 0.0)
    found = effect(center, measure(fitted(city.dataset, city.train, **{name: moved}), city.validation))
    assert not found.is_none
    # What ranks predicts nothing, and what predicts ranks nothing.
    ranks = name.startswith(("collaborative", "sequence", "popularity"))
    assert (found.users_changed > 0) == ranks
    assert (found.rmse == 0) == ranks


@pytest.mark.parametrize("name", ADDED)
def test_both_ends_of_every_range_are_legal_and_give_scores_and_ratings(village: Dataset, name: str) -> None:
    spec = parameters(Phase3)[name]
    for end in spec.choices or (spec.low, spec.high):
        recipe = read(Phase3, dataclasses.asdict(Phase3()) | {name: end})
        assert_sensible(fitted(village, **dataclasses.asdict(recipe)))


def assert_sensible(model: FittedPhase3) -> None:
    predicted = all_ratings(model)
    decided = model.decided(predicted.astype(np.float64).ravel())
    for values in (all_scores(model), predicted, decided.mean, decided.answer):
        assert ((values >= 0) & (values <= 1)).all()


ONE_EACH = [(user, user % 4, 1 + user % 5, user) for user in range(12)]
ONE_USER = [(0, movie, 1 + movie % 5, movie) for movie in range(12)]
A_HIT = [(user, 0, 5, 0) for user in range(12)] + [
    (user, 1 + user % 4, 1 + user % 5, 1) for user in range(12)
]
A_CRITIC = [(0, movie, 1 + movie % 5, movie) for movie in range(12)] + [
    (user, 3, 4, 0) for user in range(1, 5)
]
ALL_FIVE = [(user, movie, 5, 0) for user in range(25) for movie in range(25)]
ODD = {
    "one rating a user": ONE_EACH,
    "one user": ONE_USER,
    "one rating": [(0, 0, 3, 0)],
    "a movie that everybody rated": A_HIT,
    "a user who rated everything": A_CRITIC,
    "nothing but five stars": ALL_FIVE,
    "nothing but no stars": [(user, movie, 0, 0) for user, movie, *_ in ALL_FIVE],
}


@pytest.mark.parametrize("genres", ["", "a"], ids=["no genres", "one genre"])
@pytest.mark.parametrize("years", [[], [1990]], ids=["no years", "one year"])
@pytest.mark.parametrize("odd", ODD)
def test_odd_data_get_scores_and_ratings_without_a_warning(odd: str, years: list[int], genres: str) -> None:
    n_movies = 2 + max(movie for _, movie, *_ in ODD[odd])
    n_users = 2 + max(user for user, *_ in ODD[odd])
    dataset = tiny(ODD[odd], genres=[genres] * n_movies, years=years * n_movies, n_users=n_users)
    for calibration in parameters(Phase3)["calibration"].choices:
        model = fitted(dataset, calibration=calibration)
        assert_sensible(model)
        everything = np.ones(dataset.n_ratings, dtype=bool)
        metrics = measure(model, Problem(dataset, Split(everything, everything, everything)).test).metrics
        assert all(value is None or np.isfinite(value) for value in metrics.values())


def test_where_all_give_five_stars_five_stars_are_predicted_of_everything() -> None:
    model = fitted(tiny(ALL_FIVE, genres=["a"] * 26, n_users=26))
    np.testing.assert_allclose(all_ratings(model), 1, atol=1e-6)
    decided = model.decided(np.array([0.9, 1.0]))
    assert decided.mean.tolist() == decided.answer.tolist() == [1, 1]


def chance(n_users: int, n_movies: int) -> tuple[Dataset, np.ndarray]:
    """Draw ratings that nothing foretells, and a third of each user's to learn from."""
    rng = np.random.default_rng(3)
    rows = [
        (u, m, float(rng.integers(1, 6)), int(rng.integers(99)))
        for u in range(n_users)
        for m in range(n_movies)
    ]
    dataset = tiny(rows, genres=["a", "b", "c"] * (n_movies // 3), years=[*range(1960, 1960 + n_movies)])
    return dataset, rng.random(dataset.n_ratings) < 0.33


def test_ratings_of_chance_are_predicted_near_the_mean_and_calibrated_to_it() -> None:
    dataset, train = chance(150, 30)
    model = fitted(dataset, train)
    users, movies, y = dataset.users[~train], dataset.movies[~train], dataset.ratings[~train]
    predicted = all_ratings(model)[users, movies].astype(np.float64)
    mean = model.decided(predicted).mean
    # Whatever was found is luck: what is calibrated moves by less of it, and promises next to nothing.
    assert mean.std() < predicted.std() / 2
    assert mean.std() < 0.02
    rmse, of_mean = (np.sqrt(((said - y) ** 2).mean()) for said in (mean, np.full(len(y), y.mean())))
    assert rmse < 1.01 * of_mean


def test_a_rating_that_the_others_foretell_is_predicted() -> None:
    """Users of two levels, and of two kinds that like what the other dislikes: ratings tell both."""
    rng = np.random.default_rng(0)
    generous, kind, sort = rng.random(80) < 0.5, rng.random(80) < 0.5, rng.random(60) < 0.5
    pairs = [
        (u, m) for u in range(80) for m in range(60) if rng.random() < (0.7 if kind[u] == sort[m] else 0.3)
    ]
    rows = [(u, m, 2.0 + generous[u] + 2 * (kind[u] == sort[m]), int(rng.integers(99))) for u, m in pairs]
    dataset = tiny(rows, genres=["a"] * 60)
    train = rng.random(dataset.n_ratings) < 0.6
    little_noise = dict.fromkeys(("taste_level_variance", "taste_neighbour_variance"), 10.0)
    model = fitted(dataset, train, **little_noise, movie_neighbour_variance=10.0, taste_drift_variance=0.0)
    users, movies, y = dataset.users[~train], dataset.movies[~train], dataset.ratings[~train]
    mean = model.decided(all_ratings(model)[users, movies].astype(np.float64)).mean
    assert np.abs(mean - y).mean() < 0.5 / 5
    assert np.abs(mean - y).mean() < np.abs(y - y.mean()).mean() / 2
    assert np.corrcoef(mean, y)[0, 1] > 0.85


def test_on_a_checkerboard_likes_alone_find_the_diagonal() -> None:
    board = checkerboard()
    for of_next in (0.0, 0.5):
        model = fitted(board.dataset, board.train, collaborative_weight=1.0, sequence_weight=of_next)
        assert measure(model, board.validation).metrics["ndcg"] == 1


def test_what_is_liked_next_is_recommended_next() -> None:
    # A crowd goes on from 0 to 1, and from 2 to 3; two newcomers have seen the first of either.
    rows = [(user, 2 * (user % 2) + k, 5, k) for user in range(20) for k in range(2)]
    rows += [(20, 0, 3, 0), (21, 2, 3, 0)]
    model = fitted(tiny(rows, genres=["a"] * 5), collaborative_weight=1.0, sequence_weight=1.0)
    assert [model.recommend(user, 1)[0].movie for user in (20, 21)] == [1, 3]
    # A rating of three stars is a step, but nothing liked: EASE is told nothing.
    by_likes = fitted(tiny(rows, genres=["a"] * 5), collaborative_weight=1.0, sequence_weight=0.0)
    assert not by_likes.parts(np.array([20]))["liked_together"].any()


def test_the_last_rating_weighs_most_in_what_is_recommended() -> None:
    rows = [(user, 2 * (user % 2) + k, 5, k) for user in range(20) for k in range(2)]
    rows += [(20, 0, 5, 0), (20, 2, 5, 1), (21, 2, 5, 0), (21, 0, 5, 1)]
    model = fitted(
        tiny(rows, genres=["a"] * 5),
        collaborative_weight=1.0,
        collaborative_half_life=1.0,
        sequence_weight=0.0,
    )
    assert [model.recommend(user, 1)[0].movie for user in (20, 21)] == [3, 1]


def test_trials_that_do_not_touch_the_hybrid_share_one(city: Problem) -> None:
    one, same = (fitted(city.dataset, city.train, collaborative_weight=share) for share in (0.3, 0.6))
    other = fitted(city.dataset, city.train, genre_weight=0.9)
    assert one.hybrid is same.hybrid is not other.hybrid


def test_a_model_read_back_has_the_hybrid_that_it_was_made_with(city: Problem, tmp_path: Path) -> None:
    model, users = fitted(city.dataset, city.train), np.arange(city.dataset.n_users)
    model.save(tmp_path / "model.npz")
    back = load_recommender(tmp_path / "model.npz")
    assert isinstance(back, FittedPhase3)
    assert back.hybrid.sums(users).tobytes() == model.hybrid.sums(users).tobytes()


def test_scores_may_be_written_to_and_are_the_same_when_asked_again(city: Problem) -> None:
    model, users = fitted(city.dataset, city.train), np.arange(20)
    scores = model.score_block(users)
    before = scores.tobytes()
    scores[:] = -1
    assert model.score_block(users).tobytes() == before
