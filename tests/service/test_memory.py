"""What is remembered of users is bounded, and never out of date."""

from service_samples import Place, dataset

from db.deployment.answers import NewRating
from db.deployment.live_ratings import record_rating
from service.rated import RatedSince
from service.recent import Recent

MOVIE, OTHER = (str(movie_id) for movie_id in dataset().movie_ids[:2])


def rate(here: Place, user_id: str, movie_id: str) -> None:
    new = NewRating(
        user_id=user_id, movie_id=movie_id, rating=0.8, version=1, expected=None, answered=None, position=None
    )
    record_rating(here.engine, new)


def test_the_longest_unseen_is_forgotten() -> None:
    recent = Recent(2, ["a", "b"])
    recent.add("a")
    recent.add("c")
    assert recent.latest() == ("c", "a")
    assert ("b" in recent, len(recent)) == (False, 2)


def test_a_rating_by_way_of_this_process_is_seen_at_once(here: Place) -> None:
    here.active()
    rated = RatedSince(here.engine, 10)
    assert (rated.known("u"), rated.of("u"), rated.known("u")) == (None, frozenset(), frozenset())
    rate(here, "u", MOVIE)
    assert rated.of("u") == frozenset()
    rated.forget("u")
    assert rated.of("u") == {MOVIE}


def test_a_rating_by_way_of_another_is_seen_at_the_next_look(here: Place) -> None:
    here.active()
    rate(here, "u", MOVIE)
    rated = RatedSince(here.engine, 10)
    rated.follow()
    assert (rated.of("u"), rated.of("v")) == ({MOVIE}, frozenset())
    rate(here, "u", OTHER)
    rated.follow()
    assert (rated.of("u"), rated.known("v")) == ({MOVIE, OTHER}, frozenset())


def test_only_so_many_are_remembered(here: Place) -> None:
    rated = RatedSince(here.engine, 2)
    for user_id in "abc":
        rated.of(user_id)
    assert [rated.known(user_id) is None for user_id in "abc"] == [True, False, False]
