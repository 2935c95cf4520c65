"""What the end of a run says, and what it says where something is missing."""

import dataclasses
import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pytest

from db.answers import CompletedExperiment, Failure, TuningStatistics
from pipeline.attendance import Attendance, PartAttendance, Presence
from pipeline.hyperparameters import Phase1
from pipeline.metrics import METRICS, Measurement, PerUser
from report.summary import Findings, print_summary

USERS = 60
EVERYBODY = Presence(held_out=USERS, cold=0, cold_share=0.0, absent=0)
ALL_PRESENT = Attendance(*[PartAttendance(begins=None, users=EVERYBODY, movies=EVERYBODY)] * 2)


def per_user(share: float) -> PerUser:
    """Measure users of ten ratings each, of which this share is hit."""
    ratings = np.full((USERS, 2), 5, dtype=np.int32)
    hits = np.full((USERS, 2), round(5 * share), dtype=np.int32)
    ranking = np.zeros(USERS, dtype=np.uint32)
    return PerUser(ratings, hits, np.full(USERS, share), np.full(USERS, share), ranking)


def measurement(share: float, **metrics: float | None) -> Measurement:
    return Measurement(dict.fromkeys(METRICS, share) | metrics, per_user(share))


def experiment(trial: int, share: float) -> CompletedExperiment:
    known: dict[str, Any] = dict.fromkeys(CompletedExperiment.__dataclass_fields__)
    measured = dict.fromkeys(METRICS, share)
    return CompletedExperiment(
        **known
        | {
            "experiment_id": f"run_{trial:03d}",
            "trial_number": trial,
            "hyperparameters": dataclasses.asdict(Phase1()),
            "objective_value": share,
            "validation": measured,
            "test": measured,
            "output_dir": f"outputs/run/{trial:03d}",
        }
    )


def failure(trial: int, error: str) -> Failure:
    return Failure(trial_number=trial, experiment_id=f"run_{trial:03d}", error=error)


def findings(
    shares: Mapping[int, float],
    *,
    failures: Sequence[Failure] = (),
    gone: Sequence[int] = (),
    metric: str = "accuracy",
    references: Mapping[str, Mapping[str, Measurement]] | None = None,
) -> Findings:
    """Find trials that hit these shares of their ratings, beside a baseline that hits 0.6 of them."""
    total = len(shares) + len(failures)
    kept = [None if trial in gone else per_user(share) for trial, share in shares.items()]
    return Findings(
        run_id="run",
        objective="accuracy",
        metric=metric,
        statistics=TuningStatistics(
            total=total,
            completed=len(shares),
            failed=len(failures),
            pending=0,
            average_validation_accuracy=None,
            best_validation_accuracy=None,
            best_experiment_id=None,
            average_duration_seconds=None,
            reused=0,
        ),
        best=[experiment(trial, share) for trial, share in shares.items()],
        failures=failures,
        per_user={"validation": kept, "test": kept},
        baseline={"validation": measurement(0.6), "test": measurement(0.6)},
        references=references or {},
        split="per_user",
        attendance=ALL_PRESENT,
    )


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe's width, whatever terminal the tests are started in."""
    monkeypatch.setenv("COLUMNS", "80")


def printed(found: Findings) -> str:
    with redirect_stdout(io.StringIO()) as out:
        print_summary(found)
    return out.getvalue()


def said(found: Findings) -> str:
    return " ".join(printed(found).split())


def test_the_table_has_trials_best_first_then_the_baseline_and_the_references() -> None:
    bias = {part: measurement(0.5, ndcg=None) for part in ("validation", "test")}
    lines = printed(findings({7: 0.8, 2: 0.4}, references={"bias": bias})).splitlines()
    assert lines[0].strip() == "run: best by accuracy"
    rows = {line.split()[0]: line.split()[1:] for line in lines[3:9] if "0." in line}
    assert list(rows) == ["007", "002", "baseline", "bias"]
    assert rows["007"] == ["0.8000", "+0.200", "[+0.200,", "+0.200]", *["0.8000"] * 5]
    assert rows["002"][1:4] == ["-0.200", "[-0.200,", "-0.200]"]
    assert rows["bias"] == ["0.5000", "0.5000", "–", "0.5000", "0.5000", "–"]


def test_under_the_table_stands_whom_the_split_measures() -> None:
    assert "per_user: 60 of 60 users have validation ratings, all of them" in said(findings({1: 0.8}))


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.8, "better than"), (0.4, "worse than"), (0.6, "not distinguishable from")],
)
@pytest.mark.parametrize(
    ("metric", "name"),
    [("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"), ("ndcg", "NDCG@10")],
)
def test_the_winner_is_judged_in_words_on_what_chose_it_and_on_what_did_not(
    share: float, words: str, metric: str, name: str
) -> None:
    text = said(findings({1: share, 2: 0.0}, metric=metric))
    assert f"Best: run_001, {name} {words} the baseline (" in text
    assert "on validation, the ratings that picked it out of 2." in text
    assert f"On the test ratings, which picked nothing: {name} {words} the baseline (" in text
    assert "Next: python src/tune_app.py rerun=outputs/run/001" in text


def test_one_trial_was_picked_out_of_none() -> None:
    assert "measured alone." in said(findings({1: 0.8}))


def test_a_reference_that_is_ahead_is_minded_and_one_that_is_not_is_not() -> None:
    def of(share: float) -> dict[str, Measurement]:
        return {part: measurement(share) for part in ("validation", "test")}

    ahead = {"popularity": of(0.7), "bias": of(0.9), "best constant": of(0.95)}
    text = said(findings({1: 0.8}, references=ahead))
    assert "Mind the reference: best constant has accuracy 0.9500 on validation, the winner 0.8000." in text
    assert "Mind" not in said(findings({1: 0.8}, references={"bias": of(0.8)}))


def test_a_folder_that_is_gone_leaves_a_dash_and_a_sentence() -> None:
    found = findings({1: 0.8, 2: 0.7, 3: 0.4}, gone=[1, 2])
    lines = printed(found).splitlines()
    assert [line.split()[:3] for line in lines if line.startswith(("001", "002"))] == [
        ["001", "0.8000", "–"],
        ["002", "0.7000", "–"],
    ]
    assert any(line.startswith("003") and "[-0.200, -0.200]" in line for line in lines)
    assert "run_001 has no per-user figures (its folder is gone), so no interval can be given." in said(found)


def test_failures_are_named_with_equal_reasons_once_and_as_they_are() -> None:
    reasons = ["[/bold] list[int] :smile:", "two\nlines", "[/bold] list[int] :smile:"]
    failures = [failure(trial, reason) for trial, reason in enumerate(reasons, 1)]
    text = printed(findings({9: 0.8}, failures=failures))
    assert text.endswith("3 of 4 trials failed:\n  001, 003: [/bold] list[int] :smile:\n  002: two; lines\n")


def test_a_run_that_found_nothing_says_so() -> None:
    assert printed(findings({})) == "run: no trial completed, so that there is nothing to compare.\n"
    failed = printed(findings({}, failures=[failure(1, "broken")]))
    assert failed.endswith("compare.\n1 of 1 trials failed:\n  001: broken\n")


def test_the_summary_of_a_pipe_is_plain_and_80_columns_wide() -> None:
    constant = {part: measurement(0.95) for part in ("validation", "test")}
    text = printed(findings(dict.fromkeys(range(1, 11), 0.8), references={"best constant": constant}))
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[0] == "run: best by accuracy"
