"""Runs of the application as a user starts it, each with a database and an output folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from command import run_here
from sqlalchemy import create_engine, text

from project import ROOT

APP = str(ROOT / "src" / "tune_app.py")
SMALL = ("data=synthetic", "data.users=40", "data.movies=60", "data.ratings=1200")
METRICS = ("accuracy", "balanced_accuracy", "mae", "rmse", "ndcg", "recall", "coverage")

# Python runs a sitecustomize.py on its path at every start, in joblib's workers too. This one lets the
# evaluation of chosen trials go wrong, and leaves the baseline's alone.
FAULTY_SITE = """
import importlib.util, json, os, signal, sys, time

FAULTS = {faults!r}

def spoilt(evaluation, value):
    evaluation.validation.metrics["accuracy"] = value
    return evaluation

def is_first(trial):
    mark = os.path.join(os.path.dirname(os.path.abspath(__file__)), "begun-" + str(trial))
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

def locked(*arguments, **options):
    raise RuntimeError("database is locked")

def faulty(evaluate):
    def wrapped(problem, hyperparameters):
        from hydra.core.hydra_config import HydraConfig
        from omegaconf import OmegaConf
        job = HydraConfig.get().job
        trial = 1 if OmegaConf.is_missing(job, "num") else job.num + 1
        fault = FAULTS.get(trial)
        if fault == "exit":
            os._exit(1)
        if fault == "kill" or fault == "kill once" and is_first(trial):
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "hang" or fault == "hang once" and is_first(trial):
            time.sleep(600)
        if fault == "unrecordable":
            sys.modules["sweep.runs.trial"].fail_experiment = locked
            raise RuntimeError("the fault of the test")
        if fault == "raise":
            raise RuntimeError("the fault of the test")
        evaluation = evaluate(problem, hyperparameters)
        values = {{"nan": float("nan"), "inf": float("inf"), "none": None, "str": "much"}}
        return spoilt(evaluation, values[fault]) if fault in values else evaluation
    return wrapped

class Finder:
    def find_spec(self, name, path, target=None):
        if name != "sweep.runs.measuring":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module
        def execute_and_wrap(module):
            execute(module)
            module.evaluate = faulty(module.evaluate)
        spec.loader.exec_module = execute_and_wrap
        return spec

sys.meta_path.insert(0, Finder())
"""

# What a clock, a process or a place decides, and nothing else.
BY_THE_WAY = {"id", "created_at", "completed_at", "timestamp", "duration_seconds", "process", "output_dir"}
BY_THE_WAY |= {"attempts"}


@dataclass(frozen=True)
class Run:
    """A run that ended."""

    home: Path
    run_id: str
    code: int
    stdout: str
    stderr: str

    @property
    def folder(self) -> Path:
        return self.home / "outputs" / self.run_id

    @cached_property
    def rows(self) -> dict[int, dict[str, Any]]:
        """The run's experiments by trial number."""
        return {row["trial_number"]: row for row in self._table("hp_experiments", "trial_number")}

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        return self._table("hp_tuning_history", "iteration")

    @cached_property
    def statuses(self) -> dict[int, str]:
        return {number: row["status"] for number, row in self.rows.items()}

    def values(self, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row[c] for c in columns) for row in self.rows.values()]

    def metrics_of(self, trial: int) -> dict[str, Any]:
        content = json.loads((self.folder / f"{trial:03d}" / "metrics.json").read_text(encoding="utf-8"))
        assert isinstance(content, dict)
        return content

    def _table(self, name: str, order: str) -> list[dict[str, Any]]:
        engine = create_engine(f"sqlite:///{self.home / 'movies.db'}")
        question = text(f"SELECT * FROM {name} WHERE tuning_run_id = :run ORDER BY {order}")
        with engine.connect() as connection:
            rows = connection.execute(question, {"run": self.run_id}).mappings().all()
        engine.dispose()
        return [dict(row) for row in rows]


def what_counts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in BY_THE_WAY} for row in rows]


def command(home: Path, run_id: str, arguments: Sequence[str], data: Sequence[str] = SMALL) -> list[str]:
    cache = [f"data.cache={home / 'cache'}"] if data else []
    places = [f"db.url=sqlite:///{home / 'movies.db'}", f"outputs={home / 'outputs'}", f"run_id={run_id}"]
    # Most tests are about measuring; those of reuse ask for it.
    return [sys.executable, APP, *data, *cache, *places, "reuse=false", *arguments]


def environment(home: Path, faults: dict[int, str] | None = None) -> dict[str, str]:
    """The test's environment; where trials are to fail, with the folder that makes them."""
    if not faults:
        return dict(os.environ)
    site = home / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(FAULTY_SITE.format(faults=faults), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(site)}


def run_app(
    home: Path,
    run_id: str,
    *arguments: str,
    data: Sequence[str] = SMALL,
    faults: dict[int, str] | None = None,
    here: bool = False,
) -> Run:
    """Run the application to its end; `faults` says what is to happen to which trial.

    In this process where that is the same, or asked for: a start of Python takes longer than most of these
    runs.
    """
    if here or (not faults and "launch=cores" not in arguments):
        answer = run_here(*command(home, run_id, arguments, data)[2:])
        return Run(home, run_id, answer.code, answer.stdout, answer.stderr)
    done = subprocess.run(
        command(home, run_id, arguments, data),
        env=environment(home, faults),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Run(home, run_id, done.returncode, done.stdout, done.stderr)


def start_app(
    home: Path, run_id: str, *arguments: str, faults: dict[int, str] | None = None
) -> subprocess.Popen[str]:
    """Start the application in a process group of its own, as a shell does."""
    # Tests that were started in the background ignore Ctrl-C, and so would their children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command(home, run_id, arguments),
            env=environment(home, faults),
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def press_ctrl_c(process: subprocess.Popen[str], home: Path, run_id: str) -> Run:
    """Interrupt a run and all its workers, as a terminal does, and wait for its end."""
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    return Run(home, run_id, process.returncode, stdout, stderr)


def yaml_file(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
