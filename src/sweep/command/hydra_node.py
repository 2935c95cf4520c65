"""Rules for Hydra's own part of a config: where files go, what is built, what a user may change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from pipeline.parameters import near
from sweep.command.whitelist import CALLBACK, LAUNCHERS, LOG_CLASSES, SAMPLERS, SWEEPERS

# Of Hydra's own keys a user may change these; the others say where files go and what is executed.
HYDRA_KEYS = (
    "hydra.sweeper.n_trials",
    "hydra.sweeper.n_jobs",
    "hydra.sweeper.max_batch_size",
    "hydra.sweeper.start_from_current",
    "hydra.sweeper.params",
    "hydra.sweeper.sampler.multivariate",
    "hydra.sweeper.sampler.constant_liar",
    "hydra.sweeper.sampler.n_startup_trials",
    "hydra.sweeper.sampler.n_ei_candidates",
    "hydra.sweeper.sampler.popsize",
    "hydra.launcher.n_jobs",
    "hydra.launcher.executor",
    "hydra.launcher.timeout_min",
    "hydra.launcher.partition",
    "hydra.launcher.account",
    "hydra.launcher.qos",
    "hydra.launcher.constraint",
)
INSTEAD = {
    "hydra.run": "choose outputs=… or run_id=…",
    "hydra.sweep": "choose outputs=… or run_id=…",
    "hydra.mode": "type -m for many trials",
    "hydra.searchpath": "use --config-dir",
    "hydra/sweeper": "choose search=…",
    "hydra/launcher": "choose launch=…",
}
GRID = "hydra_plugins.reeltune.sweepers.GridSweeper"
# The only files that logging may write, as conf/hydra/*_logging name them.
LOG_FILES = ("${hydra.runtime.output_dir}/trial.log", "${hydra.sweep.dir}/sweep.log")
# A handler's keys; "()" among them would be a call of anything.
LOG_KEYS = ("class", "formatter", "filename", "encoding", "delay", "level", "mode", "stream")
SWEEP_SUBDIR = "${trial_folder:${hydra.job.num}}"
# What Hydra may build, and where: the whitelist says what, but not that a launcher is no sampler.
TARGETS = {
    "hydra.callbacks.single_run._target_": (CALLBACK,),
    "hydra.launcher._target_": LAUNCHERS,
    "hydra.sweeper._target_": SWEEPERS,
    "hydra.sweeper.sampler._target_": SAMPLERS,
}
# Files of joblib, submitit and Hydra: the run decides these, or does not use them.
FIXED = {
    "launcher.temp_folder": None,
    "launcher.submitit_folder": "${hydra.sweep.dir}/.submitit/%j",
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
    "sweeper.sampler.popsize": 2,
    "launcher.n_jobs": 1,
    "launcher.timeout_min": 1,
}


def key_problem(override: Override, changeable: Sequence[str]) -> str | None:
    """Refuse to change what is Hydra's own beside the keys that may be changed."""
    key = override.key_or_group
    if re.split(r"[./]", key)[0] != "hydra" and not (override.package or "").startswith("hydra"):
        return None
    if not any(key == known or key.startswith(f"{known}.") for known in changeable):
        return f"{key} is fixed{_instead(key, changeable) if changeable else ''}"
    if override.is_sweep_override() and not key.startswith("hydra.sweeper.params."):
        return f"{key} cannot be swept: all trials of a run share it"
    return None


def _instead(key: str, changeable: Sequence[str]) -> str:
    for prefix, hint in INSTEAD.items():
        if key == prefix or key.startswith((f"{prefix}.", f"{prefix}/")):
            return f": {hint}"
    return near(key, changeable)


def hydra_problems(config: DictConfig) -> Iterator[str]:
    """Name whatever would let a config write files or change processes beyond a trial."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False, enum_to_str=True)
    if hydra["sweep"]["subdir"] != SWEEP_SUBDIR:
        yield f"hydra.sweep.subdir must be {SWEEP_SUBDIR}, got {hydra['sweep']['subdir']!r}; it is fixed"
    for key, expected in FIXED.items():
        section, _, name = key.rpartition(".")
        values = hydra[section] if section else hydra
        # hydra.job.chdir is null or false.
        if name in values and (values[name] or None) != expected:
            yield f"hydra.{key} must be {expected or 'null'}, got {values[name]!r}; it is fixed"
    if hydra["job"]["env_set"]:
        yield f"hydra.job.env_set must be empty, got {', '.join(hydra['job']['env_set'])}"
    yield from _number_problems(config)
    yield from _target_problems(hydra)
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
