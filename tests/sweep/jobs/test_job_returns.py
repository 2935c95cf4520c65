"""What a task function, callbacks and a sweeper are given is what Hydra's own launcher gives them."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.callbacks import Callbacks
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.utils import create_config_search_path
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus, setup_globals
from hydra.experimental.callback import Callback
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf

from sweep.jobs.composed import Templates
from sweep.jobs.launcher import JobLauncher

CONFIG = """
defaults:
  - group: one
  - override hydra/hydra_logging: none
  - override hydra/job_logging: none
  - _self_
size: 3
rate: 0.5
name: text
nothing: null
twice: ${size}
when: ${now:%f}
inner: {deep: {value: 1}, items: [1, 2]}
hydra:
  sweep: {dir: FOLDER/sweep, subdir: "${hydra.job.num}"}
  hydra_logging: {LOG, handlers: {file: {class: logging.FileHandler, filename: FOLDER/sweep.log}}}
  job_logging: {LOG, handlers: {file: {class: logging.FileHandler, filename: "JOB/job.log"}}}
"""
LOG = "version: 1, root: {level: INFO, handlers: [file]}, disable_existing_loggers: false"
JOB = "${hydra.runtime.output_dir}"
WHITELIST = ("logging.FileHandler",)
JOBS: tuple[tuple[str, ...], ...] = (
    ("size=4",),
    ("size=-1", "rate=1e-05", "name=other"),
    ("rate=2", "size=0.25", "name='a, b'", "nothing=7", "inner.deep.value=null"),
    ("size=5", "group=two", "group.width=8", "size=6"),
    ("name='12'", "nothing=true", "twice=9"),
    ("inner.items=[3]", "size=7"),
    ("+added=1", "size=8"),
    ("~nothing", "rate=0.1"),
    ("name=${size}", "size=9"),
    ("inner={deep: {value: 4}}", "inner.deep.value=5"),
    ("hydra.job.chdir=true",),
    ("+hydra.job.env_set.A_JOB=own", "size=10"),
    ("name='two words'",),
    ("name=''",),
    ("name='é'",),
)


class Noting(Callback):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def on_job_start(self, config: DictConfig, **kwargs: Any) -> None:
        self.told.append(("start", OmegaConf.to_yaml(config)))

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **kwargs: Any) -> None:
        self.told.append(("end", (OmegaConf.to_yaml(config), job_return.status)))


class Sweep:
    """A sweep of a small config by one launcher, with all that is seen on the way."""

    def __init__(self, kind: Callable[[], Launcher], folder: Path, task: Callable[[DictConfig], Any]) -> None:
        conf = folder / "conf"
        (conf / "group").mkdir(parents=True, exist_ok=True)
        (conf / "config.yaml").write_text(
            CONFIG.replace("FOLDER", str(folder)).replace("LOG", LOG).replace("JOB", JOB), encoding="utf-8"
        )
        for name in ("one", "two"):
            (conf / "group" / f"{name}.yaml").write_text(f"is: {name}\nwidth: 1\n", encoding="utf-8")
        setup_globals()
        loader = ConfigLoaderImpl(create_config_search_path(str(conf)))
        config = loader.load_configuration("config", [], run_mode=RunMode.MULTIRUN)
        self.noting, callbacks = Noting(), Callbacks()
        callbacks.callbacks.append(self.noting)
        context = HydraContext(config_loader=loader, callbacks=callbacks, execution_whitelist=WHITELIST)
        self.config = config
        self.launcher = kind()
        self.launcher.setup(hydra_context=context, task_function=task, config=config)

    def run(self, jobs: Sequence[Sequence[str]]) -> list[JobReturn]:
        HydraConfig.instance().cfg = None
        return list(self.launcher.launch(jobs, 0))


def seen(config: DictConfig) -> dict[str, Any]:
    """Look around from inside a job."""
    return {
        "config": OmegaConf.to_yaml(config),
        "resolved": OmegaConf.to_container(config, resolve=True),
        "hydra": OmegaConf.to_yaml(HydraConfig.get()),
        "folder": HydraConfig.get().runtime.output_dir,
        "here": str(Path.cwd()),
        "variable": os.environ.get("A_JOB"),
        "struct": OmegaConf.is_struct(config),
    }


@pytest.fixture(autouse=True)
def logs_closed() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:], root.level = handlers, level


@pytest.fixture(params=JOBS, ids=" ".join)
def jobs(request: pytest.FixtureRequest) -> Iterator[list[Sequence[str]]]:
    """A job between two others, twice, since the second of a kind is written by another way."""
    yield [("size=1",), request.param, ("rate=0.75",), request.param]


def both(folder: Path, task: Callable[[DictConfig], Any]) -> tuple[Sweep, Sweep]:
    """Make two sweeps that began at the same moment."""
    theirs, ours = Sweep(BasicLauncher, folder, task), Sweep(JobLauncher, folder, task)
    assert theirs.config.when
    OmegaConf.copy_cache(theirs.config, ours.config)
    return theirs, ours


def kept(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted((folder / "sweep").rglob("*.yaml"))}


def test_a_job_sees_returns_and_leaves_the_same(jobs: list[Sequence[str]], tmp_path: Path) -> None:
    theirs, ours = both(tmp_path, seen)
    by_hydra, files = theirs.run(jobs), kept(tmp_path)
    by_us = ours.run(jobs)

    assert len(files) == 3 * len(jobs)
    assert kept(tmp_path) == files
    assert ours.noting.told == theirs.noting.told
    for one, other in zip(by_us, by_hydra, strict=True):
        assert one.return_value == other.return_value
        assert (one.status, one.overrides, one.working_dir, one.task_name) == (
            other.status,
            other.overrides,
            other.working_dir,
            other.task_name,
        )
        assert one.cfg == other.cfg
        assert OmegaConf.to_yaml(one.hydra_cfg) == OmegaConf.to_yaml(other.hydra_cfg)
    assert not HydraConfig.initialized()


def test_jobs_of_plain_values_and_of_choices_are_copied_and_the_others_are_not(tmp_path: Path) -> None:
    sweep = Sweep(JobLauncher, tmp_path, seen)
    templates: Templates = sweep.launcher._templates
    copied = [job for job in JOBS if templates.of(job) is not None]
    assert copied == [JOBS[i] for i in (0, 1, 2, 3, 4, 12, 13, 14)]


def failing(config: DictConfig) -> None:
    raise ZeroDivisionError(f"of {config.size}")


def test_an_exception_is_returned_and_logged_as_by_hydra(tmp_path: Path) -> None:
    logs = []
    for sweep in both(tmp_path, failing):
        done = sweep.run([("size=4",), ("size=5",)])
        assert [one.status for one in done] == [JobStatus.FAILED] * 2
        with pytest.raises(ZeroDivisionError, match="of 5"):
            _ = done[1].return_value
        assert [what for what, _ in sweep.noting.told] == ["start", "end"] * 2
        logs.append((tmp_path / "sweep" / "1" / "job.log").read_text(encoding="utf-8"))
    assert "Job failed" in logs[1]
    assert "ZeroDivisionError: of 5" in logs[1]


def interrupting(config: DictConfig) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_ends_the_sweep_after_the_callbacks_were_told(tmp_path: Path) -> None:
    for sweep in both(tmp_path, interrupting):
        with pytest.raises(KeyboardInterrupt):
            sweep.run([("size=4",), ("size=5",)])
        assert [what for what, _ in sweep.noting.told] == ["start", "end"]
        assert sweep.noting.told[1][1][1] == JobStatus.FAILED
        assert not HydraConfig.initialized()
