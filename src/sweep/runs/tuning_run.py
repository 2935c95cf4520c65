"""The life of a run: prepared, announced, watched while its trials run, summed up, judged by exit code."""

import dataclasses
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from db.answers import TuningRun
from db.engine import connect
from db.queries import finished_trials, get_tuning_statistics, pending_trials
from db.records import interrupt_experiment, mark_interrupted
from db.runs import close_run, open_run
from db.schema import prepare
from pipeline.contributions import BASELINE_FILE, write_contributions
from pipeline.parameters import InvalidInput
from pipeline.provenance import code_version
from project import shown_path
from report.files import PAGE, replaced
from report.findings import gathered
from report.judgement import judged
from report.pages import page_of_run
from report.terminal import console, print_findings
from sweep.resolvers import trial_name
from sweep.runs.environment import command, database_typed, environment
from sweep.runs.identity import check_identity, identity_of, keep_identity
from sweep.runs.pins import IDENTITY_FILE
from sweep.runs.plan import Plan
from sweep.runs.problems import check_memory, problem_key_of, problem_of
from sweep.runs.processes import is_gone
from sweep.runs.progress import ProgressBar
from sweep.runs.under_way import said_in_lines
from sweep.settings import Settings

INTERRUPTED = "interrupted by the user"


def prepared_database(settings: Settings) -> Engine:
    """Load the ratings, open the database, bring its schema up to date, and note what was interrupted.

    Raises:
        InvalidInput: where data or database cannot be had, or the data is too large for the model.

    """
    check_memory(settings)
    engine = connect(settings.db_url)
    prepare(engine)
    mark_interrupted(engine, is_gone)
    return engine


def claim(engine: Engine, settings: Settings, plan: Plan) -> int:
    """Make the run's folder and its row, or take up the run that left them.

    Returns:
        How many trials of the run are finished already.

    Raises:
        InvalidInput: where the run is another one's, or its folder cannot be made.

    """
    folder, run_id = settings.run_folder, settings.general.run_id
    identity = identity_of(settings, problem_of(settings), plan)
    with said_in_lines("baseline and references"):
        _ = problem_of(settings).reference_metrics
    if (folder / IDENTITY_FILE).is_file():
        check_identity(folder, identity)
    elif get_tuning_statistics(engine, run_id).total:
        raise InvalidInput(f"run_id {run_id} is recorded, but its folder is gone; choose another run_id")
    else:
        _make_folder(settings, identity)
    open_run(engine, described(settings, plan))
    return len(finished_trials(engine, run_id, settings.metrics))


def _make_folder(settings: Settings, identity: Mapping[str, Any]) -> None:
    """Make the run's folder under another name first: who is killed here leaves none that says nothing."""
    folder = settings.run_folder
    begun = folder.with_name(f".{folder.name}-{os.getpid()}")
    try:
        begun.mkdir(parents=True)
        keep_identity(begun, identity)
        write_contributions(begun / BASELINE_FILE, problem_of(settings).baseline)
        begun.rename(folder)
    except OSError as error:
        raise InvalidInput(f"outputs cannot take {folder}: {error.strerror}") from error


def described(settings: Settings, plan: Plan) -> TuningRun:
    """Describe a run as it is recorded."""
    shared = problem_of(settings)
    return TuningRun(
        tuning_run_id=settings.general.run_id,
        tuning_method=settings.search.method,
        model=settings.model,
        objective=settings.objective.name,
        metric=settings.objective.metric,
        second_metric=settings.search.also,
        seed=settings.general.seed,
        space=plan.space,
        data_name=shared.problem.dataset.name,
        data_fingerprint=shared.problem.dataset.fingerprint,
        split=settings.split_values,
        attendance=dataclasses.asdict(shared.attendance),
        code_version=code_version(),
        problem_key=problem_key_of(settings),
        reference_metrics=shared.reference_metrics,
        planned_trials=plan.total,
        warm_started=len(plan.ancestors),
        command=command(),
        environment=environment(),
        output_dir=shown_path(settings.run_folder),
        started_at=datetime.now(UTC),
    )


@dataclass
class Run:
    """A run that is under way."""

    engine: Engine
    settings: Settings
    stop_reason: str | None = None  # set by whoever ends it before its last trial


@contextmanager
def tuning_run(engine: Engine, settings: Settings, plan: Plan) -> Iterator[Run]:
    """Watch the trials that are run inside the block; say at its end what was found.

    Raises:
        SystemExit: 1 where a trial failed or is missing, 130 where the user interrupted.

    """
    run_id, run = settings.general.run_id, Run(engine, settings)
    announce(settings, plan, claim(engine, settings, plan))
    try:
        with ProgressBar(engine, run_id, plan.total, settings.objective.name, settings.run_folder):
            yield run
    except KeyboardInterrupt:
        stop_pending(engine, run_id)
        close_run(engine, run_id, INTERRUPTED)
        show_summary(engine, settings)
        print(f"interrupted; add run_id={run_id} to the command to go on", file=sys.stderr)
        raise SystemExit(130) from None
    close_run(engine, run_id, run.stop_reason)
    if run.stop_reason is not None:
        print(f"{run_id}: stopped early by {run.stop_reason}", file=sys.stderr, flush=True)
    show_summary(engine, settings)
    done = get_tuning_statistics(engine, run_id)
    if done.failed or (done.completed < plan.total and run.stop_reason is None):
        raise SystemExit(1)


def show_summary(engine: Engine, settings: Settings) -> None:
    """Print what the run found so far, and leave it as a page in the run's folder.

    The trials are over and recorded: a bug in here is shown, but does not decide how the run ended.
    """
    try:
        findings = gathered(engine, settings.general.run_id, database_typed())
        judgement = judged(findings)
        print_findings(console(), findings, judgement)
        page = settings.run_folder / PAGE
        replaced(page, page_of_run(findings, judgement, page.parent))
        print(f"Report: {shown_path(page)}")
    except InvalidInput as error:
        print(f"reeltune: {error}", file=sys.stderr)
    except Exception:
        traceback.print_exc()


def stop_pending(engine: Engine, run_id: str) -> None:
    """Note the trials whose workers were stopped before they could note it themselves."""
    for number in pending_trials(engine, run_id):
        interrupt_experiment(engine, f"{run_id}_{trial_name(number)}")


def announce(settings: Settings, plan: Plan, finished: int = 0) -> None:
    """Say what begins, or goes on, from what, and where it goes."""
    trials = "1 trial" if plan.total == 1 else f"{plan.total} trials"
    resumed = f", {finished} of them finished before" if finished else ""
    print(
        f"{settings.general.run_id}: {trials} of {settings.model} by {settings.search.method}{resumed}, "
        f"for {settings.objective.name} on {problem_of(settings).problem.dataset.name} "
        f"-> {shown_path(settings.run_folder)}",
        file=sys.stderr,
        flush=True,
    )
    for note in plan.notes:
        print(f"{settings.general.run_id}: {note}", file=sys.stderr, flush=True)
