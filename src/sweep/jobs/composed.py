"""Configs of jobs: copied from one that Hydra composed for the same choices of groups, with values set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig, OmegaConf, open_dict

from sweep.jobs.copying import copied
from sweep.jobs.logs import is_exchangeable
from sweep.jobs.overrides import Overrides, Value, read_overrides
from sweep.jobs.yaml_forms import Forms, listed


@dataclass(frozen=True)
class JobConfig:
    """The config of one job, in the three shapes that Hydra makes of it."""

    config: DictConfig  # as composed
    hydra: DictConfig  # its hydra node alone, which is still part of `config`
    task: DictConfig  # a copy without it, for the task function

    @staticmethod
    def of(composed: DictConfig) -> "JobConfig":
        """Take a config over that Hydra composed."""
        OmegaConf.set_readonly(composed.hydra, True)
        task = composed.copy()
        with open_dict(task):
            del task["hydra"]
        return JobConfig(composed, _alone(composed.hydra), task)

    def copied(self) -> "JobConfig":
        config = copied(self.config)
        return JobConfig(config, _alone(config.hydra), copied(self.task))


def _alone(hydra: DictConfig) -> DictConfig:
    """Wrap the hydra node of a config, which stays a part of it."""
    config, alone = hydra._get_parent(), OmegaConf.create({}, flags={"no_deepcopy_set_nodes": True})
    alone["hydra"] = hydra
    hydra._set_parent(config)
    return alone


class Template:
    """The config of all jobs that make the same choices, and the documents that it is kept as."""

    def __init__(self, composed: DictConfig) -> None:
        job = JobConfig.of(composed)
        self._keys = frozenset(_keys_of_values(OmegaConf.to_container(job.task, resolve=False), ""))
        self._job = job
        self._task_forms, self._hydra_forms = Forms(), Forms()

    def holds(self, overrides: Overrides) -> bool:
        """Say whether every key is there and holds a single value."""
        return overrides.values.keys() <= self._keys

    def copied(self, overrides: Overrides, cache: dict[str, Any]) -> JobConfig:
        """Copy the config and set the values in it.

        Args:
            overrides: of the job.
            cache: what interpolations of the sweep, the time of day among them, were resolved to.

        """
        job = self._job.copied()
        for config in (job.config, job.task):
            OmegaConf.set_cache(config, cache)
            for key, value in overrides.values.items():
                _set(config, key, value)
        return job

    def save(self, job: JobConfig, overrides: Overrides, folder: Path) -> None:
        """Write what Hydra keeps of a job's config."""
        hydra = job.config.hydra
        lines = list(hydra.overrides.task)
        of_job = {
            "hydra.overrides.task": lines,
            "hydra.job.id": hydra.job.id,
            "hydra.job.num": hydra.job.num,
            "hydra.runtime.output_dir": hydra.runtime.output_dir,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(self._task_forms.written(job.task, overrides.values), "utf-8")
        (folder / "hydra.yaml").write_text(self._hydra_forms.written(job.hydra, of_job), "utf-8")
        (folder / "overrides.yaml").write_text(listed(lines), "utf-8")


class Templates:
    """The templates of a sweep, each composed when a job first makes its choices."""

    def __init__(self, loader: ConfigLoader, config: DictConfig) -> None:
        self._loader, self._config = loader, config
        self._groups = frozenset(loader.list_groups(""))
        self._composed: dict[tuple[str, ...], Template | None] = {}

    def of(self, lines: Sequence[str]) -> tuple[Template, Overrides] | None:
        """Find the template of a job; None where Hydra has to compose and to run it."""
        overrides = read_overrides(lines, self._groups)
        if overrides is None:
            return None
        if overrides.choices not in self._composed:
            composed = self._loader.load_sweep_config(self._config, list(overrides.choices))
            self._composed[overrides.choices] = Template(composed) if is_ordinary(composed) else None
        template = self._composed[overrides.choices]
        return None if template is None or not template.holds(overrides) else (template, overrides)


def is_ordinary(composed: DictConfig) -> bool:
    """Say whether Hydra would do with a job no more than we do.

    It also changes folders and variables of the environment, logs elsewhere and keeps no config, if asked to.
    """
    job = composed.hydra.job
    asks_for_more = job.chdir or job.env_set or job.env_copy or composed.hydra.output_subdir is None
    return not asks_for_more and is_exchangeable(composed)


def _keys_of_values(node: Any, prefix: str) -> Iterator[str]:
    """List the dotted keys that hold a single value."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _keys_of_values(value, f"{prefix}.{key}" if prefix else str(key))
    elif not isinstance(node, list):
        yield prefix


def _set(config: DictConfig, key: str, value: Value) -> None:
    """Set a value that is there; five times as fast as by name, which looks for a place to put it."""
    node: Any = config
    for name in key.split("."):
        node = node._get_node(name)
    node._set_value(value)
