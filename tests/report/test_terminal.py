"""What the end of a run says in the terminal, and what it says where something is missing."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from report_samples import REFERENCES, experiment, findings, per_user, reference, statistics, told, tuning_run

from db.answers import Failure
from report.findings import Findings
from report.results import parameters_table
from report.terminal import console, print_findings


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe's width, whatever terminal the tests are started in."""
    monkeypatch.setenv("COLUMNS", "80")


def printed(found: Findings) -> str:
    out = io.StringIO()
    print_findings(console(out), *told(found))
    return out.getvalue()


def said(found: Findings) -> str:
    return " ".join(printed(found).split())


def beside(**references: Any) -> dict[str, Any]:
    return {"run": tuning_run(reference_metrics=REFERENCES | references)}


def failed(reasons: Sequence[str]) -> dict[str, Any]:
    """Let trials 1, 2, … fail for these reasons, and trial 9 hit 0.8."""
    made = [
        Failure(trial_number=trial, experiment_id=f"run_{trial:03d}", error=reason)
        for trial, reason in enumerate(reasons, 1)
    ]
    experiments = [experiment(9, 0.8), *(experiment(one.trial_number, None) for one in made)]
    return {"failures": made, "statistics": statistics(experiments)}


def test_the_table_has_trials_best_first_then_the_baseline_and_the_references() -> None:
    bias = {"bias": reference(0.5, ndcg=None)}
    lines = printed(findings({2: 0.4, 7: 0.8}, **beside(**bias))).splitlines()
    assert lines[0].strip() == "run: best by accuracy"
    rows = {line.split()[0]: line.split()[1:] for line in lines[3:11] if "0." in line}
    assert list(rows) == ["007", "002", "baseline", "best", "popularity", "bias"]
    assert rows["007"] == ["0.8000", "+0.200", "[+0.200,", "+0.200]", *["0.8000"] * 5]
    assert rows["002"][1:4] == ["-0.200", "[-0.200,", "-0.200]"]
    assert rows["bias"] == ["0.5000", "0.5000", "–", "0.5000", "0.5000", "–"]


def test_the_figures_of_the_summary_are_there() -> None:
    text = printed(findings({1: 0.8, 2: 0.4, 3: None}))
    assert (
        """
experiments                  2 of 3 completed, 1 failed
average validation accuracy  0.6000
highest validation accuracy  0.8000
best configuration           run_001
expected improvement         +0.200 [+0.200, +0.200] accuracy, on test
"""
        in text
    )


def test_a_text_of_the_winner_stands_as_it_is_beside_a_baseline_without_one() -> None:
    winner = experiment(1, 0.8, hyperparameters={"genre_weight": 0.5, "calibration": "isotonic"})
    (group,) = parameters_table(winner).groups
    assert [list(row) for row in group] == [
        ["genre_weight", "0.5", "0.4", "+0.1"],
        ["calibration", "isotonic", "–", "–"],
    ]


def test_a_folder_that_is_gone_leaves_a_dash_and_a_sentence() -> None:
    kept = [None, None, per_user(0.4)]
    found = findings({1: 0.8, 2: 0.7, 3: 0.4}, per_user={"validation": kept, "test": kept})
    lines = printed(found).splitlines()
    assert [line.split()[:3] for line in lines if line.startswith(("001", "002"))] == [
        ["001", "0.8000", "–"],
        ["002", "0.7000", "–"],
    ]
    assert any(line.startswith("003") and "[-0.200, -0.200]" in line for line in lines)
    text = said(found)
    assert "Best: run_001, accuracy 0.8000 on validation." in text
    assert "run_001 has no per-user figures (its folder is gone), so no interval can be given." in text
    assert "Do not deploy it: without figures of its users no interval can be given." in text


def test_a_runs_folder_that_is_gone_takes_the_baseline_along() -> None:
    text = said(findings({1: 0.8}, baseline={"validation": None, "test": None}))
    assert "The baseline has no per-user figures (the run's folder is gone), so no interval" in text


def test_failures_are_named_with_equal_reasons_once_and_as_they_are() -> None:
    reasons = ["[/bold] list[int] :smile:", "two\nlines", "[/bold] list[int] :smile:"]
    text = printed(findings({9: 0.8}, **failed(reasons)))
    assert text.endswith("3 of 4 trials failed:\n  001, 003: [/bold] list[int] :smile:\n  002: two; lines\n")


def test_a_run_that_found_nothing_says_so() -> None:
    assert printed(findings({})) == "run: no trial completed, so that there is nothing to compare.\n"
    alone = printed(findings({1: None}))
    assert alone.endswith("compare.\n1 of 1 trials failed:\n  001: broken\n")


def test_reused_trials_are_counted() -> None:
    found = findings({1: 0.8, 2: 0.7})
    text = said(findings({1: 0.8, 2: 0.7}, statistics=statistics(found.experiments, reused=1)))
    assert "1 of 2 trials were measured before and taken from the record; reuse=false measures" in text


def test_the_summary_of_a_pipe_is_plain_and_80_columns_wide_but_for_commands() -> None:
    text = printed(findings(dict.fromkeys(range(1, 11), 0.8), **beside(bias=reference(0.95))))
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("Next: ")) <= 80
    assert text.splitlines()[0] == "run: best by accuracy"
