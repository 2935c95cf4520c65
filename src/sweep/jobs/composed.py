"""Configs of jobs: copied from one that Hydra composed for the same choices of groups, with values set."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import AnyNode, DictConfig, OmegaConf, open_dict, read_write

from sweep.jobs.copying import copied
from sweep.jobs.interpolations import resolved
from sweep.jobs.logs import is_exchangeable
from sweep.jobs.overrides import Overrides, Value, read_overrides
from sweep.jobs.yaml_forms import Forms, listed


@dataclass(frozen=True)
class Asked:
    """What is asked of one job."""

    number: int  # from 0
    job_id: str
    lines: Sequence[str]  # its overrides as they were written
    overrides: Overrides  # the same, read


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
        return JobConfig(config, _alone(_node(config, "hydra")), copied(self.task))


def _alone(hydra: DictConfig) -> DictConfig:
    """Wrap the hydra node of a config, which stays a part of it."""
    config, alone = hydra._get_parent(), OmegaConf.create({}, flags={"no_deepcopy_set_nodes": True})
    alone["hydra"] = hydra
    hydra._set_parent(config)
    return alone


class Copy:
    """The config of one job, with what is its own written into the nodes themselves.

    To find a node by name and to be allowed to write to it takes OmegaConf longer than to write.
    """

    def __init__(self, job: JobConfig, asked: Asked) -> None:
        self.job, self._hydra = job, _node(job.config, "hydra")
        for key, value in asked.overrides.values.items():
            for config in (job.config, job.task):
                _set(_node(config, key), value)
        _node(self._hydra, "job.id")._val = asked.job_id
        _node(self._hydra, "job.num")._val = asked.number
        for node, line in zip(_node(self._hydra, "overrides.task")._content, asked.lines, strict=True):
            node._val = line

    def placed(self) -> Path:
        """Name the folder of the job, and tell its config."""
        sweep = _node(self._hydra, "sweep")
        folder = Path(resolved(sweep, "dir"), resolved(sweep, "subdir"))
        self.output_dir = os.path.abspath(folder)  # noqa: PTH100 - follows no links
        _node(self._hydra, "runtime.output_dir")._val = self.output_dir
        return Path(self.output_dir)


class Template:
    """The config of all jobs that make the same choices, and the documents that it is kept as."""

    def __init__(self, composed: DictConfig) -> None:
        self._job = JobConfig.of(composed)
        self._keys = frozenset(_keys_of_values(OmegaConf.to_container(self._job.task, resolve=False), ""))
        self._with_room: dict[int, JobConfig] = {}
        self._task_forms, self._hydra_forms = Forms(), Forms()

    def holds(self, overrides: Overrides) -> bool:
        """Say whether every key is there and holds a single value."""
        return overrides.values.keys() <= self._keys

    def copied(self, asked: Asked, cache: dict[str, Any]) -> Copy:
        """Copy the config for one job, whose folder is not in it yet.

        Args:
            asked: of the job.
            cache: what interpolations of the sweep, the time of day among them, were resolved to.

        """
        job = self._room_for(len(asked.lines)).copied()
        for config in (job.config, job.task):
            OmegaConf.set_cache(config, cache)
        return Copy(job, asked)

    def _room_for(self, n_lines: int) -> JobConfig:
        """Make room for so many overrides, a job's number and its folder."""
        if n_lines not in self._with_room:
            job = self._with_room[n_lines] = self._job.copied()
            hydra = job.config.hydra
            with read_write(hydra), open_dict(hydra):
                hydra.overrides.task = [""] * n_lines
                hydra.job.id, hydra.job.num, hydra.runtime.output_dir = "", 0, ""
        return self._with_room[n_lines]

    def save(self, asked: Asked, copy: Copy, folder: Path) -> None:
        """Write what Hydra keeps of a job's config."""
        lines, values = list(asked.lines), asked.overrides.values
        of_job = {
            "hydra.overrides.task": lines,
            "hydra.job.id": asked.job_id,
            "hydra.job.num": asked.number,
            "hydra.runtime.output_dir": copy.output_dir,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(self._task_forms.written(copy.job.task, values), "utf-8")
        (folder / "hydra.yaml").write_text(self._hydra_forms.written(copy.job.hydra, of_job), "utf-8")
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


def _node(config: DictConfig, key: str) -> Any:
    """Find the node of a dotted key that is there, whatever it holds."""
    node: Any = config
    for name in key.split("."):
        node = node._content[name]
    return node


def _set(node: Any, value: Value) -> None:
    if type(node) is AnyNode and type(value) in (int, float):
        node._val = value  # what a node of any type makes of a number, at a tenth of the cost
    else:
        node._set_value(value)
