"""What Optuna's sweeper does here that it does not do by itself."""

from pathlib import Path

import pytest
from app_runs import run_app
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from pipeline.hyperparameters import Phase1
from pipeline.parameters import InvalidInput
from sweep.searches.search_space import simplex_groups


def swept(*lines: str) -> list[Override]:
    return OverridesParser.create().parse_overrides(list(lines))


def simplex(name: str) -> str:
    return f"model.{name}=tag(simplex, interval(0, 1))"


def test_tagged_weights_are_grouped_by_the_whole_they_share() -> None:
    weights = ("popularity_count_weight", "rating_weight", "genre_weight", "popularity_rating_weight")
    assert simplex_groups(swept(*map(simplex, weights), "model.cast_weight=interval(0,1)")) == [
        ["model.genre_weight", "model.rating_weight"],
        ["model.popularity_rating_weight", "model.popularity_count_weight"],
    ]
    assert simplex_groups(swept("model.genre_weight=interval(0,1)")) == []


def test_only_weights_that_share_a_whole_can_be_tagged() -> None:
    with pytest.raises(InvalidInput, match=r"^model\.genre_boost_low cannot be tagged simplex"):
        simplex_groups(swept(simplex("genre_weight"), simplex("genre_boost_low")))


@pytest.mark.parametrize("space", ["interval(0.2, 0.5)", "choice(0.2, 0.5)"])
def test_a_tagged_weight_is_drawn_from_all_shares(space: str) -> None:
    with pytest.raises(InvalidInput, match=r"^model\.cast_weight tagged simplex must be interval\(0, 1\)"):
        simplex_groups(swept(simplex("genre_weight"), f"model.cast_weight=tag(simplex, {space})"))


def test_the_first_trial_keeps_of_the_shipped_configuration_what_the_space_holds(tmp_path: Path) -> None:
    """Neither a list nor an interval without the shipped value stops the search, nor changes the rest."""
    space = ("model.genre_boost_high=choice(0.05,0.1)", "model.genre_boost_low=interval(-0.1,0)")
    run = run_app(tmp_path, "r", "-m", "search=bayesian", "hydra.sweeper.n_trials=2", *space)
    assert run.code == 0, run.stderr
    first, shipped = run.rows[1], Phase1()
    assert first["genre_boost_high"] in (0.05, 0.1)
    assert -0.1 <= first["genre_boost_low"] <= 0
    assert first["rating_weight"] == pytest.approx(shipped.rating_weight, abs=1e-12)
    assert first["cast_lead_threshold"] == shipped.cast_lead_threshold
    assert first["genre_threshold_low"] == shipped.genre_threshold_low


def test_a_search_of_whole_hyperparameters_draws_whole_numbers(tmp_path: Path) -> None:
    fixed = [f"model.{name}={getattr(Phase1(), name)}" for name in Phase1.__dataclass_fields__]
    space = [line for line in fixed if "cast_lead_threshold" not in line and "accuracy_threshold" not in line]
    run = run_app(tmp_path, "r", "-m", "search=random", "hydra.sweeper.n_trials=6", *space)
    assert run.code == 0, run.stderr
    drawn = [row["cast_lead_threshold"] for row in run.rows.values()]
    assert all(isinstance(value, int) and 1 <= value <= 10 for value in drawn)
    assert {row["genre_weight"] for row in run.rows.values()} == {Phase1().genre_weight}
    # Optuna's own account of the best trial would hold coordinates where the weights belong.
    assert not (run.folder / "optimization_results.yaml").exists()
