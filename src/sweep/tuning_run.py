"""The life of a run: prepared, announced, watched while its trials run, summed up, judged by exit code."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from db.engine import connect
from db.queries import failures, finished_trials, get_tuning_statistics, pending_trials, top_experiments
from db.records import interrupt_experiment, mark_interrupted
from db.schema import prepare
from pipeline.parameters import InvalidInput
from project import ROOT
from report.summary import SHOWN, Findings, print_summary
from sweep.artifacts import PARTS, read_per_user
from sweep.identity import IDENTITY_FILE, check_identity, identity_of, keep_identity
from sweep.problems import problem_of
from sweep.processes import is_gone
from sweep.progress import ProgressBar
from sweep.resolvers import shown_path, trial_name
from sweep.settings import Settings


def prepared_database(settings: Settings) -> Engine:
    """Load the ratings, open the database, bring its schema up to date, and note what was interrupted.

    Raises:
        InvalidInput: where data or database cannot be had.

    """
    problem_of(settings)
    engine = connect(settings.db_url)
    prepare(engine)
    mark_interrupted(engine, is_gone)
    return engine


def claim(engine: Engine, settings: Settings, search: Mapping[str, Any]) -> int:
    """Make the run's folder, or take up the run that left it.

    Returns:
        How many trials of the run are finished already.

    Raises:
        InvalidInput: where the run is another one's, or its folder cannot be made.

    """
    folder, run_id = settings.run_folder, settings.general.run_id
    identity = identity_of(settings, problem_of(settings), search)
    if (folder / IDENTITY_FILE).is_file():
        check_identity(folder, identity)
        return len(finished_trials(engine, run_id))
    if get_tuning_statistics(engine, run_id).total:
        raise InvalidInput(f"run_id {run_id} is recorded, but its folder is gone; choose another run_id")
    try:
        # Whoever is killed here leaves no folder that says nothing of its run.
        begun = folder.with_name(f".{folder.name}-{os.getpid()}")
        begun.mkdir(parents=True)
        keep_identity(begun, identity)
        begun.rename(folder)
    except OSError as error:
        raise InvalidInput(f"outputs cannot take {folder}: {error.strerror}") from error
    return 0


@contextmanager
def tuning_run(settings: Settings, total: int, search: Mapping[str, Any]) -> Iterator[Engine]:
    """Watch `total` trials that are run inside the block; say at its end what was found.

    Args:
        settings: of the run; one with an existing run_id goes on where it stopped.
        total: trials in all, those that are finished already among them.
        search: what the sweeper's proposals depend on.

    Raises:
        SystemExit: 1 where a trial failed, 130 where the user interrupted.

    """
    engine = prepared_database(settings)
    announce(settings, total, claim(engine, settings, search))
    try:
        with ProgressBar(engine, settings.general.run_id, total, settings.objective.name):
            yield engine
    except KeyboardInterrupt:
        stop_pending(engine, settings.general.run_id)
        show_summary(engine, settings)
        print(f"interrupted; add run_id={settings.general.run_id} to the command to go on", file=sys.stderr)
        raise SystemExit(130) from None
    show_summary(engine, settings)
    if get_tuning_statistics(engine, settings.general.run_id).completed < total:
        raise SystemExit(1)


def show_summary(engine: Engine, settings: Settings) -> None:
    """Print what the run found so far."""
    run_id = settings.general.run_id
    shared = problem_of(settings)
    best = top_experiments(engine, run_id, SHOWN)
    print_summary(
        Findings(
            run_id=run_id,
            objective=settings.objective.name,
            metric=settings.objective.metric,
            statistics=get_tuning_statistics(engine, run_id),
            best=best,
            failures=failures(engine, run_id),
            per_user={
                part: [read_per_user(ROOT / (one.output_dir or ""), part) for one in best] for part in PARTS
            },
            baseline={"validation": shared.baseline.validation, "test": shared.baseline.test},
            references=shared.references,
            split=settings.split_name,
            attendance=shared.attendance,
        )
    )


def stop_pending(engine: Engine, run_id: str) -> None:
    """Note the trials whose workers were stopped before they could note it themselves."""
    for number in pending_trials(engine, run_id):
        interrupt_experiment(engine, f"{run_id}_{trial_name(number)}")


def announce(settings: Settings, total: int, finished: int = 0) -> None:
    """Say what begins, or goes on, and where it goes."""
    trials = "1 trial" if total == 1 else f"{total} trials"
    resumed = f", {finished} of them finished before" if finished else ""
    print(
        f"{settings.general.run_id}: {trials} of {settings.model} by {settings.search.method}{resumed}, "
        f"for {settings.objective.name} on {problem_of(settings).problem.dataset.name} "
        f"-> {shown_path(settings.run_folder)}",
        file=sys.stderr,
        flush=True,
    )
