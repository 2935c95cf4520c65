"""What answers users: the model's own order, in ids and words; known users, newcomers, bounds, threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gate_samples import ground, served, write
from hypothesis import given, settings
from hypothesis import strategies as st

from deployment import served as module
from deployment.bundle import open_bundle
from deployment.reasons import WORDS, reasons_of
from deployment.served import ServedModel
from pipeline.fitted import DIGITS
from pipeline.hyperparameters import MODELS

USERS = [*map(str, ground().problem.dataset.user_ids), "nobody"]
MOVIES = [*map(str, ground().problem.dataset.movie_ids)]


def index_of(user_id: str) -> int:
    return USERS.index(user_id)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_recommended_is_what_the_model_recommends_in_its_order(model: str) -> None:
    answering = served(model)
    for user_id in USERS:
        expected = answering.model.recommend(index_of(user_id), 10)
        found = answering.recommended(user_id, 10)
        assert [one.movie_id for one in found] == [MOVIES[one.movie] for one in expected]
        assert [one.score for one in found] == [one.score for one in expected]
        for told, of_model in zip(found, expected, strict=True):
            assert {r.part: r.points for r in told.reasons} == {k: v for k, v in of_model.parts.items() if v}


@pytest.mark.parametrize("model", MODELS)
def test_reasons_add_up_and_the_largest_stands_first(model: str) -> None:
    for one in served(model).recommended(USERS[3], 5):
        points = [reason.points for reason in one.reasons]
        assert points == sorted(points, reverse=True)
        assert min(max(sum(points), 0), 1) == pytest.approx(one.score, abs=1e-5)


def test_every_part_of_every_model_has_its_words() -> None:
    for model in MODELS:
        assert set(served(model).model.parts(np.array([0]))) <= set(WORDS)


def test_words_say_whether_a_part_speaks_for_a_movie_and_to_whom_nothing_is_known() -> None:
    told = reasons_of({"genre_boost": -0.2, "liked_next": 0.3, "cast": 0.0}, known=True)
    assert [(reason.part, reason.words) for reason in told] == [
        ("liked_next", "often liked after what you rated last"),
        ("genre_boost", "far from the genres you like"),
    ]
    told = reasons_of({"genre": 0.2}, known=False)
    assert [reason.words for reason in told] == ["genres, before your taste is known"]


def test_titles_years_and_stars_are_those_of_the_source() -> None:
    dataset = ground().problem.dataset
    for one in served("phase3").recommended(USERS[0], 25):
        movie = MOVIES.index(one.movie_id)
        assert one.title == dataset.titles[movie]
        assert one.year == (int(dataset.years[movie]) or None)
        assert 0 <= one.predicted_stars <= dataset.stars


def test_the_stars_are_what_is_expected_and_not_what_ranks() -> None:
    answering = served("phase3")
    for one in answering.recommended(USERS[0], 5):
        prediction = answering.predicted(USERS[0], one.movie_id)
        assert prediction is not None
        assert one.predicted_stars == pytest.approx(prediction.expected * 5)
    assert any(abs(one.predicted_stars / 5 - one.score) > 0.1 for one in answering.recommended(USERS[0], 5))


@given(st.sampled_from(USERS), st.sets(st.sampled_from(MOVIES)), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_what_is_left_out_is_left_out_and_nothing_else_moves(user_id: str, without: set[str], n: int) -> None:
    answering = served("phase1")
    everything = answering.recommended(user_id, 25)
    expected = [one for one in everything if one.movie_id not in without][:n]
    assert answering.recommended(user_id, n, without=without) == expected
    for place, one in enumerate(expected, start=1):
        assert answering.position(user_id, one.movie_id, n, without=without) == place
    for movie_id in set(MOVIES) - {one.movie_id for one in expected}:
        assert answering.position(user_id, movie_id, n, without=without) is None


def test_a_position_beyond_the_number_asked_for_is_none() -> None:
    answering = served("phase1")
    best = answering.recommended(USERS[0], 5)
    assert answering.position(USERS[0], best[4].movie_id, 5) == 5
    assert answering.position(USERS[0], best[4].movie_id, 4) is None
    assert answering.position(USERS[0], "no such movie", 25) is None


def test_more_than_there_are_movies_are_all_that_are_not_rated() -> None:
    answering, dataset = served("phase2"), ground().problem.dataset
    rated = {MOVIES[movie] for movie in dataset.movies[dataset.users == 0]}
    assert {one.movie_id for one in answering.recommended(USERS[0], 1000)} == set(MOVIES) - rated
    assert answering.recommended(USERS[0], 0) == []


def test_reasons_are_told_however_far_down_a_movie_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = served("phase2").recommended(USERS[0], 25)
    monkeypatch.setattr(module, "EXPLAINED", 2)
    fresh = ServedModel(served("phase2").model, served("phase2").catalogue)
    assert fresh.recommended(USERS[0], 25) == whole


def test_whoever_is_unknown_is_answered_as_the_newcomer() -> None:
    answering = served("phase3")
    assert answering.recommended("nobody", 10) == answering.recommended("somebody else", 10)
    assert answering.recommended("nobody", 10) != answering.recommended(USERS[0], 10)
    assert len(answering.recommended("nobody", 25)) == 25
    assert answering.knows(USERS[0])
    assert not answering.knows("nobody")


@pytest.mark.parametrize("model", MODELS)
def test_predictions_are_those_that_are_measured(model: str) -> None:
    answering, dataset = served(model), ground().problem.dataset
    for user_id in (USERS[0], "nobody"):
        user = np.array([index_of(user_id)])
        of_model = answering.model
        block = of_model.rating_block(user, of_model.score_block(user))[0].astype(np.float64)
        decided = of_model.decided(block.round(DIGITS))
        rated = set(dataset.movies[dataset.users == user[0]]) if user_id != "nobody" else set()
        for movie, movie_id in enumerate(MOVIES):
            prediction = answering.predicted(user_id, movie_id)
            if movie in rated:
                assert prediction is None
            else:
                assert prediction is not None
                assert (prediction.expected, prediction.answered) == (
                    decided.mean[movie],
                    decided.answer[movie],
                )


def test_a_movie_that_the_model_does_not_know_is_not_foretold() -> None:
    assert served("phase1").predicted(USERS[0], "no such movie") is None


def test_memory_is_bounded_and_what_was_forgotten_is_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MOVIES", 0)
    few = ServedModel(served("phase1").model, served("phase1").catalogue)
    first = [few.recommended(user_id, 10) for user_id in USERS]
    assert len(few._kept) == 16
    assert [few.recommended(user_id, 10) for user_id in USERS] == first


def test_many_threads_are_answered_as_one_is() -> None:
    asked = USERS * 8
    alone = [served("phase3").recommended(user_id, 10) for user_id in asked]
    fresh = ServedModel(served("phase3").model, served("phase3").catalogue)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda user_id: fresh.recommended(user_id, 10), asked)) == alone


@pytest.mark.parametrize("model", MODELS)
def test_an_opened_version_answers_to_the_last_digit_as_the_one_that_was_written(
    model: str, tmp_path: Path
) -> None:
    bundle = open_bundle(tmp_path / "0001", write(tmp_path / "0001", served(model)))
    opened = ServedModel(bundle.model, bundle.catalogue)
    for user_id in USERS:
        assert repr(opened.recommended(user_id, 10)) == repr(served(model).recommended(user_id, 10))
