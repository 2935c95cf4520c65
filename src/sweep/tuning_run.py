"""The life of a run: prepared, announced, watched while its trials run, summed up, judged by exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine

from db.engine import connect
from db.queries import failures, get_tuning_statistics, pending_trials, top_experiments
from db.records import NotPending, fail_experiment
from db.schema import prepare
from pipeline.parameters import InvalidInput
from project import ROOT
from report.summary import SHOWN, Findings, print_summary
from sweep.artifacts import PARTS, read_per_user
from sweep.problems import problem_of
from sweep.progress import ProgressBar
from sweep.resolvers import shown_path, trial_name
from sweep.settings import Settings

INTERRUPTED = "interrupted by the user"


def prepared_database(settings: Settings) -> Engine:
    """Load the ratings, open the database and bring its schema up to date; nothing is recorded yet.

    Raises:
        InvalidInput: where data or database cannot be had, or the run is recorded already.

    """
    problem_of(settings)
    engine = connect(settings.db_url)
    prepare(engine)
    refuse_recorded(engine, settings.general.run_id)
    claim_folder(settings)
    return engine


@contextmanager
def tuning_run(settings: Settings, total: int) -> Iterator[Engine]:
    """Watch `total` trials that are run inside the block; say at its end what was found.

    Raises:
        SystemExit: 1 where a trial failed, 130 where the user interrupted.

    """
    engine = prepared_database(settings)
    announce(settings, total)
    try:
        with ProgressBar(engine, settings.general.run_id, total, settings.objective.name):
            yield engine
    except KeyboardInterrupt:
        fail_interrupted(engine, settings)
        show_summary(engine, settings)
        print("interrupted; what is listed above is recorded", file=sys.stderr)
        raise SystemExit(130) from None
    show_summary(engine, settings)
    if get_tuning_statistics(engine, settings.general.run_id).completed < total:
        raise SystemExit(1)


def fail_interrupted(engine: Engine, settings: Settings) -> None:
    """Record the trials whose workers were stopped before they could; finished ones stay as they are."""
    run_id = settings.general.run_id
    for number in pending_trials(engine, run_id):
        # A worker may still have recorded its own interruption in between.
        with suppress(NotPending):
            fail_experiment(
                engine,
                f"{run_id}_{trial_name(number)}",
                INTERRUPTED,
                phase=settings.phase_of(number),
                duration_seconds=0.0,
            )


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
        )
    )


def announce(settings: Settings, total: int) -> None:
    """Say what begins and where it goes."""
    trials = "1 trial" if total == 1 else f"{total} trials"
    print(
        f"{settings.general.run_id}: {trials} of {settings.model} by {settings.search.method}, "
        f"for {settings.objective.name} on {problem_of(settings).problem.dataset.name} "
        f"-> {shown_path(settings.run_folder)}",
        file=sys.stderr,
        flush=True,
    )


def claim_folder(settings: Settings) -> None:
    """Make the run's folder, which no other run may have made."""
    try:
        settings.run_folder.mkdir(parents=True)
    except OSError as error:
        raise InvalidInput(
            f"outputs cannot take run_id {settings.general.run_id}: {error.strerror}, "
            f"in {settings.run_folder.parent}"
        ) from error


def refuse_recorded(engine: Engine, run_id: str) -> None:
    """Refuse a run id that the record holds already; its rows stay as they are."""
    if get_tuning_statistics(engine, run_id).total:
        raise InvalidInput(f"run_id {run_id} is recorded already; choose another run_id")
