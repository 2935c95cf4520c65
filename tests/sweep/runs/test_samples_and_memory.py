"""evaluation.ranking_users and evaluation.memory_limit, from the command to what is recorded."""

from pathlib import Path

import pytest
from app_runs import run_app
from command import run_here, standard

from sweep.keys import Measuring


@pytest.mark.parametrize(
    ("limit", "size"), [("4GiB", 2**32), ("512MiB", 2**29), ("1.5 GiB", 3 * 2**29), ("0.5MiB", 2**19)]
)
def test_a_limit_is_read_as_it_is_written(limit: str, size: int) -> None:
    assert Measuring(memory_limit=limit).bytes_allowed == size


def test_without_a_limit_it_is_the_memory_of_the_machine() -> None:
    assert 2**28 < Measuring().bytes_allowed < 2**50


@pytest.mark.parametrize("search", [[], ["-m", "search=random", "hydra.sweeper.n_trials=2"]])
def test_what_does_not_fit_is_refused_before_the_first_trial(search: list[str], tmp_path: Path) -> None:
    answer = run_here(*standard(tmp_path), "model=phase3", "evaluation.memory_limit=100MiB", *search)
    assert answer.code == 2
    assert [line.partition(" on ")[0] for line in answer.lines if line.startswith("reeltune: ")] == [
        "reeltune: evaluation.memory_limit must be at least 0.5GiB for model=phase3"
    ]
    assert "got 0.1GiB" in answer.stderr
    assert not (tmp_path / "outputs").exists()


def test_a_sample_is_told_of_in_metrics_and_report_and_is_a_problem_of_its_own(tmp_path: Path) -> None:
    sampled = run_app(tmp_path, "sampled", "evaluation.ranking_users=15")
    again = run_app(tmp_path, "again", "evaluation.ranking_users=15", "reuse=true")
    everybody = run_app(tmp_path, "everybody", "reuse=true")
    assert (sampled.code, again.code, everybody.code) == (0, 0, 0)
    found = sampled.metrics_of(1)
    for part in ("validation", "test"):
        sample, value = found["ranking_sample"][part], found["metrics"][part]["ndcg"]
        assert (sample["users"], sample["of"]) == (15, 40)
        assert sample["ndcg"][0] < value < sample["ndcg"][1]
    assert again.metrics_of(1)["reused_from"] == "sampled_001"
    assert everybody.metrics_of(1)["reused_from"] is None
    assert (
        everybody.metrics_of(1)["metrics"]["validation"]["accuracy"]
        == found["metrics"]["validation"]["accuracy"]
    )
    whole = everybody.metrics_of(1)["ranking_sample"]["validation"]
    assert (whole["users"], whole["of"]) == (40, 40)
    said = " ".join(sampled.stdout.split())
    assert "rankings: measured on a fixed sample of 15 of 40 users" in said
    assert "fixed sample" not in everybody.stdout
