"""What is refused before anything starts: folders that leave their root, open secrets, illegal spaces."""

from collections.abc import Iterator, Mapping
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, QuotedString, RangeSweep
from omegaconf import DictConfig, OmegaConf, open_dict

from db.engine import password_in
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, Parameter, near, parameters
from project import ROOT
from sweep.settings import Settings, read_settings_of

# The only files that logging may write, as conf/hydra/*_logging name them.
LOG_FILES = ("${hydra.runtime.output_dir}/trial.log", "${hydra.sweep.dir}/sweep.log")
LOG_CLASSES = ("logging.FileHandler", "logging.StreamHandler", "logging.NullHandler")
SINGLE_RUN_FOLDER = "001"
SWEEP_SUBDIR = "${trial_folder:${hydra.job.num}}"
# A handler's keys; "()" among them would be a call of anything.
LOG_KEYS = ("class", "formatter", "filename", "encoding", "delay", "level", "mode", "stream")


def checked_settings(config: DictConfig) -> Settings:
    """Read a composed config, hydra node included, and refuse what must not start.

    Raises:
        InvalidInput: with every problem found.

    """
    check_secrets(config)
    settings = read_settings_of(without_hydra(config))
    settings.recommender()
    problems = [*_folder_problems(config, settings), *_hydra_problems(config)]
    if problems:
        raise InvalidInput(problems)
    return settings


def without_hydra(config: DictConfig) -> DictConfig:
    task = config.copy()
    with open_dict(task):
        task.pop("hydra")
    return task


def check_secrets(config: DictConfig) -> None:
    """Refuse a password in the config itself, where it would be saved and logged."""
    url = OmegaConf.to_container(config, resolve=False)["db"]["url"]  # type: ignore[index, call-overload]
    if isinstance(url, str) and password_in(url):
        raise InvalidInput(
            "db.url must not contain a password, it would be saved with the config; "
            "put it into the environment variable PGPASSWORD or use db=postgresql with REELTUNE_DB_URL"
        )


def _folder_problems(config: DictConfig, settings: Settings) -> Iterator[str]:
    """Name every output path that is not where it belongs, symbolic links followed."""
    root = ROOT / settings.general.outputs
    run_folder = settings.run_folder
    hydra = OmegaConf.to_container(config.hydra, resolve=False)
    assert isinstance(hydra, dict)
    where = "it is fixed: choose outputs=… or run_id=…"
    for key, expected in (("run", run_folder / SINGLE_RUN_FOLDER), ("sweep", run_folder)):
        folder = str(config.hydra[key].dir)
        if folder != str(expected):
            yield f"hydra.{key}.dir must be {expected}, got {folder!r}; {where}"
    if hydra["sweep"]["subdir"] != SWEEP_SUBDIR:
        yield f"hydra.sweep.subdir must be {SWEEP_SUBDIR}, got {hydra['sweep']['subdir']!r}; {where}"
    if hydra["output_subdir"] != ".hydra":
        yield f"hydra.output_subdir must be .hydra, got {hydra['output_subdir']!r}; it is fixed"
    if hydra["job"]["chdir"]:
        yield "hydra.job.chdir must be false, got true; trials share one working directory"
    if run_folder.exists() or run_folder.is_symlink():
        if run_folder.resolve().parent != root.resolve():
            yield f"run_id {settings.general.run_id} leads out of {root}, to {run_folder.resolve()}"
        else:
            yield f"run_id {settings.general.run_id} exists already, in {run_folder}; choose another run_id"


def _hydra_problems(config: DictConfig) -> Iterator[str]:
    """Name whatever would let a config write files or change processes beyond a trial."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    if hydra["job"]["env_set"]:
        yield f"hydra.job.env_set must be empty, got {', '.join(hydra['job']['env_set'])}"
    if set(hydra["callbacks"] or {}) - {"single_run"}:
        yield f"hydra.callbacks must be single_run alone, got {', '.join(hydra['callbacks'])}"
    for node in ("job_logging", "hydra_logging"):
        for name, handler in (hydra[node].get("handlers") or {}).items():
            yield from _handler_problems(f"hydra.{node}.handlers.{name}", handler)
        if any("()" in f or "class" in f for f in (hydra[node].get("formatters") or {}).values()):
            yield f"hydra.{node}.formatters must have a format alone"
        if hydra[node].get("filters"):
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
    last = {o.key_or_group: o for o in OverridesParser.create().parse_overrides(lines)}
    swept = [override for override in last.values() if override.is_sweep_override()]
    known = parameters(MODELS[settings.model])
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


def _sweep_problems(override: Override, known: Mapping[str, Parameter]) -> Iterator[str]:
    key = override.key_or_group
    if key == "model":
        for value in _values(override):
            if value not in MODELS:
                yield f"model must be one of {', '.join(MODELS)}, got {value!r}{near(str(value), MODELS)}"
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
    elif isinstance(value, RangeSweep):
        yield f"{key} must be written with choice(…) or interval(…), got {override.input_line}"
    else:
        for element in _values(override):
            problem = spec.problem(element)
            if problem:
                yield f"{key} {problem}"


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
