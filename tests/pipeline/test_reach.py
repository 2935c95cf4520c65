"""What is said of a hyperparameter is so: it is moved on data that lack what it needs, and on others."""

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from bare_data import TAKEN, whole
from scipy import sparse
from tiny_data import tiny

from pipeline.audit.counted import Counted
from pipeline.dataset import Dataset
from pipeline.evaluation import Evaluation, Problem, evaluate
from pipeline.histories import recent
from pipeline.hyperparameters import MODELS, Phase1, Phase3
from pipeline.metrics import Measurement
from pipeline.needs import NEEDS
from pipeline.parameters import parameters
from pipeline.reach import BY_NUMBER, CAN, CANNOT, IDLE, OF_POLICY, SCALES, Reach, reaches
from pipeline.recommender import Recommender
from pipeline.sensitivity import effect
from pipeline.sequences import next_weights
from pipeline.split import PerUserTimeline, split_ratings

GENRE = [f"genre_{part}_{level}" for part in ("boost", "threshold") for level in ("high", "medium", "low")]
CAST = [f"cast_{role}_weight" for role in ("lead", "supporting", "background")]
CAST += ["cast_lead_threshold", "cast_supporting_threshold"]
PREFERENCE = ["user_preference_weight", "preference_half_life_days"]
NEXT = ["sequence_weight", "sequence_half_life", "popularity_discount"]
DRIFT = ["taste_drift_variance", "taste_drift_half_life"]
VARIANCES = [f"taste_{what}_variance" for what in ("level", "genre", "era", "neighbour")]
VARIANCES += [*DRIFT, "movie_level_variance", "movie_neighbour_variance", "pattern_weight", "calibration"]
# What cannot matter without it, what only scales the others then, what goes by movie ids.
LOST: dict[str, tuple[list[str], list[str], list[str]]] = {
    "genres": ([*GENRE, *PREFERENCE, "taste_genre_variance"], ["genre_weight"], []),
    "casts": (CAST, ["cast_weight"], []),
    "franchises": (["franchise_depth_scale"], ["franchise_weight"], []),
    "sequels": (["franchise_depth_scale"], [], []),
    "years": (["taste_era_variance"], [], []),
    "order": (
        ["preference_half_life_days"],
        [],
        ["collaborative_half_life", "sequence_weight", "sequence_half_life", *DRIFT],
    ),
    "levels": (["rating_prediction_alpha", *PREFERENCE, *VARIANCES], ["popularity_rating_weight"], []),
    "opinions": (PREFERENCE, [], []),
    "likes": (
        ["collaborative_regularization", "collaborative_half_life", *NEXT],
        ["collaborative_weight"],
        [],
    ),
    "pairs": (["collaborative_regularization", "collaborative_half_life"], [], []),
}
PARTS = ("genre", "cast", "franchise", "rating", "popularity")
# Ends that go together with what is shipped, where those of the bounds do not.
ENDS: dict[str, tuple[Any, Any]] = {
    "genre_threshold_low": (0.0, 0.5),
    "genre_threshold_medium": (0.3, 0.7),
    "genre_threshold_high": (0.5, 1.0),
    "cast_lead_threshold": (0, 8),
    "cast_supporting_threshold": (5, 9),
    "calibration": ("none", "isotonic"),
}


@cache
def data_without(taken: str) -> Dataset:
    data = whole()
    return data if taken == "nothing" else TAKEN[taken](data)


@cache
def measured(taken: str, hyperparameters: Phase1) -> Evaluation:
    data = data_without(taken)
    return evaluate(Problem(data, split_ratings(data, PerUserTimeline())), hyperparameters)


def in_reach(data: Dataset, center: Phase1) -> dict[str, Reach]:
    return {reach.name: reach for reach in reaches(Counted(data), center)}


def center_of(model: type[Phase1]) -> Phase1:
    """Give each part of a model a say; as shipped no cast of the data is long enough for all three roles."""
    values: dict[str, Any] = {"cast_lead_threshold": 3, "cast_supporting_threshold": 7}
    if model is not Phase1:
        values |= {"franchise_depth_scale": 2.0, "franchise_weight": 0.2, "rating_prediction_weight": 0.5}
    if model is Phase3:
        values |= {"collaborative_weight": 0.5}
    return model(**values)


def moved(center: Phase1, name: str) -> Iterator[Phase1]:
    """Move one hyperparameter to both of its ends."""
    spec = parameters(type(center))[name]
    for value in ENDS.get(name, (spec.low, spec.high)):
        yield dataclasses.replace(center, **{name: spec.cast(value)})


def does_nothing(taken: str, one: Phase1, other: Phase1) -> bool:
    return all(
        _is_same(*(getattr(measured(taken, each), part) for each in (one, other)))
        for part in ("validation", "test")
    )


def _is_same(one: Measurement, other: Measurement) -> bool:
    """Compare all rankings, and all metrics but for the last digits of a float."""
    return one.metrics == pytest.approx(other.metrics, abs=1e-9) and not effect(one, other).users_changed


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("taken", LOST)
def test_what_is_said_to_be_lost_is_what_needs_it(taken: str, model: str) -> None:
    center = center_of(MODELS[model])
    found = in_reach(data_without(taken), center)
    lost = dict(zip((CANNOT, SCALES, BY_NUMBER), LOST[taken], strict=True))
    expected = {name: verdict for verdict, names in lost.items() for name in names if name in found}
    others = {name: reach.verdict for name, reach in found.items() if name not in expected}
    assert {name: found[name].verdict for name in expected} == expected
    assert others == {name: OF_POLICY if name == "accuracy_threshold" else CAN for name in others}
    assert all(bool(reach.why) == (reach.verdict != CAN) for reach in found.values())


@pytest.mark.parametrize(
    ("taken", "name"), [(taken, name) for taken, (names, *_) in LOST.items() for name in names]
)
def test_what_cannot_matter_changes_no_metric_and_no_ranking(taken: str, name: str) -> None:
    models = [model for model in MODELS.values() if name in parameters(model)]
    for model in models:
        assert does_nothing(taken, *moved(center_of(model), name)), model


@pytest.mark.parametrize("model", MODELS)
def test_on_whole_data_each_does_something(model: str) -> None:
    center = center_of(MODELS[model])
    found = in_reach(data_without("nothing"), center)
    assert {reach.verdict for reach in found.values()} == {CAN, OF_POLICY}
    idle = [name for name in found if does_nothing("nothing", *moved(center, name))]
    assert idle == ["accuracy_threshold"]


@pytest.mark.parametrize(
    ("taken", "name", "part", "level"),
    [
        ("genres", "genre_weight", "genre", 0.5),
        ("casts", "cast_weight", "cast", 0.0),
        ("franchises", "franchise_weight", "franchise", 0.0),
    ],
)
def test_a_weight_of_what_is_missing_adds_the_same_everywhere_and_shrinks_the_others(
    taken: str, name: str, part: str, level: float
) -> None:
    data, users = data_without(taken), np.arange(20)
    train = split_ratings(data, PerUserTimeline()).train
    parts = {}
    for weight in (0.0, 1.0):
        used = Phase1(**{name: weight}).normalised()
        shares = dict(zip(PARTS, (getattr(used, f"{each}_weight") for each in PARTS), strict=True))
        found = Recommender(used).fit(data, train).parts(users)
        assert found[part] == pytest.approx(level * shares[part])
        parts[weight] = {each: found[each] / shares[each] for each in PARTS if each != part}
    for each, values in parts[0.0].items():
        assert values == pytest.approx(parts[1.0][each])


def test_where_all_ratings_are_equal_the_mean_rating_adds_the_same_to_every_popularity() -> None:
    data = data_without("levels")
    model = Recommender(Phase1()).fit(data, split_ratings(data, PerUserTimeline()).train)
    assert model.features.mean_rating == pytest.approx(0.8)


def test_where_nobody_likes_anything_collaborative_parts_add_nothing() -> None:
    data = data_without("likes")
    parts = Recommender(Phase3()).fit(data, split_ratings(data, PerUserTimeline()).train).parts(np.arange(20))
    assert not parts["liked_together"].any()
    assert not parts["liked_next"].any()


def test_without_times_what_comes_next_is_what_has_the_higher_number() -> None:
    """Which is why nothing that goes by the order is worth its figures there."""
    data = data_without("order")
    train = split_ratings(data, PerUserTimeline()).train
    after = next_weights(data, train, 14.0, 0.6)
    assert not np.tril(after).any()
    assert np.triu(after, 1).any()
    weights = recent(data, train, 5.0, only_liked=False)[[0]]
    assert (np.diff(weights.data) > 0).all()
    assert (np.diff(weights.indices) > 0).all()
    timed = data_without("nothing")
    assert np.tril(next_weights(timed, split_ratings(timed, PerUserTimeline()).train, 14.0, 0.6)).any()


def test_a_calibration_needs_a_hundred_ratings_that_are_foretold() -> None:
    few, enough = whole(users=24, movies=30, ratings=384), whole(users=24, movies=30, ratings=500)
    assert int((np.bincount(few.users) // 4).sum()) < 100 <= int((np.bincount(enough.users) // 4).sum())
    verdicts = [in_reach(data, Phase3())["calibration"].verdict for data in (few, enough)]
    assert verdicts == [CANNOT, CAN]
    split = Problem(few, split_ratings(few, PerUserTimeline()))
    one, other = (evaluate(split, Phase3(calibration=each)) for each in ("none", "isotonic"))
    assert _is_same(one.validation, other.validation)
    assert _is_same(one.test, other.test)


LONGEST = 9  # cast of the data


@pytest.mark.parametrize(
    ("changed", "idle"),
    [
        ({}, {"cast_supporting_threshold", "cast_background_weight"}),
        ({"cast_supporting_threshold": LONGEST - 1}, set()),
        ({"cast_supporting_threshold": LONGEST}, {"cast_supporting_threshold", "cast_background_weight"}),
        (
            {"cast_lead_threshold": LONGEST},
            {*CAST} - {"cast_lead_weight"},
        ),
        ({"cast_lead_threshold": 7, "cast_supporting_threshold": 7}, {"cast_supporting_weight"}),
        ({"cast_lead_threshold": 0, "cast_supporting_threshold": 7}, {"cast_lead_weight"}),
    ],
)
def test_a_threshold_beyond_the_longest_cast_leaves_roles_empty(
    changed: dict[str, int], idle: set[str]
) -> None:
    data, center = data_without("nothing"), Phase1(**changed)
    assert int(data.billing.data.max()) == LONGEST
    found = {name: reach for name, reach in in_reach(data, center).items() if reach.verdict == IDLE}
    assert set(found) == idle
    for name in idle:
        values = (LONGEST, LONGEST + 5) if name.endswith("threshold") else (0.1, 0.9)
        both = {"cast_supporting_threshold": 40} if name == "cast_lead_threshold" else {}
        assert does_nothing("nothing", *(dataclasses.replace(center, **both, **{name: v}) for v in values))


def test_why_is_said_in_the_words_of_the_data() -> None:
    found = in_reach(data_without("casts"), Phase1())
    assert found["cast_lead_threshold"].why == "no movie has a cast"
    whole_data = in_reach(data_without("nothing"), Phase1())
    assert whole_data["cast_supporting_threshold"].why == (
        "from 9 on all its values are one: no cast is longer than 9"
    )


def test_a_cast_that_nobody_shares_is_as_good_as_none() -> None:
    data = whole(users=20, movies=30, ratings=300)
    own = sparse.csr_array(np.diag(np.arange(1, 31) * 0 + 1))
    found = in_reach(dataclasses.replace(data, billing=own), Phase1())["cast_weight"]
    assert (found.verdict, found.why) == (SCALES, "no rated movie shares an actor with another")


def test_genres_franchises_and_years_of_movies_that_nobody_rated_are_as_good_as_none() -> None:
    rated = tiny([(0, 0, 5, 1), (0, 1, 1, 2)], genres=["", "", "a", "a"], franchises=[-1, -1, 0, 0])
    found = in_reach(dataclasses.replace(rated, years=np.array([0, 0, 1990, 1990], np.int32)), Phase3())
    verdicts = {
        name: found[name].verdict for name in ("genre_weight", "franchise_weight", "taste_era_variance")
    }
    assert list(verdicts.values()) == [SCALES, SCALES, CANNOT]


@pytest.mark.parametrize("model", MODELS.values())
def test_every_need_is_known(model: type[Phase1]) -> None:
    needed = {need for spec in parameters(model).values() for need in spec.needs}
    assert needed <= set(NEEDS)
    assert model is not Phase3 or needed == set(NEEDS)
