"""All runs together: which can be compared, what is best where they can, and how many there are."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from recorded import fill, fill_many, record
from report_samples import BEGUN, REFERENCES, experiment, tuning_run
from sqlalchemy import Engine

from db.answers import RecordedExperiment, TuningRun
from report.overview import Overview, overview
from report.runs import group_lines, overview_figures, runs_table
from report.terminal import console, print_overview


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return record(tmp_path / "movies.db")


def trials(run_id: str, *shares: float | None) -> list[RecordedExperiment]:
    return [
        experiment(n, share, experiment_id=f"{run_id}_{n:03d}", tuning_run_id=run_id)
        for n, share in enumerate(shares, 1)
    ]


def run(run_id: str, hour: int = 0, **known: object) -> TuningRun:
    return tuning_run(tuning_run_id=run_id, started_at=BEGUN + timedelta(hours=hour), **known)


def printed(found: Overview) -> str:
    out = io.StringIO()
    print_overview(console(out), found)
    return out.getvalue()


def test_runs_for_one_objective_on_one_problem_are_compared_and_no_others(engine: Engine) -> None:
    fill(engine, run("a", 1), trials("a", 0.5))
    fill(engine, run("b", 2), trials("b", 0.7))
    fill(engine, run("c", 3, problem_key="another"), trials("c", 0.9))
    fill(engine, run("d", 4, objective="quality", metric="ndcg"), trials("d", 0.8))
    found = overview(engine)
    assert [[one.run_id for one in group.runs] for group in found.groups] == [["d"], ["c"], ["b", "a"]]
    assert [group.best.run_id for group in found.groups if group.best] == ["d", "c", "b"]
    assert found.groups[2].title == "accuracy on checkerboard, split per_user (problem 01234567)"
    assert found.groups[0].title.startswith("NDCG@10 on checkerboard")


def test_a_tie_goes_to_the_earlier_trial_of_the_earlier_run(engine: Engine) -> None:
    fill(engine, run("late", 2), trials("late", 0.7))
    fill(engine, run("early", 1), trials("early", 0.5, 0.7, 0.7))
    (group,) = overview(engine).groups
    assert group_lines(group) == [
        "Best: early_002 with 0.7000, picked out of 4 experiments in 2 runs; expected improvement at most "
        "+0.100, on the ratings that picked it."
    ]


def test_a_run_says_what_became_of_its_trials_and_how_it_ended(engine: Engine) -> None:
    fill(engine, run("a", 1, planned_trials=4), trials("a", 0.5, None, 0.6))
    fill(engine, run("b", 2, stop_reason="target 0.5 reached"), trials("b", 0.5))
    fill(engine, run("c", 3, ended_at=None), trials("c", None))
    (group,) = overview(engine).groups
    rows = {str(row[0]): row[1:] for row in runs_table(group).rows}
    assert rows == {
        "a": ["random", "2/4", "1", "0.6000", "+0.000", "done"],
        "b": ["random", "1/2", "", "0.5000", "-0.100", "target 0.5 reached"],
        "c": ["random", "0/2", "1", "–", "–", "not ended"],
    }


def test_a_problem_where_nothing_completed_has_nothing_to_compare(engine: Engine) -> None:
    fill(engine, run("a"), trials("a", None))
    (group,) = overview(engine).groups
    assert group_lines(group) == ["No trial completed, so that there is nothing to compare."]
    assert "Next" not in printed(overview(engine))


def test_nothing_is_called_the_best_where_a_reference_is_missing(engine: Engine) -> None:
    there = {name: parts for name, parts in REFERENCES.items() if name != "bias"}
    fill(engine, run("a", reference_metrics=there), trials("a", 0.9))
    (group,) = overview(engine).groups
    assert group_lines(group) == [
        "Nothing is called the best: bias was not measured beside a.",
        "Highest: a_001 with 0.9000.",
    ]


def test_runs_without_a_row_stand_apart_and_have_no_best(engine: Engine) -> None:
    fill(engine, None, trials("old", 0.9, 0.95))
    fill(engine, run("new", 1), trials("new", 0.5))
    *_, last = overview(engine).groups
    assert [one.run_id for one in last.runs] == ["old"]
    assert last.title.startswith("Recorded before runs had a row")
    assert group_lines(last)[1] == "Highest: old_002 with 0.9500."


def test_the_terminal_is_80_columns_wide_and_names_the_next_command(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = "bayesian_20260102_030405"
    fill(engine, run(long, stop_reason="interrupted by the user"), trials(long, 0.5))
    text = printed(overview(engine, ["db.url=sqlite:////tmp/a.db"]))
    assert max(len(line) for line in text.splitlines() if not line.startswith("Next: ")) <= 80
    assert f"Next: python src/report_app.py report.run={long} db.url=sqlite:////tmp/a.db" in text


def test_ten_thousand_experiments_are_counted(engine: Engine) -> None:
    fill_many(engine, runs=50, trials=200)
    found = overview(engine)
    figures = {figure.name: figure.value for figure in overview_figures(found)}
    assert figures["runs"] == "50"
    assert figures["experiments"] == "10,000: 9,800 completed, 200 failed"
    assert [len(group.runs) for group in found.groups] == [17, 17, 16]
    assert {run.best.trial_number for run in found.runs if run.best} == {199}
    assert figures["highest validation accuracy"] == f"{199 / 201:.4f}"
