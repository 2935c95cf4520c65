"""Ratings that came in: what counts as a forecast, what a day adds up to, what a test gets of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from deployment_samples import new_rating, new_test, ready
from sqlalchemy import Engine

from db.deployment.ab_tests import (
    AlreadyRunning,
    NotActive,
    ab_tests,
    expose,
    exposed,
    exposed_users,
    running_test,
    start_test,
)
from db.deployment.live_ratings import (
    daily_performance,
    live_ratings,
    movies_rated,
    performance,
    performances,
    raters_since,
    record_rating,
)
from db.deployment.versions import switch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def two_versions(engine: Engine) -> tuple[int, int]:
    """Record two versions, the first of which is active."""
    champion, challenger = ready(engine), ready(engine)
    switch(engine, champion, action="deploy", who="a test", why="it is the first")
    return champion, challenger


def test_a_rating_is_a_hit_where_the_answer_is_within_a_fifth(engine: Engine) -> None:
    version = ready(engine)
    for movie, rating in (("a", 0.9), ("b", 0.5), ("c", 0.4), ("d", 1.0)):
        record_rating(engine, new_rating("u", movie, rating, version), NOON)
    found = performance(engine, version)
    # Answered 0.7: 0.9 and 0.5 are within 0.2, 0.4 and 1.0 are not. Expected 0.6: off by 0.3, 0.1, 0.2, 0.4.
    assert (found.samples, found.accuracy) == (4, 0.5)
    assert found.mae == pytest.approx(0.25)
    assert found.rmse == pytest.approx((0.30 / 4) ** 0.5)


def test_what_a_user_has_rated_before_is_no_forecast(engine: Engine) -> None:
    version = ready(engine)
    first = record_rating(engine, new_rating("u", "a", 0.8, version))
    again = record_rating(engine, new_rating("u", "a", 0.2, version))
    assert (first.answered, again.answered) == (0.7, None)
    assert performance(engine, version).samples == 1
    assert movies_rated(engine, "u") == {"a"}
    assert [row.rating for row in live_ratings(engine)] == [0.8, 0.2]


def test_what_the_version_could_not_foretell_does_not_count(engine: Engine) -> None:
    version = ready(engine)
    record_rating(engine, new_rating("u", "a", 0.8, version, expected=None, answered=None))
    assert performance(engine, version).samples == 0
    assert performance(engine, version).accuracy is None


def test_days_are_those_of_utc_and_versions_are_kept_apart(engine: Engine) -> None:
    old, new = ready(engine), ready(engine)
    record_rating(engine, new_rating("u", "a", 0.8, old), NOON)
    record_rating(engine, new_rating("u", "b", 0.8, new), NOON + timedelta(hours=13))
    record_rating(engine, new_rating("u", "c", 0.1, new), NOON + timedelta(hours=13))
    days = [(day.version, day.day, day.samples, day.accuracy) for day in daily_performance(engine)]
    assert days == [(old, date(2026, 3, 1), 1, 1.0), (new, date(2026, 3, 2), 2, 0.5)]
    assert performance(engine, old, since=date(2026, 3, 2)).samples == 0
    assert [day.version for day in daily_performance(engine, old)] == [old]
    assert [day.version for day in daily_performance(engine, since=date(2026, 3, 2))] == [new]
    assert performances(engine, [old, new, 99]) == {
        old: performance(engine, old),
        new: performance(engine, new),
    }


def test_one_live_test_runs_at_a_time_and_replays_do_not_count(engine: Engine) -> None:
    champion, challenger = two_versions(engine)
    assert running_test(engine) is None
    with pytest.raises(NotActive, match=f"the active version, {champion}; got {challenger}"):
        start_test(engine, new_test(challenger, champion))
    start_test(engine, new_test(champion, challenger, source="offline_replay", salt="replay"))
    test = start_test(engine, new_test(champion, challenger))
    with pytest.raises(AlreadyRunning):
        start_test(engine, new_test(champion, challenger, salt="another"))
    assert running_test(engine) == test
    assert len(ab_tests(engine)) == 2
    assert ab_tests(engine, limit=1) == (test,)


def test_a_user_is_exposed_once_and_keeps_the_arm(engine: Engine) -> None:
    champion, challenger = two_versions(engine)
    test = start_test(engine, new_test(champion, challenger)).ab_test_id
    assert expose(engine, test, "u", arm="challenger", version=challenger, latency_ms=2.0)
    assert not expose(engine, test, "u", arm="champion", version=champion, latency_ms=9.0)
    assert exposed_users(engine, test) == {"u"}
    (one,) = exposed(engine, test)
    assert (one.arm, one.latency_ms, one.ratings, one.rating_of_recommended) == ("challenger", 2.0, 0, None)


def test_a_test_gets_what_its_users_rate_after_they_were_exposed(engine: Engine) -> None:
    champion, challenger = two_versions(engine)
    test = start_test(engine, new_test(champion, challenger)).ab_test_id
    record_rating(engine, new_rating("u", "a", 0.8, champion, ab_test_id=test))
    expose(engine, test, "u", arm="champion", version=champion, latency_ms=1.0)
    record_rating(engine, new_rating("u", "b", 0.8, champion, ab_test_id=test, position=3))
    record_rating(engine, new_rating("u", "c", 0.2, champion, ab_test_id=test))
    record_rating(engine, new_rating("u", "a", 0.9, champion, ab_test_id=test, position=1))
    record_rating(engine, new_rating("stranger", "b", 0.8, champion, ab_test_id=test))
    (one,) = exposed(engine, test)
    assert (one.ratings, one.forecasts, one.hits, one.recommended) == (3, 2, 1, 2)
    assert one.rating_of_recommended == pytest.approx(0.85)


def test_who_rated_since_is_named_once_and_nobody_before_the_first(engine: Engine) -> None:
    assert raters_since(engine, None) == raters_since(engine, 0) == (0, frozenset())
    version = ready(engine)
    ids = [record_rating(engine, new_rating(user, "a", 0.8, version)).id for user in ("u", "v")]
    record_rating(engine, new_rating("v", "b", 0.8, version))
    latest, users = raters_since(engine, ids[0])
    assert (latest > ids[1], users) == (True, {"v"})
    assert raters_since(engine, 0) == (latest, {"u", "v"})
    assert raters_since(engine, latest) == raters_since(engine, None) == (latest, frozenset())
