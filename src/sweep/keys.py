"""The keys of a config that are no hyperparameters, by section: types, bounds, defaults, meanings."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from db.records import Phase
from pipeline.parameters import parameter

UNITS = {"MiB": 2**20, "GiB": 2**30}
MEMORY = re.compile(rf"(?P<number>\d+(\.\d+)?) ?(?P<unit>{'|'.join(UNITS)})")
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")
ADDRESS = re.compile(r"local|auto|[A-Za-z0-9.-]+:\d{1,5}")


@dataclass(frozen=True, kw_only=True)
class General:
    """The keys at the top of conf/config.yaml."""

    seed: int = parameter(42, "seed of the search", low=0, high=2**32 - 1)
    time_limit: float | None = parameter(None, "seconds that a trial may take", low=0.001, high=1e9)
    reuse: bool = parameter(True, "answer a configuration that was measured before from the record")
    outputs: str = parameter("outputs", "folder of all runs, relative to the project")
    run_id: str = parameter("", "folder of this run below outputs")
    rerun: str | None = parameter(None, "folder of a recorded trial to measure again")
    phase: Phase = parameter(  # noqa: RUF009 - a field like the others
        "exploration", "what a trial is for in its search", choices=get_args(Phase)
    )
    parent: str | None = parameter(None, "experiment that a trial grew from")

    def conflicts(self) -> Iterator[str]:
        if not NAME.fullmatch(self.run_id):
            yield (
                "run_id must be 1 to 64 letters, digits, '_', '-' or '.', not beginning with '.', "
                f"got {self.run_id!r}"
            )
        if not self.outputs or not self.outputs.isprintable():
            yield f"outputs must be a folder, got {self.outputs!r}"
        elif self.outputs.startswith("~"):
            yield f"outputs must be a folder with ~ written out, got {self.outputs!r}"


@dataclass(frozen=True, kw_only=True)
class Search:
    """The keys of conf/search; a preset names those it needs."""

    method: str = parameter("manual", "name of the strategy; the first part of its experiments' ids")
    radius: float = parameter(0.1, "how far the grid goes, as a share of the value", low=0.000001, high=1)
    exploration_trials: int | None = parameter(None, "trials that explore; null = all", low=0, high=10**9)
    warm_start: bool = parameter(False, "begin with the comparable experiments of other runs")
    also: str | None = parameter(
        None, "second validation metric to maximise", choices=("accuracy", "balanced_accuracy", "ndcg")
    )
    broad: float | None = parameter(None, "share of the trials that explore the whole space", low=0, high=1)
    fine: float | None = parameter(None, "share of the trials that stay around the best", low=0, high=1)
    of: str | None = parameter(None, "run whose best configurations are confirmed; null = the latest")
    best: int = parameter(5, "how many configurations are confirmed", low=1, high=1000)
    steps: int = parameter(3, "values of each hyperparameter from end to end of its range", low=2, high=100)
    patience: int | None = parameter(None, "trials without a new best before it stops", low=1, high=10**9)
    target: float | None = parameter(None, "objective value at which it stops", low=0, high=1)
    time_budget: float | None = parameter(
        None, "seconds after which no further trial starts", low=0.001, high=1e9
    )
    preview: bool = parameter(False, "say what would run and how long it would take; run nothing")

    def conflicts(self) -> Iterator[str]:
        if (self.broad or 0) + (self.fine or 0) > 1:
            yield f"broad must be at most 1 - fine ({1 - (self.fine or 0):g}), got {self.broad}"
        if not NAME.fullmatch(self.method) or len(self.method) > 32:
            yield f"method must be 1 to 32 letters, digits, '_' or '-', got {self.method!r}"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What a search maximises on validation."""

    name: str = parameter("accuracy", "name of the objective")
    metric: str = parameter(
        "accuracy", "validation metric to maximise", choices=("accuracy", "balanced_accuracy", "ndcg")
    )

    def conflicts(self) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Where trials run."""

    workers: int = parameter(1, "trials that run at once", low=1, high=1024)
    address: str | None = parameter(None, "of the Ray cluster that trials run on: local, auto or host:port")
    cpus: int = parameter(1, "cores that a trial keeps for itself on a cluster", low=1, high=1024)
    memory_gb: float | None = parameter(
        None, "GiB that a machine of a cluster must have left for a trial", low=0.001, high=1e6
    )
    attempts: int = parameter(2, "times that a trial is begun on a cluster whose worker dies", low=1, high=10)

    def conflicts(self) -> Iterator[str]:
        if self.address is not None and not ADDRESS.fullmatch(self.address):
            yield f"address must be local, auto or host:port, got {self.address!r}"


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """On whom a trial is measured, and in how much memory."""

    ranking_users: int | None = parameter(
        None, "users whose rankings are measured, a fixed sample; null = all", low=1, high=10**9
    )
    memory_limit: str | None = parameter(None, "memory of a trial, as 4GiB or 512MiB; null = the machine's")

    def conflicts(self) -> Iterator[str]:
        if self.memory_limit is not None and not MEMORY.fullmatch(self.memory_limit):
            yield f"memory_limit must be a size such as 4GiB or 512MiB, got {self.memory_limit!r}"

    @property
    def bytes_allowed(self) -> int:
        """Read the limit; without one it is the memory of this machine."""
        size = MEMORY.fullmatch(self.memory_limit or "")
        if size is None:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return int(float(size["number"]) * UNITS[size["unit"]])
