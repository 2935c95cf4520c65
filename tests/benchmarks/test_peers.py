"""The peers that need no extra, and what holds for all of them, on data that can be solved by eye."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optuna.distributions import IntDistribution
from optuna.trial import create_trial
from tiny_data import checkerboard, tiny

from peers import command
from peers.ease import EASE, ease
from peers.peer import Peer, Ratings, answer, measured
from peers.record import keep, kept, place_of
from peers.reeltune_models import OBJECTIVES, own_model
from peers.registry import all_peers
from peers.rows import row_of, snapped
from peers.simple import best_constant, bias, global_mean, popularity
from peers.surprise_peers import nearest
from peers.tuning import tuned
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput
from pipeline.references import REFERENCES
from pipeline.split import Split

# Two users agree in training that movie 0 is good and movie 1 bad; movie 2 was rated once.
TRAIN = [(0, 0, 5, 0), (0, 1, 1, 1), (1, 0, 5, 0), (1, 1, 1, 1), (1, 2, 4, 2)]
LATER = [(0, 2, 4, 8), (1, 3, 2, 9)]


@pytest.fixture
def problem() -> Problem:
    """Validate with what comes at time 8 and test with what comes at 9."""
    dataset = tiny([*TRAIN, *LATER], genres=["a", "b", "a", "b"])
    times = dataset.timestamps
    return Problem(dataset, Split(times < 8, times == 8, times == 9))


@pytest.fixture
def ratings(problem: Problem) -> Ratings:
    return Ratings(problem.dataset, problem.train)


def guess(ratings: Ratings, seed: int, stars: int) -> np.ndarray:
    """Answer a number of stars."""
    return np.full(ratings.shape, stars / 5)


GUESS = Peer("guess", guess, "rmse", space={"stars": IntDistribution(1, 5)}, default={"stars": 1})


def test_constants_answer_everybody_alike(ratings: Ratings) -> None:
    # Stars 5 5 4 1 1: answers from 0.8 to 1 hit three of five, and 0.8 is the nearest to the other two.
    np.testing.assert_allclose(best_constant(ratings, seed=0), 0.8)
    np.testing.assert_allclose(global_mean(ratings, seed=0), 16 / 25)


def test_popularity_counts_ratings(ratings: Ratings) -> None:
    np.testing.assert_array_equal(popularity(ratings, seed=0), [[2, 2, 1, 0]] * 2)


def test_the_bias_is_the_mean_and_the_damped_deviations(ratings: Ratings) -> None:
    scores = bias(ratings, seed=0, movie_damping=1, user_damping=1)
    mean = 16 / 25
    good, bad, once = 2 * (1 - mean) / 3, 2 * (0.2 - mean) / 3, (0.8 - mean) / 2
    user = (1 - mean - good + 0.2 - mean - bad) / 3
    np.testing.assert_allclose(scores[0], mean + user + np.array([good, bad, once, 0]))


def test_the_bias_is_the_reference_of_the_same_dampings(
    problem: Problem, ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.references.DAMPINGS", (3,))
    reference = REFERENCES["bias"](problem, problem.train, problem.validation).metrics
    peer = all_peers()["bias"]
    given = answer(peer, ratings, problem.validation, 0, {"movie_damping": 3, "user_damping": 3})
    found = measured(given, problem.validation).metrics
    # A peer's predictions are compared with six digits, as a trial's are.
    assert found == pytest.approx(reference, abs=1e-5)


def test_ease_of_two_movies_is_their_share_of_each_other() -> None:
    # Two users rated both movies, a third the first alone: with lambda 2, X'X + 2 I = [[5, 2], [2, 4]].
    dataset = tiny([(0, 0, 5, 0), (0, 1, 1, 0), (1, 0, 5, 0), (1, 1, 1, 0), (2, 0, 5, 0)], genres=["a", "b"])
    everything = Ratings(dataset, np.ones(5, dtype=bool))
    scores = ease(everything, seed=0, regularisation=2, signal="all")
    np.testing.assert_allclose(scores, [[2 / 4, 2 / 5], [2 / 4, 2 / 5], [0, 2 / 5]])
    # Nobody liked movie 1, so that it says nothing and nothing is said of it.
    np.testing.assert_allclose(ease(everything, seed=0, regularisation=2, signal="liked"), 0)


def test_ease_finds_the_withheld_diagonal_of_a_checkerboard() -> None:
    board = checkerboard()
    given = answer(EASE, Ratings(board.dataset, board.train), board.validation, 0, EASE.default)
    assert measured(given, board.validation).metrics["ndcg"] == 1
    assert given.predicted is None


def test_predictions_are_moved_to_the_nearest_star(problem: Problem) -> None:
    # The ratings of the data are 1, 2, 4 and 5 stars.
    np.testing.assert_allclose(
        snapped(np.array([0, 0.29, 0.31, 0.55, 0.65, 0.97]), problem), [0.2, 0.2, 0.4, 0.4, 0.8, 1]
    )
    assert snapped(None, problem) is None


def test_of_equal_neighbours_the_first_are_kept() -> None:
    np.testing.assert_array_equal(nearest(np.array([[0.5, 0.5, 0.9, 0.5]]), 2), [[0.5, 0, 0.9, 0]])
    np.testing.assert_array_equal(nearest(np.array([[-0.5, 0.1]]), 2), [[0, 0.1]])


def test_the_default_comes_first_and_validation_chooses(problem: Problem) -> None:
    found = tuned(GUESS, problem, budget=12, seed=0, tell=lambda _: None)
    assert len(found.trials) == 12
    assert found.trials[0].values == GUESS.default
    # The one validation rating has four stars.
    assert found.best.values == {"stars": 4}
    assert found.best.metric == min(trial.metric for trial in found.trials) == 0
    np.testing.assert_allclose(found.test.predicted, [0.8])


def test_the_same_seed_draws_the_same(problem: Problem) -> None:
    once, again = (tuned(GUESS, problem, 9, seed=3, tell=lambda _: None) for _ in range(2))
    assert [one.values for one in once.trials] == [one.values for one in again.trials]


def test_test_is_answered_by_a_refit_on_train_and_validation(problem: Problem) -> None:
    found = tuned(all_peers()["global mean"], problem, tell=lambda _: None)
    assert len(found.trials) == 1
    np.testing.assert_allclose(found.test.predicted, [20 / 30], atol=1e-6)
    assert found.test.best is None


def test_what_was_kept_is_what_was_found(problem: Problem, tmp_path: Path) -> None:
    found = tuned(EASE, problem, 2, tell=lambda _: None)
    path = place_of(EASE, problem, 2, 42, tmp_path)
    assert kept(path) is None
    keep(found, path)
    again = kept(path)
    assert again is not None
    assert (again.trials, again.chosen, again.test.predicted) == (found.trials, found.chosen, None)
    np.testing.assert_array_equal(again.test.best, found.test.best)


@pytest.mark.parametrize(
    "change",
    [
        {"default": {"stars": 2}},
        {"space": {"stars": IntDistribution(1, 4)}},
        {"chosen_by": "accuracy"},
        {"depends_on": "other code"},
    ],
)
def test_another_peer_is_kept_elsewhere(problem: Problem, tmp_path: Path, change: dict[str, Any]) -> None:
    place = place_of(GUESS, problem, 15, 42, tmp_path)
    assert place_of(dataclasses.replace(GUESS, **change), problem, 15, 42, tmp_path) != place
    assert place_of(GUESS, problem, 14, 42, tmp_path) != place
    assert place_of(GUESS, problem, 15, 43, tmp_path) != place
    assert place_of(dataclasses.replace(GUESS), problem, 15, 42, tmp_path) == place


def test_a_missing_library_is_one_line_that_names_the_install(problem: Problem, tmp_path: Path) -> None:
    absent = dataclasses.replace(GUESS, library="no-such-library")
    with pytest.raises(InvalidInput, match=r"^guess needs no-such-library: run .*\[peers\]'$"):
        command.run([GUESS, absent], problem, 2, tmp_path)
    assert not list(tmp_path.iterdir()), "something was run before the line was said"


def test_what_is_finished_is_not_run_again_and_a_partial_run_writes_no_page(
    problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, results = tmp_path / "peers.md", tmp_path / "kept"
    monkeypatch.setattr(command, "movielens", lambda: problem)
    monkeypatch.setattr(command, "DOCUMENT", page)
    assert command.main(["--peers", "bias", "--trials", "2", "--kept", str(results)]) == 0
    first = capsys.readouterr()
    assert "bias, trial 2: rmse" in first.err
    assert "\n| bias | RMSE |" in first.out
    assert command.main(["--peers", "EASE", "--trials", "2", "--kept", str(results)]) == 0
    second = capsys.readouterr()
    assert "\n| bias | RMSE |" in second.out
    assert "\n| EASE | NDCG@10 | – | – | – | – | – |" in second.out
    assert not page.exists()
    asked = ["--peers", "EASE", "bias", "--trials", "2", "--kept", str(results), "--output", str(page)]
    assert command.main(asked) == 0
    assert "trial 1" not in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == second.out.removesuffix("\n")


def test_every_metric_of_a_row_is_taken_by_the_pipeline(problem: Problem) -> None:
    row = row_of(GUESS, tuned(GUESS, problem, 9, tell=lambda _: None), problem)
    # Four stars, and the one test rating has two.
    assert row.metric("rmse") == pytest.approx(2)
    assert row.metric("accuracy") == row.snapped["accuracy"] == 0


@pytest.mark.parametrize("peer", [peer for peer in all_peers().values() if peer.space], ids=lambda p: p.name)
def test_a_default_lies_in_its_space(peer: Peer) -> None:
    assert set(peer.default) == set(peer.space)
    create_trial(params=dict(peer.default), distributions=dict(peer.space), value=0.0)


def test_every_model_of_ours_takes_part() -> None:
    ours = {f"{model} ({objective})" for model in MODELS for objective in OBJECTIVES}
    assert ours < set(all_peers())


@pytest.mark.parametrize("model", MODELS)
def test_the_default_of_ours_is_what_is_shipped(problem: Problem, ratings: Ratings, model: str) -> None:
    peer = own_model(model, "quality")
    found = measured(answer(peer, ratings, problem.validation, 0, peer.default), problem.validation).metrics
    assert found == pytest.approx(evaluate(problem, MODELS[model]()).validation.metrics, abs=1e-5)
