"""Jobs one after the other in this process, as Hydra's basic launcher runs them, at a tenth of its cost.

A job of Hydra's is composed from all files, deep-copied four times, written and logged anew. Most jobs
of a sweep differ in a few values only, as `overrides` has it: all of that is copied from one to the next. The
others are left to Hydra. Folders, callbacks and returns are the same for both.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from hydra.core.utils import JobReturn, filter_overrides, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from sweep.jobs.composed import Asked, Template, Templates
from sweep.jobs.job import current, performed
from sweep.jobs.logs import ExchangedLogs

# What is logged is what Hydra's own launcher logs, under its name.
log = logging.getLogger("hydra._internal.core_plugins.basic_launcher")


class JobLauncher(Launcher):
    """Runs the jobs of a sweep."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._config, self._hydra_context, self._task_function = config, hydra_context, task_function
        self._logs = ExchangedLogs(config, hydra_context)
        self._templates = Templates(hydra_context.config_loader, config)
        self._is_begun = False

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        self._logs.of_sweep()
        if not self._is_begun:
            self._begin()
        log.info("Launching %d jobs locally", len(job_overrides))
        return [self._run(number, lines) for number, lines in enumerate(job_overrides, start=initial_job_idx)]

    def _begin(self) -> None:
        """Do what Hydra does at every launch, of which a search has one for each of its trials."""
        setup_globals()
        Path(str(self._config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
        self._is_begun = True

    def _run(self, number: int, lines: Sequence[str]) -> JobReturn:
        log.info("\t#%d : %s", number, " ".join(filter_overrides(lines)))
        return self.run(number, lines)

    def run(self, number: int, lines: Sequence[str]) -> JobReturn:
        """Run one job, copied or by Hydra."""
        found = self._templates.of(lines)
        if found is None:
            return self._by_hydra(number, lines)
        template, overrides = found
        return self._by_copy(Asked(number, self.job_id(number), lines, overrides), template)

    def job_id(self, number: int) -> str:
        """Name a job as Hydra's launcher of this kind does."""
        return str(number)

    def _by_copy(self, asked: Asked, template: Template) -> JobReturn:
        copy = template.copied(asked, OmegaConf.get_cache(self._config))
        job = copy.job
        with current(job):
            folder = copy.placed()
            folder.mkdir(parents=True, exist_ok=True)
            with self._logs.of_job(job.config, folder):
                template.save(asked, copy, folder / job.config.hydra.output_subdir)
                return performed(job, asked.lines, self._task_function, self._hydra_context)

    def _by_hydra(self, number: int, lines: Sequence[str]) -> JobReturn:
        config = self._hydra_context.config_loader.load_sweep_config(self._config, list(lines))
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.job.id, config.hydra.job.num = self.job_id(number), number
        done = run_job(
            hydra_context=self._hydra_context,
            task_function=self._task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        self._logs.set_up_sweep()
        return done
