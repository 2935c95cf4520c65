"""A config names what exists; it cannot have anything else imported, called or read as code."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import refusal_problems, run_here, run_outside, snapshot, standard
from hydra.core.config_store import ConfigStore

from hydra_plugins.reeltune import sweepers
from project import ROOT
from sweep.command.hydra_node import TARGETS
from sweep.command.whitelist import EXECUTION_WHITELIST


def targets(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (str(value) for key, value in node.items() if key == "_target_")
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from targets(inner)


def test_every_target_of_the_presets_is_on_the_whitelist() -> None:
    files = list((ROOT / "conf").rglob("*.yaml"))
    found = [t for path in files for t in targets(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert len(files) > 10
    assert found
    assert set(found) <= set(EXECUTION_WHITELIST)


def test_every_plugin_of_ours_is_on_the_whitelist() -> None:
    names = [name for name in ConfigStore.instance().list("hydra/sweeper") if name.startswith("reeltune_")]
    nodes = [ConfigStore.instance().load(f"hydra/sweeper/{name}").node for name in names]
    assert len(nodes) == 4
    assert {node._target_ for node in nodes} <= set(EXECUTION_WHITELIST)
    ours = {f"{c.__module__}.{c.__name__}" for c in sweepers.SearchSweeper.__subclasses__()}
    assert ours == {node._target_ for node in nodes}


@pytest.mark.parametrize("name", EXECUTION_WHITELIST)
def test_the_whitelist_holds_exact_names_that_exist(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert "*" not in name
    assert callable(getattr(importlib.import_module(module), attribute))


def test_what_hydra_may_build_is_on_the_whitelist() -> None:
    assert {name for names in TARGETS.values() for name in names} <= set(EXECUTION_WHITELIST)


# MARKER is a file that the attack would make.
ATTACKS = [
    ["+hydra.callbacks.x._target_=joblib.load", "+hydra.callbacks.x.filename=MARKER"],
    ["+hydra.callbacks.x={_target_: builtins.open, file: MARKER, mode: w}"],
    ["hydra.callbacks.single_run._target_=os.system"],
    ["~hydra.callbacks"],
    ["-m", "search=random", "hydra.sweeper.sampler._target_=joblib.load"],
    ["-m", "search=random", "++hydra.sweeper.sampler={_target_: builtins.open, file: MARKER, mode: w}"],
    ["-m", "search=bayesian", "+hydra.sweeper.sampler.multivariate={_target_: builtins.open, file: MARKER}"],
    ["-m", "hydra.sweeper._target_=subprocess.run"],
    ["-m", "hydra.sweeper._target_=optuna.samplers.RandomSampler"],
    ["-m", "hydra.launcher._target_=os.system"],
    ["-m", "+hydra.launcher.command=touch MARKER"],
    ["hydra.job_logging.handlers.file={(): builtins.open, file: MARKER, mode: w}"],
    ["-m", "hydra.hydra_logging.handlers.file={(): builtins.open, file: MARKER, mode: w}"],
    ["+hydra.job_logging.formatters.line.class=os.system"],
    ["-m", "search=random", "hydra.sweeper.custom_search_space=os.system"],
    ["-m", "search=random", "hydra.sweeper.storage=sqlite:///MARKER"],
    ["+model._target_=os.system"],
    ["+data={_target_: builtins.open, file: MARKER, mode: w}"],
    ["hydra.searchpath=[file:///tmp]"],
    ["+hydra.job.env_set.LD_PRELOAD=MARKER"],
    ["hydra/launcher=submitit_local"],
    ["hydra/job_logging=default"],
]


@pytest.mark.parametrize("attack", ATTACKS, ids=[a[-1] for a in ATTACKS])
def test_an_attack_is_refused_and_runs_nothing(tmp_path: Path, attack: list[str]) -> None:
    typed = [word.replace("MARKER", f"{tmp_path}/marker") for word in attack]
    answer = run_here(*standard(tmp_path), *typed)
    assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == {}


PRESETS = [
    "callbacks: {x: {_target_: builtins.open, file: MARKER, mode: w}}",
    "sweeper: {_target_: joblib.load, filename: MARKER}",
    "sweeper: {sampler: {_target_: builtins.open, file: MARKER, mode: w}}",
    "sweeper: {custom_search_space: os.system}",
    "sweeper: {sampler: {constraints_func: {_target_: builtins.open, file: MARKER, mode: w}}}",
    "launcher: {_target_: builtins.open, file: MARKER, mode: w}",
    "launcher: {_target_: optuna.samplers.RandomSampler}",
    "hydra_logging: {handlers: {x: {(): builtins.open, file: MARKER, mode: w}}}",
    "job_logging: {formatters: {x: {(): builtins.open, file: MARKER, mode: w}}}",
]


@pytest.mark.parametrize("preset", PRESETS)
def test_an_attack_in_a_preset_is_refused_and_runs_nothing(tmp_path: Path, preset: str) -> None:
    (tmp_path / "presets" / "search").mkdir(parents=True)
    text = preset.replace("MARKER", f"{tmp_path}/marker")
    (tmp_path / "presets" / "search" / "mine.yaml").write_text(
        f"# @package _global_\ndefaults: [random]\nhydra:\n  {text}\n", encoding="utf-8"
    )
    before = snapshot(tmp_path)
    answer = run_here("--config-dir", f"{tmp_path}/presets", *standard(tmp_path), "-m", "search=mine")
    assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == before


def test_outside_an_attack_ends_the_same(tmp_path: Path) -> None:
    answer = run_outside(
        *standard(tmp_path), f"+hydra.callbacks.x={{_target_: builtins.open, file: {tmp_path}/m}}"
    )
    assert not refusal_problems(answer), answer
    assert snapshot(tmp_path) == {}


FORBIDDEN_CALLS = {"eval", "exec", "yaml.load", "joblib.load", "np.fromfile"}
FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}


def source_files() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def test_there_are_sources_to_look_at() -> None:
    assert len(source_files()) > 30


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_reads_data_as_code(path: Path) -> None:
    assert list(data_read_as_code(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import load",
        "eval('1')",
        "yaml.load(f)",
        "np.load(f, allow_pickle=True)",
    ],
)
def test_data_read_as_code_is_found(code: str) -> None:
    assert list(data_read_as_code(ast.parse(code)))


def data_read_as_code(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in FORBIDDEN_IMPORTS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_IMPORTS:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func) in FORBIDDEN_CALLS:
                yield ast.unparse(node.func)
            yield from (
                "allow_pickle"
                for k in node.keywords
                if k.arg == "allow_pickle" and ast.unparse(k.value) != "False"
            )
