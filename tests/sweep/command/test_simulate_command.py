"""deploy_app action=simulate: two versions on the same ratings, said to be a replay, and nothing switched."""

import shutil
from pathlib import Path

import pytest
from command import Answer, deploy_here, snapshot, standard
from sqlalchemy import Engine

from db.deployment.ab_tests import ab_tests, exposed
from db.deployment.versions import active
from db.engine import connect

ANYTHING_PASSES = ("gate.accuracy_threshold=0", "gate.quality_margin=1", "gate.recommendation_ms=null")


def deploy(folder: Path, *arguments: str) -> Answer:
    places = [one for one in standard(folder) if not one.startswith("outputs=")]
    return deploy_here(*places, f"outputs={folder}/outputs", f"conf={folder}/conf", *arguments)


def engine_of(folder: Path) -> Engine:
    return connect(f"sqlite:///{folder}/movies.db")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, the first of which is active."""
    folder = tmp_path_factory.mktemp("two")
    for weights, more in (("{genre_weight: 0.4}", ()), ("{genre_weight: 0.1}", ("activate=false",))):
        answer = deploy(folder, f"hyperparameters={weights}", *more, *ANYTHING_PASSES)
        assert answer.code == 0, answer.stderr
    return folder


@pytest.fixture
def home(two: Path, tmp_path: Path) -> Path:
    """A copy of it; the versions' files stay where they were written."""
    return Path(shutil.copytree(two, tmp_path / "home"))


def test_a_replay_says_that_it_is_one_and_is_recorded_as_one(home: Path) -> None:
    answer = deploy(home, "action=simulate", "version=2", "ab_test.min_users=10")
    assert answer.code == 0, answer.stderr
    assert answer.stdout.startswith("Test 1 is an offline replay, no A/B test: nobody was shown anything.")
    assert "no_difference_shown: offline replay: after " in answer.stdout
    engine = engine_of(home)
    (test,) = ab_tests(engine)
    assert (test.source, test.verdict, test.plan["min_users"]) == (
        "offline_replay",
        "no_difference_shown",
        10,
    )
    assert (test.champion_version, test.challenger_version) == (1, 2)
    assert exposed(engine, test.ab_test_id) == ()
    assert active(engine) == (1, 1)
    engine.dispose()


def test_the_other_version_may_be_named(home: Path) -> None:
    answer = deploy(home, "action=simulate", "version=1", "against=2", "ab_test.min_users=10")
    assert answer.code == 0, answer.stderr
    engine = engine_of(home)
    (test,) = ab_tests(engine)
    assert (test.champion_version, test.challenger_version) == (2, 1)
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "version must be the number of a version for action=simulate, got None"),
        (("version=7",), "version=7 does not exist; there are 2, 1"),
        (("version=1",), "ab_test.challenger must be another version than the champion, got 1"),
        (("version=2", "ab_test.min_days=0"), "ab_test.min_days must be in [1, 365], got 0"),
        (("version=2", "dry_run=true"), "dry_run is for action=deploy, action=retrain; action=simulate"),
    ],
)
def test_what_cannot_be_replayed_is_one_line_and_leaves_everything_as_it_was(
    two: Path, arguments: tuple[str, ...], line: str
) -> None:
    before = snapshot(two)
    answer = deploy(two, "action=simulate", *arguments)
    assert answer.code == 2
    assert line in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert {name: at for name, at in snapshot(two).items() if "movies.db-" not in name} == {
        name: at for name, at in before.items() if "movies.db-" not in name
    }
