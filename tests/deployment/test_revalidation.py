"""Is another fit due? Live figures that can be counted by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from deployment_samples import new_rating, ready
from scipy.stats import binomtest
from sqlalchemy import Engine

from db.deployment.live_ratings import record_rating
from db.deployment.versions import switch
from db.engine import connect
from db.schema import prepare
from deployment.revalidation import Policy, revalidation, wilson
from pipeline.parameters import InvalidInput, read
from project import CONF

TODAY = date(2026, 3, 31)
FEW = Policy(minimum_samples=4)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path / 'movies.db'}")
    prepare(engine)
    yield engine
    engine.dispose()


def activated(engine: Engine, threshold: float = 0.7) -> int:
    version = ready(engine, hyperparameters={"accuracy_threshold": threshold})
    switch(engine, version, action="deploy", who="a test", why="to be looked at")
    return version


def rated(engine: Engine, version: int, hits: int, misses: int, days_ago: int = 0) -> None:
    """Let users rate movies that were answered with 0.7: 0.8 is a hit, 0.2 a miss."""
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC) - timedelta(days=days_ago)
    for number, rating in enumerate([0.8] * hits + [0.2] * misses):
        record_rating(engine, new_rating(f"u{days_ago}", str(number), rating, version), noon)


def test_live_accuracy_below_the_threshold_asks_for_another_fit(engine: Engine) -> None:
    rated(engine, version := activated(engine), hits=2, misses=2)
    found = revalidation(engine, FEW, TODAY)
    assert (found.should_retrain, found.version, found.samples) == (True, version, 4)
    assert (found.accuracy, found.threshold) == (0.5, 0.7)
    assert found.reason == (
        "live accuracy 0.5000 [0.1500, 0.8500] of 4 rated forecasts in 30 days is below 0.7, "
        "though the interval reaches it"
    )


def test_a_share_that_is_surely_too_low_is_said_to_be(engine: Engine) -> None:
    rated(engine, activated(engine), hits=0, misses=9)
    found = revalidation(engine, FEW, TODAY)
    assert found.should_retrain
    assert found.reason.endswith("of 9 rated forecasts in 30 days is below 0.7")


def test_an_accuracy_that_is_just_enough_asks_for_nothing(engine: Engine) -> None:
    rated(engine, activated(engine, threshold=0.75), hits=3, misses=1)
    found = revalidation(engine, FEW, TODAY)
    assert not found.should_retrain
    assert found.reason.endswith("is not below 0.75")


def test_too_few_ratings_are_no_reason_however_bad(engine: Engine) -> None:
    rated(engine, activated(engine), hits=0, misses=3)
    found = revalidation(engine, FEW, TODAY)
    assert (found.should_retrain, found.samples, found.accuracy) == (False, 3, 0.0)
    assert found.reason == "3 rated forecasts in 30 days are too few to conclude anything, 4 are needed"


def test_a_version_that_nobody_rated_has_no_accuracy(engine: Engine) -> None:
    activated(engine)
    found = revalidation(engine, Policy(minimum_samples=1), TODAY)
    assert (found.should_retrain, found.samples, found.accuracy, found.interval) == (False, 0, None, None)


def test_without_an_active_version_there_is_nothing_to_fit_again(engine: Engine) -> None:
    found = revalidation(engine, FEW, TODAY)
    assert (found.should_retrain, found.version, found.threshold) == (False, None, None)
    assert found.reason == "no version is active yet"


def test_the_threshold_of_the_policy_goes_before_that_of_the_version(engine: Engine) -> None:
    rated(engine, activated(engine, threshold=0.2), hits=2, misses=2)
    assert not revalidation(engine, FEW, TODAY).should_retrain
    strict = Policy(minimum_samples=4, accuracy_threshold=0.6)
    assert revalidation(engine, strict, TODAY).should_retrain


def test_the_window_ends_today_and_has_as_many_days_as_it_says(engine: Engine) -> None:
    version = activated(engine)
    for days_ago in (0, 1, 2):
        rated(engine, version, hits=1, misses=0, days_ago=days_ago)
    for days, samples in ((1, 1), (2, 2), (3, 3), (30, 3)):
        assert revalidation(engine, Policy(window_days=days), TODAY).samples == samples


def test_what_other_versions_were_worth_does_not_count(engine: Engine) -> None:
    rated(engine, activated(engine), hits=0, misses=9)
    activated(engine)
    assert revalidation(engine, FEW, TODAY).samples == 0


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (3, 4), (0, 500), (70, 100), (999, 1000)])
def test_the_interval_is_that_of_scipy(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_shipped_policy_is_the_default() -> None:
    shipped = yaml.safe_load((CONF / "revalidation" / "standard.yaml").read_text(encoding="utf-8"))
    assert read(Policy, shipped, "revalidation.") == Policy()


def test_every_problem_of_a_policy_is_named() -> None:
    wrong = {"window_days": 0, "accuracy_threshold": 2, "minimum_samples": "many"}
    with pytest.raises(InvalidInput) as refused:
        read(Policy, wrong, "revalidation.")
    assert [line.split()[0] for line in refused.value.problems] == [f"revalidation.{name}" for name in wrong]
