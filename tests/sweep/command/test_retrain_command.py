"""deploy_app action=retrain: asked for by live figures or by force, refused by the gate, or not needed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import Answer, deploy_here, snapshot, standard
from deployment_samples import new_rating
from sqlalchemy import Engine

from db.deployment.live_ratings import record_rating
from db.deployment.versions import activations, active, version_of, versions
from db.engine import connect
from pipeline.sources import Synthetic, load

ANYTHING_PASSES = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")


def deploy(folder: Path, *arguments: str) -> Answer:
    places = [one for one in standard(folder) if not one.startswith("outputs=")]
    return deploy_here(*places, f"outputs={folder}/outputs", f"conf={folder}/conf", *arguments)


def engine_of(folder: Path) -> Engine:
    return connect(f"sqlite:///{folder}/movies.db")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first version, active, whose accuracy_threshold is one half."""
    folder = tmp_path_factory.mktemp("first")
    answer = deploy(folder, "hyperparameters={accuracy_threshold: 0.5}", *ANYTHING_PASSES)
    assert answer.code == 0, answer.stderr
    return folder


@pytest.fixture
def home(first: Path, tmp_path: Path) -> Path:
    """A copy of it; the version's files stay where they were written."""
    return Path(shutil.copytree(first, tmp_path / "home"))


def rated(home: Path, hits: int, misses: int) -> None:
    """Let a new user rate movies today that version 1 answered with 0.7: 0.8 is a hit, 0.2 a miss."""
    movies = load(Synthetic(users=30, movies=25, ratings=300), home / "cache").movie_ids
    ratings = [0.8] * hits + [0.2] * misses
    engine = engine_of(home)
    for movie_id, rating in zip(movies.tolist(), ratings, strict=False):
        record_rating(engine, new_rating("new", movie_id, rating, 1), datetime.now(UTC))
    engine.dispose()


def test_figures_below_the_threshold_make_a_version_with_what_came_in(home: Path) -> None:
    rated(home, hits=4, misses=8)
    answer = deploy(home, "action=retrain", "revalidation.minimum_samples=12", *ANYTHING_PASSES)
    assert answer.code == 0, answer.stderr
    assert answer.stdout.startswith("Revalidation asks for another fit: live accuracy 0.3333 [")
    assert "12 ratings that came in are joined to synthetic; 0 of movies that it" in answer.stdout
    engine = engine_of(home)
    version = version_of(engine, 2)
    assert version is not None
    assert (version.action, version.n_live_ratings, version.parent_version) == ("retrain", 12, 1)
    assert version.hyperparameters["accuracy_threshold"] == 0.5
    last = activations(engine)[-1]
    assert (last.action, last.from_version, last.to_version, last.forced) == ("retrain", 1, 2, False)
    assert last.why.startswith("live accuracy 0.3333")
    assert f"# version 1 again, with {12} ratings that came in" in (
        home / "conf" / "model" / "deployed.yaml"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("hits", "misses", "said"),
    [
        (0, 3, "3 rated forecasts in 30 days are too few to conclude anything, 12 are needed"),
        (8, 4, "of 12 rated forecasts in 30 days is not below 0.5"),
    ],
)
def test_where_nothing_asks_for_it_one_line_says_so_and_nothing_changes(
    home: Path, hits: int, misses: int, said: str
) -> None:
    rated(home, hits, misses)
    before = snapshot(home)
    answer = deploy(home, "action=retrain", "revalidation.minimum_samples=12")
    assert (answer.code, answer.stderr) == (0, "")
    assert said in answer.stdout
    assert len(answer.stdout.splitlines()) == 1
    assert snapshot(home) == before


def test_force_fits_again_unasked_and_the_gate_still_holds(home: Path) -> None:
    rated(home, hits=2, misses=0)
    refused = deploy(home, "action=retrain", "force=true", "gate.accuracy_threshold=1")
    assert refused.code == 1
    assert "force=true deploys" not in refused.stdout
    assert refused.lines[0].startswith("reeltune: refused by accuracy: needs validation accuracy at least 1")
    assert len(versions(engine_of(home))) == 1
    answer = deploy(home, "action=retrain", "force=true", *ANYTHING_PASSES)
    assert answer.code == 0, answer.stderr
    last = activations(engine_of(home))[-1]
    assert (last.to_version, last.why, last.forced) == (2, "force=true", False)


def test_a_dry_run_says_all_and_changes_nothing(home: Path) -> None:
    rated(home, hits=0, misses=12)
    before = snapshot(home)
    asked = ("action=retrain", "revalidation.minimum_samples=12", *ANYTHING_PASSES)
    answer = deploy(home, *asked, "dry_run=true")
    assert answer.code == 0, answer.stderr
    assert "The gate lets it through." in answer.stdout
    assert answer.stdout.endswith("Dry run: nothing was changed.\n")
    assert snapshot(home) == before


def test_a_version_that_only_stands_ready_can_be_tested_beside_the_active_one(home: Path) -> None:
    rated(home, hits=0, misses=12)
    answer = deploy(home, "action=retrain", "force=true", "activate=false", *ANYTHING_PASSES)
    assert answer.code == 0, answer.stderr
    engine = engine_of(home)
    now = active(engine)
    assert now is not None
    assert (now.version, [one.status for one in versions(engine)]) == (1, ["ready", "ready"])


def test_other_data_than_the_version_was_fitted_on_are_refused(home: Path) -> None:
    rated(home, hits=0, misses=12)
    before = snapshot(home)
    answer = deploy(home, "action=retrain", "force=true", "data.seed=11")
    assert answer.code == 2
    assert answer.lines[0].startswith("reeltune: data must hold what the active version was fitted on, ")
    assert snapshot(home / "outputs") == {
        name.removeprefix("outputs/"): content
        for name, content in before.items()
        if name.startswith("outputs/")
    }
    assert len(versions(engine_of(home))) == 1


def test_before_the_first_version_there_is_nothing_to_fit_again(tmp_path: Path) -> None:
    answer = deploy(tmp_path, "action=retrain")
    assert (answer.code, answer.stdout) == (2, "")
    assert answer.lines[0].startswith("reeltune: there is no version yet")
    assert snapshot(tmp_path) == {}


def test_what_retraining_does_not_look_at_is_refused(home: Path) -> None:
    answer = deploy(home, "action=retrain", "version=1", "revalidation.window_days=0")
    assert answer.code == 2
    assert any("version is for action=show" in line for line in answer.lines)
    assert any("revalidation.window_days must be in [1, 3650], got 0" in line for line in answer.lines)
