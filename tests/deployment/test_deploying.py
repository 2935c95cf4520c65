"""From a configuration to a version: what is written, and what a refusal and a death leave behind."""

import dataclasses
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from command import snapshot
from deployment_samples import new_version
from gate_samples import ANY, deploy, ground, workplace
from sqlalchemy import Engine

from db.deployment.answers import Active
from db.deployment.versions import Conflict, active, open_version, version_of, versions
from db.engine import connect
from db.schema import prepare
from deployment import deploying
from deployment.bundle import MODEL, version_folder
from deployment.deploying import Order, Review, deployed, reviewed
from deployment.gate import Gate, Rule, Verdict
from deployment.switching import Refused, opened
from pipeline.evaluation import evaluate
from pipeline.hyperparameters import MODELS, Phase1

ORDER = Order(who="a test", why="to see")


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = connect(sqlite_url)
    prepare(engine)
    yield engine
    engine.dispose()


def kept(engine: Engine, folder: Path) -> object:
    """Take down all that a deployment may change: versions, the active one, files."""
    return versions(engine), active(engine), snapshot(folder / "outputs")


def review_of(engine: Engine | None, gate: Gate = ANY) -> Review:
    return reviewed(engine, ground(), gate, Phase1(genre_weight=0.7))


@pytest.mark.parametrize("model", MODELS)
def test_a_configuration_becomes_the_active_version(engine: Engine, tmp_path: Path, model: str) -> None:
    done = deploy(engine, tmp_path, MODELS[model]())
    assert active(engine) == Active(1, 1)
    assert done.activation is not None
    assert (done.activation.action, done.activation.forced) == ("deploy", False)
    version = done.version
    assert (version.status, version.model, version.parent_version) == ("ready", model, None)
    assert version.hyperparameters == asdict(MODELS[model]().normalised())
    evaluation = evaluate(ground().problem, MODELS[model]())
    assert version.validation == evaluation.validation.metrics
    assert version.test == evaluation.test.metrics
    assert version.n_ratings == 300
    assert version.artifact_path == str(version_folder(tmp_path / "outputs", 1))
    assert (
        opened(version).manifest["config_key"] == version.config_key == ground().config_key(MODELS[model]())
    )
    assert Path(version.artifact_path, MODEL).stat().st_size < (version.artifact_bytes or 0)


def test_a_second_one_stands_beside_what_was_active(engine: Engine, tmp_path: Path) -> None:
    deploy(engine, tmp_path, Phase1())
    review = reviewed(engine, ground(), ANY, Phase1(genre_weight=0.7))
    assert review.rival is not None
    assert (review.rival.version, review.before) == (1, Active(1, 1))
    done = deployed(engine, review, ORDER, workplace(tmp_path))
    assert done.version.parent_version == 1
    assert active(engine) == Active(2, 2)


def test_a_challenger_is_ready_and_not_active(engine: Engine, tmp_path: Path) -> None:
    deploy(engine, tmp_path, Phase1())
    done = deploy(engine, tmp_path, Phase1(genre_weight=0.7), activate=False)
    assert done.activation is None
    assert done.version.status == "ready"
    assert active(engine) == Active(1, 1)


def test_a_review_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    deploy(engine, tmp_path, Phase1())
    before = kept(engine, tmp_path)
    review_of(engine)
    assert kept(engine, tmp_path) == before


def test_what_the_gate_refuses_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    deploy(engine, tmp_path, Phase1())
    before = kept(engine, tmp_path)
    review = review_of(engine, Gate(accuracy_threshold=1.0, recommendation_ms=None, quality_margin=1.0))
    with pytest.raises(Refused, match=r"accuracy: 0\.\d{4}$"):
        deployed(engine, review, ORDER, workplace(tmp_path))
    assert kept(engine, tmp_path) == before


def test_the_gates_policy_can_be_forced_and_that_is_recorded(engine: Engine, tmp_path: Path) -> None:
    review = review_of(engine, Gate(accuracy_threshold=1.0, recommendation_ms=None))
    done = deployed(engine, review, dataclasses.replace(ORDER, force=True), workplace(tmp_path))
    assert (done.version.passed, done.version.forced) == (False, True)
    assert done.activation is not None
    assert done.activation.forced
    refused = [rule for rule in done.version.gate["rules"] if not rule["passed"]]
    assert [rule["name"] for rule in refused] == ["accuracy"]


def test_the_gates_integrity_cannot_be_forced(engine: Engine, tmp_path: Path) -> None:
    broken = Verdict([Rule("measured", "finite", "nan", passed=False, integrity=True)])
    review = dataclasses.replace(review_of(engine), verdict=broken)
    with pytest.raises(Refused, match="measured: nan"):
        deployed(engine, review, dataclasses.replace(ORDER, force=True), workplace(tmp_path))
    assert versions(engine) == ()


def test_a_version_that_was_judged_beside_another_is_not_made_active(engine: Engine, tmp_path: Path) -> None:
    review = review_of(engine)
    deploy(engine, tmp_path, Phase1())
    with pytest.raises(Conflict, match="switched meanwhile"):
        deployed(engine, review, ORDER, workplace(tmp_path))
    assert active(engine) == Active(1, 1)
    assert [(one.version, one.status) for one in versions(engine)] == [(2, "ready"), (1, "ready")]


def test_a_deployment_that_cannot_be_written_leaves_an_abandoned_row_and_no_file(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, *_: object) -> str:
        folder.mkdir(parents=True)
        (folder / MODEL).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    review = review_of(engine)
    monkeypatch.setattr(deploying, "write_bundle", full)
    with pytest.raises(OSError, match="No space left"):
        deployed(engine, review, ORDER, workplace(tmp_path))
    assert [(one.version, one.status) for one in versions(engine)] == [(1, "abandoned")]
    assert list((tmp_path / "outputs" / "model_versions").iterdir()) == []
    assert active(engine) is None


def test_what_dead_processes_left_is_cleared_away_at_the_next_deployment(
    engine: Engine, tmp_path: Path
) -> None:
    dead, alive = (open_version(engine, new_version(process=name)) for name in ("dead", "alive"))
    for version in (dead, alive):
        folder = version_folder(tmp_path / "outputs", version)
        folder.mkdir(parents=True)
        folder.with_name(f".{folder.name}-0123abc").mkdir()
    place = workplace(tmp_path, is_gone=lambda process: process == "dead")
    done = deployed(engine, review_of(engine), ORDER, place)
    assert done.abandoned == (dead,)
    found = [version_of(engine, version) for version in (dead, alive)]
    assert [one and one.status for one in found] == ["abandoned", "building"]
    names = sorted(path.name for path in (tmp_path / "outputs" / "model_versions").iterdir())
    assert names == [".0002-0123abc", "0002", "0003"]
