"""A preview says what would run, and leaves nothing behind."""

from pathlib import Path

import pytest
from command import run_here, standard


def preview(folder: Path, *arguments: str) -> list[str]:
    answer = run_here("-m", "search.preview=true", *arguments, *standard(folder))
    assert answer.code == 0, answer.stderr
    return answer.stdout.splitlines()


def test_a_grid_is_counted_and_its_first_configurations_are_listed(tmp_path: Path) -> None:
    lines = preview(tmp_path, "search=grid")
    assert lines[0] == "Preview, nothing is run: 75 trials of phase1 by grid for accuracy on synthetic."
    assert lines[1] == "  001  model.genre_weight=0.36 model.rating_weight=0.27 model.genre_boost_low=-0.22"
    assert [line.split()[0] for line in lines[1:11]] == [f"{number:03d}" for number in range(1, 11)]
    assert lines[11] == "  …    65 more"
    assert lines[12].startswith("How long is not known: no run of phase1 on this data and split")
    assert not (tmp_path / "outputs").exists()
    assert not (tmp_path / "movies.db").exists()


@pytest.mark.parametrize("search", ["random", "bayesian", "cmaes", "qmc", "pareto", "refine"])
def test_of_a_search_that_draws_the_first_trial_is_certain(tmp_path: Path, search: str) -> None:
    lines = preview(tmp_path, f"search={search}", "hydra.sweeper.n_trials=30")
    assert lines[0].startswith(f"Preview, nothing is run: 30 trials of phase1 by {search} for accuracy")
    assert "  …    29 more, which depend on what these are worth" in lines
    assert not (tmp_path / "outputs").exists()


def test_the_pace_of_the_latest_comparable_run_says_how_long_it_would_take(tmp_path: Path) -> None:
    listed = "model.genre_weight=choice(0.3,0.4,0.5)"
    assert run_here("-m", "run_id=measured", listed, *standard(tmp_path)).code == 0
    last = preview(tmp_path, "search=grid", "run_id=planned")[-1]
    assert last.startswith("About ")
    assert last.endswith(" s a trial, the pace of measured.")
    assert not (tmp_path / "outputs" / "planned").exists()
