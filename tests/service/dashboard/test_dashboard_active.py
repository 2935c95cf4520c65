"""The dashboard shows the active version and the others with the numbers that are recorded."""

import pytest
from dashboard_samples import NOW, a_version, fill_runs, go_to, page_of, rate
from sqlalchemy import Engine

from deployment.revalidation import wilson

SWITCHES = "switches of the active version, the latest first"
VERSIONS = "versions, the latest first"
DAYS = "live accuracy of the last 90 days, the latest first"


def test_the_active_version_says_who_made_it_active_when_and_why(engine: Engine) -> None:
    first, second = a_version(engine), a_version(engine, model="phase2", experiment_id="grid_1_001")
    go_to(engine, first)
    go_to(engine, second, "promote", who="berta", why="the challenger is better")
    page = page_of(engine)
    assert f"Version {second} (phase2) answers since {NOW:%Y-%m-%d}" in page.text
    assert "It was promoted by berta: the challenger is better" in page.text
    switches = [[revision, *rest] for revision, _, *rest in page.tables[SWITCHES][1:]]
    assert switches == [
        ["2", f"promoted {second}, {first} before", "berta", "the challenger is better"],
        ["1", f"deployed {first}", "anna", "a test"],
    ]
    assert "python src/deploy_app.py action=rollback" in page.codes


def test_figures_stand_beside_the_references_of_the_same_problem_and_of_no_other(engine: Engine) -> None:
    fill_runs(engine)
    go_to(engine, a_version(engine, 0.75))
    (measured,) = (rows for caption, rows in page_of(engine).tables.items() if "held-out" in caption)
    assert measured[0] == ["measured", "version 1", "baseline", "best constant", "popularity", "bias"]
    assert measured[1] == ["validation accuracy", "0.7500", "0.6000", "0.3000", "–", "0.4000"]
    assert measured[5] == ["test accuracy", "0.7500", "0.6000", "0.3000", "–", "0.4000"]

    go_to(engine, a_version(engine, 0.8, problem_key="another"))
    page = page_of(engine)
    (measured,) = (rows for caption, rows in page.tables.items() if "held-out" in caption)
    assert measured[:2] == [["measured", "version 2"], ["validation accuracy", "0.8000"]]
    assert "no reference can stand beside it" in page.text


def test_live_accuracy_is_told_by_day_with_its_samples_and_interval(engine: Engine) -> None:
    version = a_version(engine)
    go_to(engine, version)
    rate(engine, version, hits=3, misses=1)
    rate(engine, version, hits=6, misses=4, days_ago=2)
    rate(engine, version, hits=1, misses=0, days_ago=200)
    page = page_of(engine)
    # Wilson's interval of 3 in 4 by hand: (0.75 + 1.96²/8 ± 1.96 √(0.1875/4 + 1.96²/64)) / (1 + 1.96²/4).
    assert [row[1:] for row in page.tables[DAYS][1:]] == [
        [str(version), "4", "0.7500", "[0.3006, 0.9544]"],
        [str(version), "10", "0.6000", "[0.3127, 0.8318]"],
    ]
    drawn, line = page.plots[0]["data"]
    assert drawn["y"] == [0.6, 0.75]
    assert [text[10:] for text in drawn["text"]] == [
        ": 0.6000 of 10 rated forecasts",
        ": 0.7500 of 4 rated forecasts",
    ]
    assert drawn["y"][1] - drawn["error_y"]["arrayminus"][1] == pytest.approx(wilson(0.75, 4)[0])
    assert line["name"] == "accuracy_threshold 0.6"
    assert [shape["y0"] for shape in page.plots[0]["layout"]["shapes"]] == [0.6]
    assert "of 15 rated forecasts" in page.text
    assert "Not due for another fit" in page.text


def test_days_of_the_version_before_are_drawn_beside_those_of_the_active_one(engine: Engine) -> None:
    first, second = a_version(engine), a_version(engine)
    go_to(engine, second)
    rate(engine, first, hits=1, misses=1)
    rate(engine, second, hits=2, misses=1)
    drawn = page_of(engine).plots[0]["data"][:2]
    assert [one["name"] for one in drawn] == [f"version {second}, active", f"version {first}"]
    assert drawn[0]["x"] != drawn[1]["x"]  # neither hides the other


def test_a_version_below_its_threshold_is_due_and_the_command_is_there(engine: Engine) -> None:
    version = a_version(engine)
    go_to(engine, version)
    rate(engine, version, hits=2, misses=8)
    page = page_of(engine)
    assert "Due for another fit: live accuracy 0.2000" in page.text
    assert "python src/deploy_app.py action=retrain" in page.codes


def test_the_gate_is_told_rule_by_rule(engine: Engine) -> None:
    rules = [
        {"name": "accuracy", "must": "at least 0.7", "found": "0.6500", "passed": False, "applies": True},
        {"name": "fast enough", "must": "at most 25 ms", "found": "7 ms", "passed": True, "applies": True},
        {"name": "quality", "must": "above -0.01", "found": "no other", "passed": True, "applies": False},
    ]
    go_to(engine, a_version(engine, gate={"rules": rules}, passed=False, forced=True))
    assert page_of(engine).tables["what the gate asked of it"][1:] == [
        ["accuracy", "at least 0.7", "0.6500", "refused"],
        ["fast enough", "at most 25 ms", "7 ms", "holds"],
        ["quality", "above -0.01", "no other", "does not apply"],
    ]


def test_versions_are_listed_with_their_figures(engine: Engine) -> None:
    first = a_version(engine, 0.6, experiment_id="grid_1_001")
    a_version(engine, 0.5, forced=True, passed=False)
    go_to(engine, first)
    rate(engine, first, hits=1, misses=1)
    rows = [[*row[:3], *row[4:]] for row in page_of(engine).tables[VERSIONS][1:]]
    assert rows == [
        ["2", "phase1", "ready", "typed", "forced", "0.5000", "0.5000", "–", "0"],
        ["1 (active)", "phase1", "ready", "grid_1_001", "passed", "0.6000", "0.6000", "0.5000", "2"],
    ]
