"""What is refused before anything starts: folders that leave their root, open secrets, illegal spaces."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, QuotedString
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from db.urls import password_in, read_url
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, Parameter, near, parameters, read
from project import ROOT
from sweep.settings import Settings, plain, read_settings_of

# The only files that logging may write, as conf/hydra/*_logging name them.
LOG_FILES = ("${hydra.runtime.output_dir}/trial.log", "${hydra.sweep.dir}/sweep.log")
LOG_CLASSES = ("logging.FileHandler", "logging.StreamHandler", "logging.NullHandler")
SINGLE_RUN_FOLDER = "001"
SWEEP_SUBDIR = "${trial_folder:${hydra.job.num}}"
# A handler's keys; "()" among them would be a call of anything.
LOG_KEYS = ("class", "formatter", "filename", "encoding", "delay", "level", "mode", "stream")
GRID = "hydra_plugins.reeltune.sweepers.GridSweeper"
# What Hydra may build, and where: the whitelist says what, but not that a launcher is no sampler.
TARGETS = {
    "hydra.callbacks.single_run._target_": ("sweep.callbacks.SingleRun",),
    "hydra.launcher._target_": (
        "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
        "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher",
    ),
    "hydra.sweeper._target_": (
        GRID,
        "hydra_plugins.reeltune.sweepers.StudySweeper",
    ),
    "hydra.sweeper.sampler._target_": ("optuna.samplers.RandomSampler", "optuna.samplers.TPESampler"),
}
# Optuna's own record, another direction, files of joblib: the run decides these, or does not use them.
FIXED = {
    "sweeper.custom_search_space": None,
    "sweeper.direction": "maximize",
    "sweeper.storage": None,
    "sweeper.study_name": None,
    "launcher.temp_folder": None,
    "job.chdir": None,
    "verbose": None,  # Hydra would log before the run has a folder
    "output_subdir": ".hydra",
}
AT_LEAST = {
    "sweeper.n_trials": 1,
    "sweeper.n_jobs": 1,
    "sweeper.max_batch_size": 1,
    "sweeper.sampler.n_startup_trials": 0,
    "sweeper.sampler.n_ei_candidates": 1,
    "launcher.n_jobs": 1,
}
NOT_IN_CONFIG = (
    "db.url must not contain a password, it would be saved with the config; "
    "put it into the environment variable PGPASSWORD or use db=postgresql with REELTUNE_DB_URL"
)
T = TypeVar("T")


def checked_settings(config: DictConfig) -> Settings:
    """Read a composed config, hydra node included, and refuse what must not start.

    Raises:
        InvalidInput: with every problem found.

    """
    check_secrets(config)
    problems = list(_hydra_problems(config))
    task = without_hydra(config)
    settings = collected(problems, read_settings_of, task)
    if settings is not None:
        collected(problems, read_url, settings.db_url)
        problems += _folder_problems(config, settings)
    model = task.get("model")
    if isinstance(model, DictConfig) and model.get("name") in MODELS:
        collected(problems, _check_model, model)
        if config.hydra.mode == RunMode.MULTIRUN:
            problems += _problems_of_sweep(config, model.name, also_of_preset=not problems)
    if problems or settings is None:
        raise InvalidInput(dict.fromkeys(problems))
    return settings


def _check_model(model: DictConfig) -> None:
    values = plain(model)
    read(MODELS[values.pop("name")], values, "model.")


def _problems_of_sweep(config: DictConfig, model: str, *, also_of_preset: bool) -> list[str]:
    """Name what is swept and cannot be; what a preset made of wrong values would only repeat them."""
    problems: list[str] = []
    lines = [*(_space_lines(config) if also_of_preset else []), *config.hydra.overrides.task]
    swept = collected(problems, _swept, lines, model)
    problems += _problems_of_grid(config, swept or [])
    return problems


def collected(problems: list[str], make: Callable[..., T], *arguments: Any) -> T | None:
    """Call and return, or add what is wrong to the problems."""
    try:
        return make(*arguments)
    except InvalidInput as error:
        problems.extend(error.problems)
        return None


def without_hydra(config: DictConfig) -> DictConfig:
    task = config.copy()
    with open_dict(task):
        task.pop("hydra")
    return task


def check_secrets(config: DictConfig) -> None:
    """Refuse a password in the config itself, where it would be saved and logged."""
    values: Any = OmegaConf.to_container(config, resolve=False)
    section = values.get("db")
    url = section.get("url") if isinstance(section, dict) else None
    if isinstance(url, str) and password_in(url):
        raise InvalidInput(NOT_IN_CONFIG)


def _folder_problems(config: DictConfig, settings: Settings) -> Iterator[str]:
    """Name every output path that is not where it belongs, symbolic links followed."""
    root = ROOT / settings.general.outputs
    run_id, run_folder = settings.general.run_id, settings.run_folder
    where = "it is fixed: choose outputs=… or run_id=…"
    for key, expected in (("run", run_folder / SINGLE_RUN_FOLDER), ("sweep", run_folder)):
        folder = str(config.hydra[key].dir)
        if folder != str(expected):
            yield f"hydra.{key}.dir must be {expected}, got {folder!r}; {where}"
    try:
        yield from _problems_of_root(root)
        if run_folder.exists() or run_folder.is_symlink():
            if run_folder.resolve().parent != root.resolve():
                yield f"run_id {run_id} leads out of {root}, to {run_folder.resolve()}"
            else:
                yield f"run_id {run_id} exists already, in {run_folder}; choose another run_id"
    except (OSError, RuntimeError) as error:  # a name too long, a link that leads to itself
        yield f"outputs must be a folder that can be made: {getattr(error, 'strerror', None) or error}"


def _problems_of_root(root: Path) -> Iterator[str]:
    """Say why the outputs folder could not be made or written, without making it."""
    there = next(folder for folder in (root, *root.parents) if folder.exists() or folder.is_symlink())
    if not there.is_dir():
        yield f"outputs must be a folder, but {there} is none"
    elif not os.access(there, os.W_OK | os.X_OK):
        yield f"outputs must be a folder that may be written, but {there} may not"


def _hydra_problems(config: DictConfig) -> Iterator[str]:
    """Name whatever would let a config write files or change processes beyond a trial."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False, enum_to_str=True)
    if hydra["sweep"]["subdir"] != SWEEP_SUBDIR:
        yield f"hydra.sweep.subdir must be {SWEEP_SUBDIR}, got {hydra['sweep']['subdir']!r}; it is fixed"
    for key, expected in FIXED.items():
        section, _, name = key.rpartition(".")
        values = hydra[section] if section else hydra
        # A grid has no direction; hydra.job.chdir is null or false.
        if name in values and (values[name] or None) != expected:
            yield f"hydra.{key} must be {expected or 'null'}, got {values[name]!r}; it is fixed"
    if hydra["job"]["env_set"]:
        yield f"hydra.job.env_set must be empty, got {', '.join(hydra['job']['env_set'])}"
    yield from _number_problems(config)
    yield from _target_problems(hydra)
    yield from _space_key_problems(config)
    yield from _logging_problems(hydra)


def _number_problems(config: DictConfig) -> Iterator[str]:
    for key, least in AT_LEAST.items():
        value = OmegaConf.select(config.hydra, key)
        if value is not None and not (isinstance(value, int) and value >= least):
            yield f"hydra.{key} must be at least {least}, got {value!r}"


def _target_problems(hydra: Mapping[str, Any]) -> Iterator[str]:
    """Name what would be built beside a sweeper, its sampler, a launcher and our callback."""
    if set(hydra["callbacks"] or {}) != {"single_run"}:
        names = ", ".join(hydra["callbacks"] or ("none",))
        yield f"hydra.callbacks must be single_run alone, got {names}"
    for key, value in _instructions(hydra, "hydra"):
        if value not in TARGETS.get(key, ()):
            yield f"{key} must be one of {', '.join(TARGETS.get(key, ('nothing',)))}, got {value!r}"


def _instructions(node: object, prefix: str) -> Iterator[tuple[str, Any]]:
    """List what tells Hydra to build something: _target_, _args_, _partial_, …"""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if isinstance(node, dict):
        for key, value in node.items():
            if str(key).startswith("_"):
                yield f"{prefix}.{key}", value
            else:
                yield from _instructions(value, f"{prefix}.{key}")


def _space_key_problems(config: DictConfig) -> Iterator[str]:
    """Name what a space sets beside hyperparameters: an override of it would reach each trial unchecked."""
    for line in _space_lines(config):
        override = _parsed(line)
        if override.input_line is None or override.type is None or override.type.name != "CHANGE":
            yield f"hydra.sweeper.params must name hyperparameters as they are, got {line}"
        elif override.key_or_group != "model" and not override.key_or_group.startswith("model."):
            yield f"{override.key_or_group} cannot be swept: hydra.sweeper.params names what to tune, model.…"


def _space_lines(config: DictConfig) -> list[str]:
    params = OmegaConf.select(config.hydra, "sweeper.params")
    return [] if params is None else [f"{key}={value}" for key, value in params.items()]


def _parsed(line: str) -> Override:
    try:
        return OverridesParser.create().parse_override(line)
    except HydraException as error:
        raise InvalidInput(f"{line} is not a legal override: {str(error).splitlines()[0]}") from error


def _logging_problems(hydra: Mapping[str, Any]) -> Iterator[str]:
    for node in ("job_logging", "hydra_logging"):
        section = hydra[node] or {}
        for name, handler in (section.get("handlers") or {}).items():
            yield from _handler_problems(f"hydra.{node}.handlers.{name}", handler or {})
        for name, formatter in (section.get("formatters") or {}).items():
            if set(formatter or {}) - {"format", "datefmt"}:
                yield f"hydra.{node}.formatters.{name} must have a format alone"
        if section.get("filters"):
            yield f"hydra.{node}.filters must be empty"


def _handler_problems(key: str, handler: Mapping[str, Any]) -> Iterator[str]:
    for name in handler:
        if name not in LOG_KEYS:
            yield f"{key}.{name} is not allowed; there are {', '.join(LOG_KEYS)}"
    if handler.get("class") not in LOG_CLASSES:
        yield f"{key}.class must be one of {', '.join(LOG_CLASSES)}, got {handler.get('class')!r}"
    if "filename" in handler and handler["filename"] not in LOG_FILES:
        yield f"{key}.filename must be one of {', '.join(LOG_FILES)}, got {handler['filename']!r}"


def check_space(lines: list[str], settings: Settings) -> list[Override]:
    """Parse the overrides of a sweep and refuse what cannot be swept, or leaves the bounds.

    Args:
        lines: the space of the preset, then what the command line adds.
        settings: of the run; the model names the hyperparameters.

    Returns:
        The overrides that are swept, in the order of their keys' first mention; the last one of a key holds.

    """
    return _swept(lines, settings.model)


def _swept(lines: list[str], model: str) -> list[Override]:
    last = {o.key_or_group: o for o in map(_parsed, lines)}
    swept = [override for override in last.values() if override.is_sweep_override()]
    known = parameters(MODELS[model])
    problems = [p for override in swept for p in _sweep_problems(override, known)]
    # A preset's own line may name a hyperparameter that does not exist, and fix it.
    problems += [
        f"{key} does not exist{near(key.removeprefix('model.'), known, 'model.')}"
        for key, override in last.items()
        if key.startswith("model.") and not override.is_sweep_override()
        if key.removeprefix("model.") not in (*known, "name")
    ]
    if problems:
        raise InvalidInput(problems)
    return swept


def _problems_of_grid(config: DictConfig, swept: list[Override]) -> Iterator[str]:
    """Name intervals where every value has to be listed."""
    if config.hydra.sweeper._target_ != GRID:
        return
    for override in swept:
        if not isinstance(override.value(), ChoiceSweep):
            yield (
                f"{override.key_or_group} must list its values for search={config.search.method}, "
                f"got {override.input_line}; search=random draws from intervals"
            )


def _sweep_problems(override: Override, known: Mapping[str, Parameter]) -> Iterator[str]:
    key = override.key_or_group
    if key == "model":
        yield from _model_problems(override)
        return
    if not key.startswith("model."):
        yield f"{key} cannot be swept: all trials of a run share it; sweep model.… or start a run for each"
        return
    name = key.removeprefix("model.")
    if name not in known:
        yield f"{key} does not exist{near(name, known, 'model.')}"
        return
    spec, value = known[name], override.value()
    if isinstance(value, IntervalSweep):
        yield from _interval_problems(key, spec, value)
    elif not isinstance(value, ChoiceSweep):
        yield f"{key} must be written with choice(…) or interval(…), got {override.input_line}"
    else:
        for element in _values(override):
            problem = spec.problem(element)
            if problem:
                yield f"{key} {problem}"


def _model_problems(override: Override) -> Iterator[str]:
    if not isinstance(override.value(), ChoiceSweep):
        yield f"model must be written with choice(…), got {override.input_line}"
        return
    for value in _values(override):
        if value not in MODELS:
            yield f"model must be one of {', '.join(MODELS)}, got {value!r}{near(str(value), MODELS)}"


def _interval_problems(key: str, spec: Parameter, interval: IntervalSweep) -> Iterator[str]:
    low, high = interval.start, interval.end
    if low is None or high is None or not low < high:
        yield f"{key} must be an interval from low to high, got interval({low}, {high})"
        return
    for end in (low, high):
        # Hydra reads both ends as real numbers.
        whole = spec.kind is int and float(end).is_integer()
        problem = spec.problem(int(end) if whole else end)
        if problem:
            yield f"{key} {problem}"


def _values(override: Override) -> list[Any]:
    """List the values of a choice, numbers as numbers."""
    return [str(v) if isinstance(v, QuotedString) else v for v in override.sweep_iterator()]
