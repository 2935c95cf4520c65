"""How far a run is, read from the record, so that it is the same whatever launcher runs the trials."""

import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from db.queries import progress
from sweep.runs.under_way import trials_under_way

POLL_SECONDS = 0.2
LINE_SECONDS = 10.0


class ProgressBar:
    """A bar with rate, best so far and time left; without a terminal a plain line from time to time."""

    def __init__(self, engine: Engine, run_id: str, total: int, objective: str, folder: Path) -> None:
        self._engine, self._run_id, self._total, self._objective = engine, run_id, total, objective
        self._folder = folder
        self._console = Console(stderr=True)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        self._started = self._said = time.monotonic()
        self._said_done = 0
        self._before = self._state()[0]  # finished by the run that this one resumes

    def __enter__(self) -> "ProgressBar":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        if self._console.is_terminal:
            self._watch_with_bar()
            return
        while not self._stop.wait(POLL_SECONDS):
            if time.monotonic() - self._said >= LINE_SECONDS:
                self._say_line()
        self._say_line()

    def _watch_with_bar(self) -> None:
        columns = (
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn(f"best {self._objective} {{task.fields[best]}}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[under_way]}"),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("", total=self._total, rate="", best="–", under_way="")
            while not self._stop.wait(POLL_SECONDS):
                self._update(bar, task)
            self._update(bar, task)

    def _update(self, bar: Progress, task: TaskID) -> None:
        done, best, failed = self._state()
        note = f"{best}, {failed} failed" if failed else best
        rate, trials = f"{self._rate(done):.1f} trials/s", ", ".join(trials_under_way(self._folder))
        bar.update(task, completed=done, rate=rate, best=note, under_way=trials)

    def _say_line(self) -> None:
        done, best, failed = self._state()
        for trial in trials_under_way(self._folder):
            print(trial, file=sys.stderr, flush=True)
            self._said = time.monotonic()
        if done == self._said_done:
            return
        rate = self._rate(done)
        left = (self._total - done) / rate if rate else 0
        failures = f", {failed} failed" if failed else ""
        pace = f"{rate:.1f}/s, best {self._objective} {best}{failures}, {left:.0f} s left"
        print(f"{done}/{self._total} trials, {pace}", file=sys.stderr, flush=True)
        self._said, self._said_done = time.monotonic(), done

    def _state(self) -> tuple[int, str, int]:
        now = progress(self._engine, self._run_id)
        best = "–" if now.best_objective_value is None else f"{now.best_objective_value:.4f}"
        return now.completed + now.failed, best, now.failed

    def _rate(self, done: int) -> float:
        return (done - self._before) / max(time.monotonic() - self._started, 1e-9)
