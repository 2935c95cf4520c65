"""The one command of all costs: its table, and that each benchmark gives rows as it is by default."""

import inspect
from importlib import import_module

import pytest

from cost_rows import Row, markdown
from costs import COSTS
from sweeps import Round, Sweep, Time, kept


@pytest.mark.parametrize("name", COSTS)
def test_a_benchmark_gives_its_rows_without_being_asked_for_more(name: str) -> None:
    parameters = inspect.signature(import_module(name).rows).parameters.values()
    assert all(one.default is not one.empty for one in parameters)


def test_a_row_tells_ours_what_it_is_beside_and_how_many_times_as_much_it_is() -> None:
    rows = [Row("a trial", "26 ms", "130 ms, Hydra's", 0.2), Row("a row", "900 B")]
    assert list(markdown(rows)) == [
        "| what | ours | beside | ratio |",
        "| --- | --: | --: | --: |",
        "| a trial | 26 ms | 130 ms, Hydra's | 0.2 |",
        "| a row | 900 B |  |  |",
    ]


def a_sweep(seconds: float, trials: int, *, folder_bytes: float = 100.0) -> Sweep:
    """Make a sweep whose database holds 5000 bytes beside 800 for each trial, and whose trials take 10 ms."""
    return Sweep(Time(seconds, seconds), folder_bytes, 5000 + 800 * trials, [0.01] * (trials - 1))


def test_what_a_sweep_leaves_is_told_without_what_one_trial_leaves_already() -> None:
    nothing = a_sweep(1.0, 1, folder_bytes=50.0)
    one = Round(
        one=a_sweep(2.0, 1),
        many=a_sweep(4.0, 101),
        one_by_hydra=Time(0.2, 0.2),
        one_of_hydras=Time(0.1, 0.1),
        hydras=nothing,
        cold=nothing,
        cold_hydras=nothing,
        trials=101,
    )
    assert one.one_of_ours == Time(0.02, 0.02)
    growth, database, files = kept([one])
    assert (growth.ours, growth.ratio) == ("10.0 ms", 1.0)
    assert (database.ours, files.ours, files.ratio) == ("800 B", "100 B", 2.0)
