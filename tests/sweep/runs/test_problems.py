"""What results are compared to is measured once for all processes."""

from pathlib import Path

import numpy as np
import pytest

from pipeline import derived
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.references import references
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, Timeline, split_ratings
from sweep.runs import problems
from sweep.runs.problems import SharedProblem

DATA = Synthetic(users=40, movies=60, ratings=1200)


@pytest.fixture
def problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problem:
    monkeypatch.setattr(derived, "SMALL", 0)
    dataset = load(DATA, tmp_path)
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


def test_another_process_reads_what_the_first_one_measured(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline, beside = evaluate(problem, Phase1()), references(problem)
    first = SharedProblem(problem)
    assert first.baseline.validation.metrics == baseline.validation.metrics
    assert first.references.keys() == beside.keys()
    for name in ("evaluate", "references"):
        monkeypatch.setattr(problems, name, lambda *_: pytest.fail("it is measured already"))
    other = SharedProblem(problem)
    assert other.baseline.hyperparameters == baseline.hyperparameters
    assert other.reference_metrics == first.reference_metrics
    for part in ("validation", "test"):
        read, measured = getattr(other.baseline, part), getattr(baseline, part)
        assert read.metrics == measured.metrics
        for name, array in vars(measured.per_user).items():
            np.testing.assert_array_equal(getattr(read.per_user, name), array)


def test_another_split_is_measured_by_itself(problem: Problem) -> None:
    timeline = SharedProblem(Problem(problem.dataset, split_ratings(problem.dataset, Timeline())))
    assert timeline.baseline.test.metrics != SharedProblem(problem).baseline.test.metrics
    assert timeline.baseline.test.metrics == evaluate(timeline.problem, Phase1()).test.metrics
