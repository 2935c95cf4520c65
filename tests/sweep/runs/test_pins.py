"""A run holds its data still: it is resumed, measured again and deployed on the ratings it was begun on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from app_runs import Run, run_app
from command import deploy_here, run_here, standard
from deployment_samples import new_rating, ready

from db.deployment.live_ratings import record_rating
from db.engine import connect
from db.schema import prepare

LIVE = ("data.include_feedback=true",)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rated(home: Path, movie_id: str) -> None:
    """Let a rating come in."""
    engine = connect(f"sqlite:///{home / 'movies.db'}")
    prepare(engine)
    version = ready(engine)
    record_rating(engine, new_rating("new", movie_id, 0.8, version), NOON)
    engine.dispose()


def searched(home: Path, n_trials: int, *more: str) -> Run:
    return run_app(home, "run", "-m", "search=random", f"hydra.sweeper.n_trials={n_trials}", *LIVE, *more)


def fingerprints(run: Run) -> Sequence[str]:
    return [fingerprint for (fingerprint,) in run.values("data_fingerprint")]


@pytest.mark.parametrize("launch", ["basic", "cores"])
def test_a_run_goes_on_with_the_ratings_that_it_was_begun_on(launch: str, tmp_path: Path) -> None:
    rated(tmp_path, "3")
    first = searched(tmp_path, 2, f"launch={launch}", "launch.workers=2")
    assert first.code == 0, first.stderr
    rated(tmp_path, "4")
    resumed = searched(tmp_path, 4, f"launch={launch}", "launch.workers=2")
    assert resumed.code == 0, resumed.stderr
    assert resumed.statuses == dict.fromkeys(range(1, 5), "completed")
    assert len(set(fingerprints(resumed))) == 1
    new = run_app(tmp_path, "new", *LIVE)
    assert set(fingerprints(new)).isdisjoint(fingerprints(resumed))


def test_a_trial_is_measured_again_and_deployed_on_the_ratings_that_it_was_measured_on(
    tmp_path: Path,
) -> None:
    home = standard(tmp_path)
    rated(tmp_path, "3")
    assert run_here(*home, *LIVE, "run_id=first").code == 0
    rated(tmp_path, "4")
    places = [one for one in home if one.startswith(("db.", "outputs", "data.cache"))]
    again = run_here(f"rerun={tmp_path}/outputs/first/001", *places, "run_id=again")
    assert again.code == 0, again.stderr
    folders = [tmp_path / "outputs" / name for name in ("first", "again")]
    first, second = (Run(tmp_path, folder.name, 0, "", "") for folder in folders)
    assert fingerprints(first) == fingerprints(second)
    assert first.metrics_of(1)["metrics"] == second.metrics_of(1)["metrics"]

    deployed = deploy_here(*home, *LIVE, "experiment=first_001", "dry_run=true", f"conf={tmp_path}/conf")
    snapshot = first.metrics_of(1)["data"]["snapshot"]
    assert deployed.stdout.startswith(f"Measured on {snapshot}, the data of the experiment's run.\n")
    assert "These are the numbers of first_001, on synthetic." in deployed.stdout


def test_a_run_on_other_data_is_not_resumed(tmp_path: Path) -> None:
    rated(tmp_path, "3")
    assert searched(tmp_path, 1).code == 0
    other = run_app(tmp_path, "run", "-m", "search=random", "hydra.sweeper.n_trials=2")
    assert other.code == 2
    assert "run_id run cannot be resumed: data.include_feedback was True, now it is False" in other.stderr
