"""Where a candidate's figures come from: the record where they hold today, and else measured now."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gate_samples import deploy, ground, measured, served
from sqlalchemy import Engine

from db.answers import CompletedExperiment, RecordedExperiment
from db.engine import connect
from db.schema import prepare
from deployment import measuring
from deployment.deploying import Deployed
from deployment.measuring import (
    Ground,
    candidate_of,
    hyperparameters_of,
    recommendation_ms,
    rival_of,
    stored_test,
)
from pipeline.contributions import PER_USER_FILE, write_contributions
from pipeline.hyperparameters import Phase1
from pipeline.provenance import config_key, problem_key


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = connect(sqlite_url)
    prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def version(engine: Engine, tmp_path: Path) -> Deployed:
    return deploy(engine, tmp_path, Phase1())


def experiment(folder: Path, **changes: Any) -> RecordedExperiment:
    """Make an experiment that measured the shipped configuration, with numbers that can be told apart."""
    write_contributions(folder / PER_USER_FILE, measured())
    values: dict[str, Any] = dict.fromkeys(RecordedExperiment.__dataclass_fields__)
    metrics = {"accuracy": 0.123, "ndcg": 0.456}
    values |= {
        "experiment_id": "random_1_001",
        "status": "completed",
        "validation": metrics,
        "test": metrics,
        "hyperparameters": {},
        "config_key": ground().config_key(Phase1()),
        "data_fingerprint": ground().fingerprint,
        "output_dir": str(folder),
    }
    return CompletedExperiment(**values | changes)


def test_a_candidate_is_named_as_a_trial_of_a_sweep_is() -> None:
    used = Phase1().normalised()
    problem = problem_key({"name": "per_user"}, ground().fingerprint)
    assert ground().config_key(Phase1()) == config_key(problem, "phase1", dataclasses.asdict(used))


def test_numbers_of_the_record_are_taken_where_they_are_of_today(tmp_path: Path) -> None:
    found = candidate_of(ground(), Phase1(), served("phase1"), experiment=experiment(tmp_path))
    assert not found.measured_now
    assert found.validation.metrics["accuracy"] == 0.123
    assert found.test.metrics["ndcg"] == 0.456
    assert found.test.per_user.hits.tolist() == measured().test.per_user.hits.tolist()
    assert found.experiment_id == "random_1_001"


@pytest.mark.parametrize("changes", [{"config_key": "of another code"}, {"output_dir": "/nowhere"}])
def test_they_are_measured_now_where_they_are_not(changes: dict[str, str], tmp_path: Path) -> None:
    found = candidate_of(ground(), Phase1(), served("phase1"), experiment=experiment(tmp_path, **changes))
    assert found.measured_now
    assert found.validation.metrics == measured().validation.metrics
    assert found.test.metrics == measured().test.metrics
    assert found.chosen_on == found.data_fingerprint == ground().fingerprint


def test_the_data_that_an_experiment_was_chosen_on_is_kept_apart_from_todays(tmp_path: Path) -> None:
    old = experiment(tmp_path, config_key="old", data_fingerprint="old data")
    found = candidate_of(ground(), Phase1(), served("phase1"), experiment=old)
    assert (found.chosen_on, found.data_fingerprint) == ("old data", ground().fingerprint)


def test_references_that_are_asked_for_are_measured_on_test() -> None:
    found = candidate_of(ground(), Phase1(), served("phase1"), ahead_of=["popularity"])
    assert list(found.references) == ["popularity"]
    assert found.references["popularity"].metrics["ndcg"] is not None


def test_the_active_versions_figures_are_read_from_its_folder(
    version: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "evaluate", lambda *_: pytest.fail("measured again"))
    rival = rival_of(ground(), version.version)
    assert (rival.version, rival.measured_now) == (1, False)
    assert rival.test.ndcg.tolist() == pytest.approx(measured().test.per_user.ndcg.tolist(), nan_ok=True)


def test_it_is_measured_again_where_its_folder_is_gone(version: Deployed) -> None:
    before = rival_of(ground(), version.version)
    assert version.version.artifact_path is not None
    shutil.rmtree(version.version.artifact_path)
    assert stored_test(version.version) is None
    again = rival_of(ground(), version.version)
    assert again.measured_now
    assert np.array_equal(again.test.ndcg, before.test.ndcg, equal_nan=True)


def test_it_is_measured_again_on_other_data_than_its_own(version: Deployed) -> None:
    other = ground(seed=2)
    rival = rival_of(other, version.version)
    assert rival.measured_now
    assert len(rival.test.ndcg) == other.problem.dataset.n_users


def test_a_hyperparameter_that_is_not_known_any_longer_is_left_out(version: Deployed) -> None:
    older = {**version.version.hyperparameters, "mood_weight": 0.3}
    assert hyperparameters_of(dataclasses.replace(version.version, hyperparameters=older)) == Phase1()


def test_a_recommendation_takes_time() -> None:
    assert 0 < recommendation_ms(served("phase1")) < 1000


def test_a_ground_of_another_split_has_another_key() -> None:
    assert Ground(ground().problem, {"name": "timeline"}).problem_key != ground().problem_key
