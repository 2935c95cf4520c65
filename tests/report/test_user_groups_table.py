"""The winner for newcomers and for regulars, in every form."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_samples import PARTS, USERS, findings, per_user

from pipeline.metrics import PerUser
from report.findings import Findings
from report.forms import write
from report.user_groups import HEADING, groups_table

# A third of the users is new, another one has 20 ratings to learn from, the last one 2,000.
FITTED = np.repeat([0, 20, 2000], USERS // 3).astype(np.int32)


def mixed(share: float) -> PerUser:
    """Let newcomers be missed by two stars and have half of everybody's NDCG."""
    all_alike = per_user(share)
    new = FITTED == 0
    return dataclasses.replace(
        all_alike,
        hits=np.where(new[:, None], 0, all_alike.hits),
        squares=np.where(new, 10 * 2.0**2, all_alike.squares),
        ndcg=np.where(new, all_alike.ndcg / 2, all_alike.ndcg),
        fitted=FITTED,
    )


def found(**known: Any) -> Findings:
    measured = {part: [mixed(0.8), mixed(0.4)] for part in PARTS}
    values: dict[str, Any] = {"per_user": measured, "baseline": dict.fromkeys(PARTS, mixed(0.6))}
    return findings({1: 0.8, 2: 0.4}, **(values | known))


def text(form: str, told: Findings) -> str:
    out = io.StringIO()
    write(form, told, out, Path("/nowhere"))
    return out.getvalue()


def test_each_group_has_the_winner_beside_the_baseline_on_validation_and_on_test() -> None:
    table = groups_table(found())
    assert table is not None
    of_validation, of_test = table.groups
    assert [row[1:] for row in of_test] == [row[1:] for row in of_validation]
    assert {row[0] for row in of_test} == {"test"}
    assert [list(row[1:]) for row in of_test] == [
        ["0", "40", "400", "0.0000", "0.0000", "0.4000", "0.3000", "2.0000", "2.0000"],
        # Missed by a star are two of ten, and four of ten.
        ["10-29", "40", "400", "0.8000", "0.6000", "0.8000", "0.6000", "0.4472", "0.6325"],
        ["100+", "40", "400", "0.8000", "0.6000", "0.8000", "0.6000", "0.4472", "0.6325"],
    ]


def test_a_baseline_that_was_cleaned_away_leaves_dashes() -> None:
    table = groups_table(found(baseline=dict.fromkeys(PARTS)))
    assert table is not None
    assert [row[5] for row in table.rows] == [row[7] for row in table.rows] == ["–"] * 6


def test_a_part_whose_figures_are_gone_is_left_out_and_without_any_there_is_no_table() -> None:
    measured = {"validation": [None, mixed(0.4)], "test": [mixed(0.8), mixed(0.4)]}
    table = groups_table(found(per_user=measured))
    assert table is not None
    assert {row[0] for row in table.rows} == {"test"}
    gone = found(per_user={part: [None, mixed(0.4)] for part in PARTS})
    assert groups_table(gone) is None
    for form in ("terminal", "html", "md"):
        assert "by how many ratings of a user" not in text(form, gone)
    assert HEADING not in text("html", gone) + text("md", gone)
    assert json.loads(text("json", gone))["user_groups"] == {"validation": [], "test": []}


def test_every_form_has_the_groups() -> None:
    told = found()
    for form in ("terminal", "html", "md"):
        assert "the winner by how many ratings of a user it learnt from" in text(form, told)
    assert "| test | 10-29 | 40 | 400 | 0.8000 | 0.6000 |" in text("md", told)
    first, *_, last = json.loads(text("json", told))["user_groups"]["test"]
    assert first["winner"]["accuracy"] == 0
    assert (last["winner"]["at_least"], last["winner"]["at_most"]) == (100, None)
    assert [last[side]["accuracy"] for side in ("winner", "baseline")] == [0.8, 0.6]


def test_large_groups_fit_into_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    large = dataclasses.replace(mixed(0.8), ratings=np.full((USERS, 2), 400, dtype=np.int32))
    same = {part: [large, large] for part in PARTS}
    told = found(per_user=same, baseline=dict.fromkeys(PARTS, large))
    lines = [line for line in text("terminal", told).splitlines() if line.startswith("validation")]
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
