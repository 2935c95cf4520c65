"""The best of a run, measured again on ratings that did not pick them."""

import pytest
from app_runs import Run, run_app

from db.tables import HYPERPARAMETERS


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("confirm")
    run = run_app(home, "found", "-m", "search=random", "hydra.sweeper.n_trials=5")
    assert run.code == 0, run.stderr
    return run


def test_the_best_are_measured_again_each_as_the_child_of_the_one_that_found_it(searched: Run) -> None:
    run = run_app(searched.home, "again", "-m", "search=confirm", "search.best=2")
    assert run.code == 0, run.stderr
    best = sorted(searched.rows.values(), key=lambda row: -row["objective_value"])[:2]
    assert [row["parent_experiment_id"] for row in run.rows.values()] == [
        row["experiment_id"] for row in best
    ]
    assert run.values(*HYPERPARAMETERS) == [tuple(row[name] for name in HYPERPARAMETERS) for row in best]
    # Trained on 40% of a user's ratings, and judged on the next 20%: none of them picked anything.
    assert run.metrics_of(1)["split"]["validation_until"] == 0.6
    assert run.rows[1]["validation_accuracy"] != best[0]["validation_accuracy"]


def test_the_other_protocol_confirms_by_the_same_command(searched: Run) -> None:
    run = run_app(searched.home, "timeline", "-m", "search=confirm", "search.of=found", "split=timeline")
    assert run.code == 0, run.stderr
    assert len(run.rows) == 5
    assert run.metrics_of(1)["split"]["name"] == "timeline"


def test_a_run_that_confirms_goes_on_with_what_it_began_with(searched: Run) -> None:
    confirm = ("-m", "search=confirm", "search.best=3")
    first = run_app(searched.home, "kept", *confirm)
    assert (
        run_app(searched.home, "newer", "-m", "search=random", "seed=7", "hydra.sweeper.n_trials=2").code == 0
    )
    again = run_app(searched.home, "kept", *confirm)
    assert again.code == 0, again.stderr
    assert again.rows == first.rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search.of=foumd"], "search.of must be a recorded run, got 'foumd'; did you mean found?"),
        (["model.genre_weight=choice(0.1,0.2)"], "model.genre_weight cannot be swept: search=confirm takes"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(searched: Run, arguments: list[str], said: str) -> None:
    run = run_app(searched.home, "refused", "-m", "search=confirm", *arguments)
    assert run.code == 2
    assert run.stderr.startswith(f"reeltune: {said}")
    assert not run.rows
