"""A replay foretells what was held out as the evaluation does, and is judged as a live test is."""

import dataclasses
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from sqlalchemy import Engine
from two_versions import CHALLENGER, CHAMPION, problem, record_in

from db.deployment.ab_tests import ab_tests, exposed, running_test
from db.deployment.versions import active
from deployment.ab_testing.judgement import judgement_of
from deployment.ab_testing.lifecycle import standing, start
from deployment.ab_testing.plan import Plan, PlanSettings
from deployment.ab_testing.replay import hits, replayed, simulate
from pipeline.evaluation import Problem, measure
from pipeline.fitted import FittedRecommender
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings

PLAN = Plan(planned_users=600)


@cache
def crowd() -> Problem:
    """Users enough to tell two versions apart of which one hardly foretells anything."""
    with TemporaryDirectory() as cache:
        dataset = load(Synthetic(users=300, movies=60, ratings=6_000, seed=2), Path(cache))
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


@cache
def fitted(good: bool) -> FittedRecommender:
    """Fit one whose score is the user's own level, or one that adds to it what nobody rates by."""
    level = Phase1(rating_weight=0.9, genre_weight=0.1)
    used = level if good else dataclasses.replace(level, genre_boost_low=-1.0, genre_boost_high=1.0)
    return Recommender(used).fit(crowd().dataset, crowd().train_and_validation)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Engine]:
    engine = record_in(tmp_path)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("model", MODELS)
def test_hits_are_those_of_the_evaluation(model: str) -> None:
    part = problem().test
    version = Recommender(MODELS[model]()).fit(problem().dataset, problem().train_and_validation)
    assert hits(version, part).mean() == measure(version, part).metrics["accuracy"]


def test_a_better_version_is_found_and_the_finding_called_an_offline_replay() -> None:
    found = replayed(crowd(), fitted(good=False), fitted(good=True), PLAN)
    assert found.label == "offline replay"
    assert found.judgement.verdict == "challenger_better"
    assert all(look.reason.startswith("offline replay: ") for look in found.looks)
    other = replayed(crowd(), fitted(good=True), fitted(good=False), PLAN)
    assert other.judgement.verdict == "champion_better"


def test_a_version_is_not_better_than_itself() -> None:
    found = replayed(crowd(), fitted(good=True), fitted(good=True), PLAN)
    assert {look.verdict for look in found.looks[:-1]} == {"collecting"}
    assert found.judgement.verdict == "no_difference_shown"
    assert {look.accuracy.difference for look in found.looks} == {0.0}


def test_ratings_come_in_the_order_of_time_until_all_are_there() -> None:
    found, part = replayed(crowd(), fitted(good=True), fitted(good=False), PLAN), crowd().test
    assert len(found.looks) == 28
    for earlier, later in pairwise(found.looks):
        assert earlier.elapsed_days <= later.elapsed_days
        assert earlier.exposed_champion <= later.exposed_champion
    assert (
        found.judgement.exposed_champion == found.judgement.exposed_challenger == len(np.unique(part.users))
    )
    found_hits = hits(fitted(good=True), part)
    by_user = [found_hits[part.users == user].mean() for user in np.unique(part.users)]
    assert found.judgement.accuracy.champion == pytest.approx(np.mean(by_user))


def test_what_a_replay_cannot_know_is_not_judged() -> None:
    found = replayed(crowd(), fitted(good=False), fitted(good=True), PLAN).judgement
    assert found.guardrails == ()
    assert "guardrail" not in found.reason
    assert found.sample_ratio_p == 1.0


def test_a_replay_is_recorded_as_one_beside_the_live_test_and_exposes_nobody(record: Engine) -> None:
    live = start(record, name="taste", challenger=CHALLENGER, settings=PlanSettings(), who="a test")
    found, replay = simulate(
        record, problem(), champion=CHAMPION, challenger=CHALLENGER, settings=PlanSettings(), who="a test"
    )
    assert (found.label, found.test.source) == ("offline replay", "offline_replay")
    assert (found.test.name, found.test.stop_reason) == (
        "offline replay of versions 1 and 2",
        "offline replay",
    )
    assert (found.test.status, found.test.verdict) == ("decided", "no_difference_shown")
    assert found.judgement == replay.judgement == judgement_of(found.test.judgement or {})
    assert standing(record, found.test).plan == replay.plan
    assert exposed(record, found.test.ab_test_id) == ()
    assert running_test(record) == live.test
    assert len(ab_tests(record)) == 2
    assert active(record) == (CHAMPION, 1)


def test_a_version_is_not_replayed_against_itself(record: Engine) -> None:
    with pytest.raises(InvalidInput, match=r"ab_test\.challenger must be another version than the champion"):
        simulate(record, problem(), champion=2, challenger=2, settings=PlanSettings(), who="a test")
    assert ab_tests(record) == ()
