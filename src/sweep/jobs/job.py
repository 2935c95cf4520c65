"""One job as Hydra runs it: seen by interpolations, between callbacks, and what became of it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra._internal.execution_policy import execution_whitelist
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import (
    JobReturn,
    JobRuntime,
    JobStatus,
    _log_job_error_to_file,
    _serialize_exception_chain,
    _serialize_exception_group,
    _serialize_traceback,
    _set_job_return_handoff,
)
from hydra.types import HydraContext, TaskFunction

from sweep.jobs.composed import JobConfig


@contextmanager
def current(job: JobConfig) -> Iterator[None]:
    """Let HydraConfig, and so interpolations, see the job inside the block."""
    hydra = HydraConfig.instance()
    before, hydra.cfg = hydra.cfg, job.hydra  # type: ignore[assignment]
    try:
        yield
    finally:
        hydra.cfg = before


def performed(
    job: JobConfig, lines: Sequence[str], task_function: TaskFunction, hydra_context: HydraContext
) -> JobReturn:
    """Call the task function between the callbacks; what it returns or raises is in the answer."""
    done = JobReturn(
        overrides=list(lines),
        cfg=job.task,
        hydra_cfg=job.hydra,
        working_dir=os.getcwd(),  # noqa: PTH109 - a text, as Hydra has it
        task_name=JobRuntime.instance().get("name"),
    )
    with execution_whitelist(hydra_context.execution_whitelist, reset=True):
        try:
            hydra_context.callbacks.on_job_start(config=job.config, task_function=task_function)
            _call(task_function, job, done)
        except BaseException as error:  # Ctrl-C and its like end the sweep, and leave word of the job
            done.return_value, done.status = error, JobStatus.FAILED
            _set_job_return_handoff(error, done)
            raise
        finally:
            hydra_context.callbacks.on_job_end(config=job.config, job_return=done)
    return done


def _call(task_function: TaskFunction, job: JobConfig, done: JobReturn) -> None:
    try:
        done.return_value, done.status = task_function(job.task), JobStatus.COMPLETED
    except Exception as error:
        done.return_value, done.status = error, JobStatus.FAILED
        done._remote_traceback = _serialize_traceback(error.__traceback__)
        done._remote_exception_chain = _serialize_exception_chain(error)
        done._remote_exception_group = _serialize_exception_group(error)
        _log_job_error_to_file()
