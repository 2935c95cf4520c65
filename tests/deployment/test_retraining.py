"""The active version fitted again: with what came in, through the same gate, and not on other data."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from deployment_samples import new_rating
from same_bits import assert_same_bits
from sqlalchemy import Engine

from db.deployment.live_ratings import record_rating
from db.deployment.versions import active, version_of
from db.engine import connect
from db.schema import prepare
from deployment.bundle import Damaged
from deployment.deploying import Deployed, Order, Review, Workplace, deployed, reviewed
from deployment.gate import Gate
from deployment.live_data import ground_of, live_ground_of, with_live_ratings
from deployment.retraining import fitted_on, retraining_reviewed
from deployment.served import ServedModel
from deployment.switching import Refused, opened
from pipeline.dataset import Dataset
from pipeline.evaluation import evaluate
from pipeline.hyperparameters import Phase1
from pipeline.parameters import InvalidInput
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline
from project import ROOT

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPLIT = {"name": "per_user"}
ANY = Gate(accuracy_threshold=0.0, quality_margin=1.0, recommendation_ms=None)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load(Synthetic(users=30, movies=25, ratings=300), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'movies.db'}")
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def first(engine: Engine, dataset: Dataset, tmp_path: Path) -> Deployed:
    """A version without live ratings, active."""
    ground = ground_of(engine, dataset, PerUserTimeline(), SPLIT)
    return done(engine, reviewed(engine, ground, ANY, Phase1(genre_weight=0.6)), tmp_path, "deploy")


def done(engine: Engine, review: Review, tmp_path: Path, action: str) -> Deployed:
    order = Order(who="a test", why="to see", action=action)  # type: ignore[arg-type]
    return deployed(engine, review, order, Workplace(tmp_path / "outputs", "here", lambda process: False))


def retraining(engine: Engine, dataset: Dataset) -> Review:
    now = active(engine)
    assert now is not None
    version = version_of(engine, now.version)
    assert version is not None
    ground = live_ground_of(with_live_ratings(engine, dataset), PerUserTimeline(), SPLIT)
    return retraining_reviewed(engine, ground, ANY, version)


def rate(engine: Engine, user_id: str, movie_ids: list[str], rating: float = 1.0) -> None:
    for number, movie_id in enumerate(movie_ids):
        record_rating(engine, new_rating(user_id, movie_id, rating, 1), NOON + timedelta(minutes=number))


def all_movies(dataset: Dataset) -> list[str]:
    return [str(movie_id) for movie_id in dataset.movie_ids]


def test_what_came_in_is_joined_and_the_last_word_counts(
    engine: Engine, first: Deployed, dataset: Dataset
) -> None:
    movies = all_movies(dataset)
    rate(engine, "new", movies[:3], rating=0.2)
    record_rating(engine, new_rating("new", movies[0], 0.4, 1), NOON + timedelta(seconds=0.3))
    record_rating(engine, new_rating("new", movies[0], 0.1, 1), NOON + timedelta(seconds=0.6))
    record_rating(engine, new_rating("new", "unheard of", 1.0, 1), NOON)
    joined = with_live_ratings(engine, dataset)
    assert (joined.came_in.sum(), joined.n_left_out) == (3, 1)
    # At noon, and a minute and two minutes later.
    assert joined.dataset.ratings[joined.came_in].tolist() == [0.1, 0.2, 0.2]
    assert np.diff(joined.dataset.timestamps[joined.came_in]).tolist() == [60, 60]


def test_a_retrained_version_knows_who_came_since(
    engine: Engine, first: Deployed, dataset: Dataset, tmp_path: Path
) -> None:
    movies = all_movies(dataset)
    rate(engine, "new", movies[:10])
    found = done(engine, retraining(engine, dataset), tmp_path, "retrain")
    version = found.version
    assert (version.action, version.status, version.n_live_ratings) == ("retrain", "ready", 10)
    assert version.n_ratings == dataset.n_ratings + 10
    assert version.parent_version == first.version.version
    assert version.hyperparameters == first.version.hyperparameters
    assert found.activation is not None
    assert (found.activation.action, found.activation.to_version) == ("retrain", version.version)

    old, new = (ServedModel(b.model, b.catalogue) for b in map(opened, (first.version, version)))
    assert (old.knows("new"), new.knows("new")) == (False, True)
    assert set(movies[:10]).isdisjoint(one.movie_id for one in new.recommended("new", 25))


def test_the_active_version_is_measured_as_it_stands_without_the_new_ratings(
    engine: Engine, first: Deployed, dataset: Dataset
) -> None:
    rate(engine, "new", all_movies(dataset)[:10])
    review = retraining(engine, dataset)
    assert review.rival is not None
    # Six of the ten train, two validate, two test: beside them the new user has nothing that the rival knows.
    new = review.ground.problem.dataset.user_ids.tolist().index("new")
    assert review.candidate.test.per_user.fitted[new] == 8
    assert review.rival.test.fitted[new] == 0
    assert review.rival.test.ratings[new].sum() == 2
    # All others are held against the same ratings of theirs, learnt from by both.
    others = np.arange(len(review.rival.test.fitted)) != new
    for name in ("ratings", "fitted"):
        of_both = (getattr(of, name)[others] for of in (review.candidate.test.per_user, review.rival.test))
        np.testing.assert_array_equal(*of_both)


def test_with_the_new_ratings_it_would_be_the_candidate_itself(
    engine: Engine, first: Deployed, dataset: Dataset
) -> None:
    rate(engine, "new", all_movies(dataset)[:10])
    review = retraining(engine, dataset)
    expected = evaluate(review.ground.problem, review.candidate.hyperparameters)
    assert_same_bits(review.candidate.test.per_user, expected.test.per_user)
    assert review.rival is not None
    assert not np.array_equal(review.rival.test.ranking, expected.test.per_user.ranking)


def test_where_nothing_came_in_nothing_changes_and_the_gate_says_so(
    engine: Engine, first: Deployed, dataset: Dataset, tmp_path: Path
) -> None:
    review = retraining(engine, dataset)
    assert [rule.name for rule in review.verdict.refusals] == ["something changes"]
    with pytest.raises(Refused, match="something changes"):
        done(engine, review, tmp_path, "retrain")
    now = active(engine)
    assert now is not None
    assert (now.version, now.rev) == (first.version.version, 1)


def test_new_ratings_are_no_other_data(engine: Engine, first: Deployed, dataset: Dataset) -> None:
    rate(engine, "new", all_movies(dataset)[:10])
    rules = {rule.name: rule for rule in retraining(engine, dataset).verdict.rules}
    assert rules["same data"].passed
    assert rules["something changes"].passed


def test_a_deployment_measures_as_experiments_were_and_answers_with_what_came_in(
    engine: Engine, first: Deployed, dataset: Dataset, tmp_path: Path
) -> None:
    rate(engine, "new", all_movies(dataset)[:10])
    ground = ground_of(engine, dataset, PerUserTimeline(), SPLIT)
    assert ground.fingerprint == dataset.fingerprint
    found = done(engine, reviewed(engine, ground, ANY, Phase1(genre_weight=0.1)), tmp_path, "deploy").version
    assert (found.data_fingerprint, found.problem_key) == (dataset.fingerprint, first.version.problem_key)
    assert (found.n_ratings, found.n_live_ratings) == (dataset.n_ratings + 10, 10)
    bundle = opened(found)
    assert ServedModel(bundle.model, bundle.catalogue).knows("new")


def test_a_second_retraining_grows_from_the_first(
    engine: Engine, first: Deployed, dataset: Dataset, tmp_path: Path
) -> None:
    movies = all_movies(dataset)
    rate(engine, "new", movies[:10])
    once = done(engine, retraining(engine, dataset), tmp_path, "retrain")
    rate(engine, "newer", movies[:5])
    again = retraining(engine, dataset)
    known = fitted_on(opened(once.version), again.ground.problem.dataset)
    assert (known.sum(), len(known)) == (dataset.n_ratings + 10, dataset.n_ratings + 15)
    assert done(engine, again, tmp_path, "retrain").version.n_live_ratings == 15


def test_the_experiment_that_found_the_configuration_is_still_named(
    engine: Engine, first: Deployed, dataset: Dataset
) -> None:
    rate(engine, "new", all_movies(dataset)[:10])
    ground = live_ground_of(with_live_ratings(engine, dataset), PerUserTimeline(), SPLIT)
    found = dataclasses.replace(first.version, experiment_id="grid_20260301_120000_007")
    assert retraining_reviewed(engine, ground, ANY, found).candidate.experiment_id == found.experiment_id


def test_data_that_lack_what_the_version_was_fitted_on_are_refused(
    engine: Engine, first: Deployed, dataset: Dataset
) -> None:
    fewer = dataclasses.replace(
        dataset,
        users=dataset.users[7:],
        movies=dataset.movies[7:],
        ratings=dataset.ratings[7:],
        timestamps=dataset.timestamps[7:],
    )
    with pytest.raises(InvalidInput, match=r"^data must hold .* 7 of its 300 ratings are not in synthetic$"):
        retraining(engine, fewer)


def test_a_damaged_version_is_not_fitted_again(engine: Engine, first: Deployed, dataset: Dataset) -> None:
    assert first.version.artifact_path is not None
    (ROOT / first.version.artifact_path / "model.npz").write_bytes(b"no model")
    with pytest.raises(Damaged, match=r"model\.npz"):
        retraining(engine, dataset)
