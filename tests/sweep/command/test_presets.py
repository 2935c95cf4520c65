"""Every file under conf/ says what it is for, composes, and runs."""

import re
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest
from app_runs import run_app
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep
from movies_dataset_folders import write_folder
from omegaconf import DictConfig, OmegaConf
from releases import write_release
from small_presets import SEARCHES, smaller

from pipeline.hyperparameters import MODELS, Phase2
from pipeline.parameters import read
from project import ROOT
from sweep import resolvers
from sweep.command.space import listed_values
from sweep.command.whitelist import EXECUTION_WHITELIST
from sweep.searches.grid import combinations
from sweep.searches.search_space import SearchSpace
from sweep.sections import without_hydra
from sweep.settings import read_settings_of

CONF = ROOT / "conf"
FILES = sorted(CONF.rglob("*.yaml"))
GROUPS = ("data", "db", "launch", "model", "objective", "search", "split")
# What deploy_app writes beside the models that are shipped.
WRITTEN = "deployed"
PRESETS = [
    (group, path.stem)
    for group in GROUPS
    for path in sorted((CONF / group).glob("*.yaml"))
    if not path.stem.startswith("_") and path.stem != WRITTEN
]
# What a preset leaves to whoever selects it.
MUST_BE_GIVEN = {
    "data=movielens": "data.path={release}",
    "data=movies_dataset": "data.path={films}",
    "data=csv": "data.path={release}",
    "data=sql": "data.url=sqlite:///shop.db",
}
# Presets that adapt another's source.
ADAPTED = {"seed_movies_db": "sql"}
TWO_TRIALS = ["hydra.sweeper.n_trials=2"]


@pytest.fixture(autouse=True)
def register() -> None:
    resolvers.register()


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONF)):
        return compose("config", list(overrides), return_hydra_config=True)


def relative(path: Path) -> str:
    return str(path.relative_to(CONF))


def test_the_presets_are_found() -> None:
    assert len(FILES) >= 20
    assert {group for group, _ in PRESETS} == set(GROUPS)
    assert set(SEARCHES) >= {"manual", "grid", "random", "bayesian"}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_a_file_opens_with_its_purpose_and_its_command(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    opening = [line for line in lines[:4] if line.startswith("# ") and "@package" not in line]
    assert lines[0].startswith("# ")
    assert len(opening[0]) > 30
    selected_by_config = path.parent.parent.name == "hydra"
    command = r"conf/config\.yaml" if selected_by_config else r"python src/(tune|report|deploy|serve)_app\.py"
    assert re.search(command, "\n".join(opening)), opening
    if path.parent.name in GROUPS and not path.stem.startswith("_"):
        says_itself = f"{path.parent.name}={path.stem}"
        assert says_itself in "\n".join(opening) or path.stem == "manual", opening


@pytest.mark.parametrize(("group", "choice"), PRESETS)
def test_a_preset_composes_to_settings_that_are_accepted(
    group: str, choice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELTUNE_DB_URL", "postgresql://tuner@localhost/reeltune")
    release = write_release(tmp_path / "ml", "ml-25m", [], [])
    films = write_folder(tmp_path / "films", [])
    given = [
        line.format(release=release, films=films)
        for key, line in MUST_BE_GIVEN.items()
        if key == f"{group}={choice}"
    ]
    settings = read_settings_of(without_hydra(composed(f"{group}={choice}", *given)))
    assert settings.checked_hyperparameters() == MODELS[settings.model]()
    named = {
        "data": composed(f"data={choice}").data.name if group == "data" else None,
        "model": settings.model,
        "objective": settings.objective.name,
        "search": settings.search.method,
        "split": settings.split_name,
    }
    assert named.get(group, choice) == (ADAPTED.get(choice, choice) if group == "data" else choice)


def test_the_searches_are_as_long_as_they_say() -> None:
    assert composed("search=random").hydra.sweeper.n_trials == 50
    assert composed("search=bayesian").hydra.sweeper.n_trials == 20
    axes = composed("search=grid").hydra.sweeper.params.values()
    assert [len(axis.split(",")) for axis in axes] == [5, 5, 3]


def test_what_phase_2_adds_is_searched_in_48_configurations_that_all_differ() -> None:
    config = composed("search=phase2")
    lines = [f"{key}={line}" for key, line in config.hydra.sweeper.params.items()]
    ranges = SearchSpace.of("phase2", dict(config.model), OverridesParser.create().parse_overrides(lines))
    found = list(combinations(ranges))
    assert len(set(found)) == len(found) == 48
    assert config.model.name == "phase2"
    for drawn in found:
        values = {key: float(value) for key, _, value in (line.partition("=") for line in drawn)}
        named = {key.removeprefix("model."): value for key, value in values.items()}
        assert read(Phase2, asdict(Phase2()) | named)


def test_every_target_of_the_shipped_config_is_on_the_whitelist() -> None:
    def targets(node: object) -> list[str]:
        if not isinstance(node, dict):
            return []
        own = [str(node["_target_"])] if "_target_" in node else []
        return own + [target for value in node.values() for target in targets(value)]

    for search in SEARCHES:
        config = composed(f"search={search}", "launch=cores")
        found = targets(OmegaConf.to_container(config, resolve=False))
        assert len(found) >= 3
        assert set(found) <= set(EXECUTION_WHITELIST)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_preset_runs(tmp_path: Path, search: str) -> None:
    if search == "confirm":
        assert run_app(tmp_path, "before", "-m", "search=random", *TWO_TRIALS).code == 0
    run = run_app(tmp_path, "r", "-m", f"search={search}", *smaller(search))
    if search == "gp" and find_spec("torch") is None:
        assert run.code == 2
        assert "search=gp needs torch: run python -m pip install" in run.stderr
        return
    assert run.code == 0, run.stderr
    assert set(run.statuses.values()) == {"completed"}
    assert {row["tuning_method"] for row in run.rows.values()} == {search}
    assert (run.folder / "sweep.log").is_file()


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_shipped_with_the_defaults_of_its_dataclass(model: str) -> None:
    assert composed(f"model={model}").model == {"name": model, **asdict(MODELS[model]())}


@pytest.mark.parametrize("model", MODELS)
def test_both_ends_of_every_range_make_a_legal_model(model: str) -> None:
    space = composed(f"model={model}").space
    shipped = asdict(MODELS[model]())
    assert len(space) > 10
    assert "model.accuracy_threshold" not in space
    for key, line in space.items():
        override = OverridesParser.create().parse_override(f"{key}={line}")
        name = key.removeprefix("model.")
        if isinstance(shipped[name], str):
            texts = listed_values(override)
            assert shipped[name] in texts
            assert all(read(MODELS[model], {**shipped, name: text}, "model.") for text in texts)
            continue
        interval = override.value()
        assert isinstance(interval, IntervalSweep)
        assert interval.start is not None
        assert interval.end is not None
        assert interval.start <= shipped[name] <= interval.end
        for end in (interval.start, interval.end):
            value = type(shipped[name])(end)
            assert read(MODELS[model], {**shipped, name: value}, "model.")


@pytest.mark.parametrize("model", MODELS)
def test_no_draw_from_a_space_can_be_out_of_order(model: str) -> None:
    """Ends that meet in turn, low beside high and high beside low: the ranges must not overlap."""
    space = composed(f"model={model}").space
    shipped = asdict(MODELS[model]())
    ends = {}
    for key, line in space.items():
        interval = OverridesParser.create().parse_override(f"{key}={line}").value()
        if not isinstance(interval, IntervalSweep):
            continue  # a text has no order
        ends[key.removeprefix("model.")] = (interval.start, interval.end)
    for first in (0, 1):
        drawn = {
            name: type(shipped[name])(pair[(i + first) % 2])
            for i, (name, pair) in enumerate(ends.items())
            if "threshold" in name
        }
        assert read(MODELS[model], {**shipped, **drawn}, "model.")
