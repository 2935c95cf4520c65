"""Configs of jobs: copied from one that Hydra composed for the same choices of groups, with values set."""

import os
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import AnyNode, DictConfig, OmegaConf, ValueNode, open_dict, read_write

from sweep.jobs.interpolations import resolved
from sweep.jobs.logs import is_exchangeable
from sweep.jobs.overrides import Overrides, read_overrides
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
        hydra = OmegaConf.create({}, flags={"no_deepcopy_set_nodes": True})
        hydra["hydra"] = composed.hydra
        composed.hydra._set_parent(composed)
        return JobConfig(composed, hydra, task)


@dataclass(frozen=True)
class Copy:
    """The config of one job, with the nodes in it that are its own."""

    job: JobConfig
    values: Mapping[str, Sequence[ValueNode]]  # by key: in `job.config` and in `job.task`
    lines: Sequence[ValueNode]  # of hydra.overrides.task
    job_id: ValueNode
    job_num: ValueNode
    output_dir: ValueNode

    @staticmethod
    def of(job: JobConfig, keys: Iterable[str], n_lines: int) -> "Copy":
        """Find the nodes of these keys and of so many lines, in a config that is given room for them."""
        hydra = job.config.hydra
        with read_write(hydra), open_dict(hydra):
            hydra.overrides.task = [""] * n_lines
            hydra.job.id, hydra.job.num, hydra.runtime.output_dir = "", 0, ""
        return Copy(
            job,
            {key: [_node(config, key) for config in (job.config, job.task)] for key in keys},
            list(_node(hydra, "overrides.task")._content),
            *(_node(hydra, key) for key in ("job.id", "job.num", "runtime.output_dir")),
        )

    def fill(self, asked: Asked) -> None:
        """Make it the config of one job."""
        for key, value in asked.overrides.values.items():
            for node in self.values[key]:
                # What a node of any type would make of a number, for a tenth of the time.
                if type(node) is AnyNode and type(value) in (int, float):
                    node._val = value
                else:
                    node._set_value(value)
        # To be allowed to write to the hydra node takes longer than to write; all have their types already.
        self.job_id._val, self.job_num._val = asked.job_id, asked.number
        for node, line in zip(self.lines, asked.lines, strict=True):
            node._val = line

    def placed(self) -> Path:
        """Name the folder of the job, and tell its config."""
        sweep = self.job.config.hydra.sweep
        folder = os.path.abspath(Path(resolved(sweep, "dir"), resolved(sweep, "subdir")))  # noqa: PTH100 - follows no links
        self.output_dir._val = folder
        return Path(folder)


class Template:
    """The config of all jobs that make the same choices, and the documents that it is kept as."""

    def __init__(self, composed: DictConfig) -> None:
        self._job = JobConfig.of(composed)
        self._keys = frozenset(_keys_of_values(OmegaConf.to_container(self._job.task, resolve=False), ""))
        self._pickled: dict[tuple[frozenset[str], int], bytes] = {}
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
        shape = frozenset(asked.overrides.values), len(asked.lines)
        if shape not in self._pickled:
            self._pickled[shape] = pickle.dumps(Copy.of(self._job, *shape))
        # Eight times as fast as a deep copy, and the nodes are found again.
        copy: Copy = pickle.loads(self._pickled[shape])  # noqa: S301 - from memory, where we put it
        for config in (copy.job.config, copy.job.task):
            OmegaConf.set_cache(config, cache)
        copy.fill(asked)
        return copy

    def save(self, asked: Asked, copy: Copy, folder: Path) -> None:
        """Write what Hydra keeps of a job's config."""
        lines, values = list(asked.lines), asked.overrides.values
        of_job = {
            "hydra.overrides.task": lines,
            "hydra.job.id": asked.job_id,
            "hydra.job.num": asked.number,
            "hydra.runtime.output_dir": copy.output_dir._val,
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
    """Find the node of a dotted key, whatever it holds."""
    node: Any = config
    for name in key.split("."):
        node = node._get_node(name)
    return node
