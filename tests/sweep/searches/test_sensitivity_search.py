"""Each hyperparameter moved alone."""

from pathlib import Path

from app_runs import run_app, yaml_file
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from test_search_space import space_of

from pipeline.hyperparameters import Phase1
from sweep.searches.sensitivity import across, moved_alone


def test_a_range_is_crossed_from_end_to_end() -> None:
    assert across(FloatDistribution(0.1, 0.4), 4) == [0.1, 0.2, 0.3, 0.4]
    assert across(FloatDistribution(1, 100, log=True), 3) == [1, 10, 100]
    assert across(IntDistribution(1, 10), 2) == [1, 10]
    assert across(IntDistribution(1, 3), 5) == [1, 2, 3]
    assert across(CategoricalDistribution([5, 3]), 2) == [5, 3]


def test_every_hyperparameter_is_moved_alone_and_never_to_where_it_is() -> None:
    space = space_of("model.genre_boost_high=interval(0, 0.3)", "model.cast_lead_threshold=choice(5, 7)")
    assert list(moved_alone(space, 3)) == [
        "model.genre_boost_high=0.0",
        "model.genre_boost_high=0.3",
        "model.cast_lead_threshold=7",
    ]


def test_a_sensitivity_search_begins_with_the_current_configuration_and_moves_one_value_a_trial(
    tmp_path: Path,
) -> None:
    moved = ("genre_boost_low", "cast_lead_weight")
    others = [name for name in Phase1.__dataclass_fields__ if name not in (*moved, "accuracy_threshold")]
    fixed = [f"model.{name}={0 if name == 'cast_weight' else getattr(Phase1(), name)}" for name in others]
    run = run_app(tmp_path, "r", "-m", "search=sensitivity", "search.steps=2", *fixed)
    assert run.code == 0, run.stderr
    first = [yaml_file(run.folder / f"{trial:03d}" / ".hydra" / "overrides.yaml")[0] for trial in run.rows]
    # A lead weighs 1 as shipped, and is not moved there.
    assert first[1:] == [
        f"model.{move}" for move in ("genre_boost_low=-0.3", "genre_boost_low=0.0", "cast_lead_weight=0.5")
    ]
    accuracy = [row["validation_accuracy"] for row in run.rows.values()]
    assert accuracy[1] != accuracy[0]
    # Casts weigh nothing here, so the weight of a lead can do nothing either.
    assert accuracy[3] == accuracy[0]
