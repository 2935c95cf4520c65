"""docs/models.md: what is held against what was asked, and that the README repeats it rightly."""

import re

import numpy as np
import pytest
from tiny_data import users_of_ndcg

from models import RANKING, WITHOUT
from models_page import BARS, _against
from pipeline.hyperparameters import Phase2, Phase3
from pipeline.metrics import METRICS, Measurement
from pipeline.parameters import parameters
from project import ROOT


def measured(metric: str, value: float) -> Measurement:
    return Measurement(dict.fromkeys(METRICS) | {metric: value}, users_of_ndcg(np.array([np.nan])))


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        ("accuracy", 0.91, "0.9100, aim reached"),
        ("accuracy", 0.895, "0.8950, 0.0050 short of the aim"),
        ("accuracy", 0.88, "0.8800, 0.0100 short"),
        ("rmse", 0.92, "0.9200, aim reached"),
        ("rmse", 0.93, "0.9300, 0.0050 short of the aim"),
        ("rmse", 0.95, "0.9500, 0.0050 short"),
    ],
)
def test_a_figure_is_held_against_what_was_asked_and_aimed_at(metric: str, value: float, words: str) -> None:
    assert metric in BARS
    assert _against(measured(metric, value), metric) == words


def test_every_part_that_is_taken_away_and_all_that_ranks_is_a_hyperparameter_of_phase_3() -> None:
    added = parameters(Phase3).keys() - parameters(Phase2).keys()
    assert set(RANKING) <= added
    assert {name for change in WITHOUT.values() for name in change} <= added


def test_the_readme_repeats_the_table_of_the_models() -> None:
    def rows(name: str) -> list[str]:
        return re.findall(r"^\| phase\d \|.*$", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert len(rows("README.md")) >= 9
    assert set(rows("README.md")) <= set(rows("docs/models.md"))
