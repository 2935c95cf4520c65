"""The logging of a sweep and of its jobs: set up once each and exchanged, not set up anew for every job."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.utils import configure_log
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf

SECTIONS = ("hydra_logging", "job_logging")
HANDLER_KEYS = {"class", "formatter", "filename", "encoding", "delay", "level"}
JOB_FOLDER = "${hydra.runtime.output_dir}/"


def is_exchangeable(config: DictConfig) -> bool:
    """Say whether the logging of two jobs differs in the folder of their files alone."""
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    of_sweep, of_job = (hydra[section] or {} for section in SECTIONS)
    # What both set up beside the root logger then holds for all of the sweep.
    alike = all(of_sweep.get(key) == of_job.get(key) for key in ("loggers", "disable_existing_loggers"))
    names = [handler["filename"] for handler in (of_job.get("handlers") or {}).values() if _is_file(handler)]
    return (
        not hydra["verbose"]
        and alike
        and of_job.get("disable_existing_loggers") is False
        and all(_is_of_files(section) for section in (of_sweep, of_job))
        and all(name.startswith(JOB_FOLDER) for name in names)
    )


def _is_of_files(section: dict[str, Any]) -> bool:
    """Say whether a section writes to files alone, which may be closed and opened again."""
    handlers = section.get("handlers") or {}
    is_whole = bool(section.get("root")) and not section.get("incremental")
    return is_whole and all(_is_file(handler) for handler in handlers.values())


def _is_file(handler: dict[str, Any]) -> bool:
    return handler.get("class") == "logging.FileHandler" and set(handler) <= HANDLER_KEYS


@dataclass(frozen=True)
class Root:
    """What the root logger does."""

    level: int
    handlers: Sequence[logging.Handler]

    @staticmethod
    def now() -> "Root":
        root = logging.getLogger()
        return Root(root.level, list(root.handlers))

    def restore(self) -> None:
        root = logging.getLogger()
        root.handlers[:] = self.handlers
        root.setLevel(self.level)

    def close(self) -> None:
        """Close the files; whoever logs to them again opens them."""
        for handler in self.handlers:
            handler.close()

    def moved(self, old: Path, new: Path) -> "Root":
        """Open the same files in another folder."""
        return Root(self.level, [_moved(handler, old, new) for handler in self.handlers])


def _moved(model: logging.Handler, old: Path, new: Path) -> logging.FileHandler:
    assert isinstance(model, logging.FileHandler)
    path = new / Path(model.baseFilename).relative_to(old)
    handler = logging.FileHandler(path, model.mode, model.encoding, model.delay)
    handler.setFormatter(model.formatter)
    handler.setLevel(model.level)
    return handler


class ExchangedLogs:
    """The logging of a sweep, and within it that of one job after the other."""

    def __init__(self, config: DictConfig, hydra_context: HydraContext) -> None:
        self._config, self._whitelist = config, hydra_context.execution_whitelist
        self._of_sweep: Root | None = None
        self._of_first: tuple[Root, Path] | None = None

    def set_up_sweep(self) -> None:
        """Log to the files of the sweep, whatever was set up since."""
        if self._of_sweep is not None:
            self._of_sweep.close()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose, self._whitelist)
        self._of_sweep = Root.now()

    def of_sweep(self) -> None:
        """Log to the files of the sweep."""
        if self._of_sweep is None:
            self.set_up_sweep()
        else:
            self._of_sweep.restore()

    @contextmanager
    def of_job(self, config: DictConfig, folder: Path) -> Iterator[None]:
        """Log to the files of a job inside the block; the first job's are made by Hydra."""
        if self._of_first is None:
            configure_log(config.hydra.job_logging, config.hydra.verbose, self._whitelist)
            self._of_first = (Root.now(), folder)
            opened = self._of_first[0]
        else:
            first, its_folder = self._of_first
            opened = first.moved(its_folder, folder)
        opened.restore()
        try:
            yield
        finally:
            opened.close()
            self.of_sweep()
