"""What is asked of the record, each question a function."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, bindparam, case, func, select

from db.answers import (
    CompletedExperiment,
    ExperimentsPage,
    Failure,
    FinishedTrial,
    Iteration,
    Progress,
    RecordedExperiment,
    TuningStatistics,
)
from db.engine import reading
from db.rows import answer
from db.tables import (
    COMPLETED,
    FAILED,
    PENDING,
    Experiment,
    TuningHistory,
    TuningRun,
    metric_column,
    rows_of,
)

LAST_TRIAL = 2**31 - 1  # the highest number that a column of whole numbers holds


def get_best_experiment(
    engine: Engine, tuning_run_id: str | None = None, *, objective: str | None = None
) -> CompletedExperiment | None:
    """Return the completed experiment with the highest objective value; ties go to the lower trial number.

    Without a run all runs compete, so name the objective where they were tuned for several. Rows of the seed,
    which have none, come last and by their test accuracy. None where nothing is completed.
    """
    with reading(engine) as connection:
        row = connection.execute(_best_first(tuning_run_id, objective).limit(1)).one_or_none()
    return None if row is None else answer(CompletedExperiment, row)


def completed_experiment(engine: Engine, config_key: str) -> CompletedExperiment | None:
    """Return the experiment that measured a configuration first, so that it need not be measured again."""
    question = _best_first(None).where(Experiment.config_key == config_key).order_by(None)
    with reading(engine) as connection:
        row = connection.execute(question.order_by(Experiment.id).limit(1)).one_or_none()
    return None if row is None else answer(CompletedExperiment, row)


def top_experiments(engine: Engine, tuning_run_id: str, limit: int) -> tuple[CompletedExperiment, ...]:
    """Return a run's best completed experiments, best first; ties in the order of their trials."""
    with reading(engine) as connection:
        rows = connection.execute(_best_first(tuning_run_id).limit(limit)).all()
    return tuple(answer(CompletedExperiment, row) for row in rows)


def recorded_experiments(engine: Engine, tuning_run_id: str | None = None) -> tuple[RecordedExperiment, ...]:
    """Return the experiments of a run, or of all, in whatever status and in the order of their trials."""
    question = select(*Experiment.__table__.columns).where(*_of(tuning_run_id))
    with reading(engine) as connection:
        rows = connection.execute(question.order_by(Experiment.trial_number, Experiment.id)).all()
    return tuple(answer(RecordedExperiment, row) for row in rows)


def experiments_page(engine: Engine, *, limit: int, offset: int = 0) -> ExperimentsPage:
    """Return some of all experiments in whatever status, the latest first, and how many there are."""
    question = select(*Experiment.__table__.columns).order_by(Experiment.id.desc())
    with reading(engine) as connection:
        total = connection.execute(select(func.count()).select_from(Experiment)).scalar_one()
        rows = connection.execute(question.limit(limit).offset(offset)).all()
    return ExperimentsPage(total, tuple(answer(RecordedExperiment, row) for row in rows))


def comparable_experiments(
    engine: Engine, problem_key: str, model: str, objective: str, *, besides: str
) -> tuple[CompletedExperiment, ...]:
    """Return what other runs measured on the same problem for the same objective, the oldest first.

    A configuration that several of them measured, or took from the record, is there once.
    """
    runs = select(TuningRun.tuning_run_id).where(
        TuningRun.problem_key == problem_key,
        TuningRun.objective == objective,
        TuningRun.tuning_run_id != besides,
    )
    question = (
        select(*Experiment.__table__.columns)
        .where(Experiment.tuning_run_id.in_(runs), Experiment.status == COMPLETED, Experiment.model == model)
        .order_by(Experiment.id)
    )
    with reading(engine) as connection:
        rows = connection.execute(question).all()
    return tuple({row.config_key: answer(CompletedExperiment, row) for row in reversed(rows)}.values())[::-1]


def experiments_by_id(engine: Engine, experiment_ids: Sequence[str]) -> tuple[CompletedExperiment, ...]:
    """Return completed experiments in the order asked for; those that are unknown are left out."""
    question = _best_first(None).where(Experiment.experiment_id.in_(experiment_ids))
    with reading(engine) as connection:
        found = {row.experiment_id: answer(CompletedExperiment, row) for row in connection.execute(question)}
    return tuple(found[one] for one in experiment_ids if one in found)


def get_tuning_statistics(engine: Engine, tuning_run_id: str | None = None) -> TuningStatistics:
    """Count and average over one run, or over all."""
    accuracy, duration = Experiment.validation_accuracy, Experiment.duration_seconds
    averages = select(
        func.avg(accuracy), func.max(accuracy), func.avg(duration), func.count(Experiment.reused_from)
    ).where(Experiment.status == COMPLETED, *_of(tuning_run_id))
    with reading(engine) as connection:
        counts = _counts(connection, tuning_run_id)
        mean_accuracy, best_accuracy, mean_duration, reused = connection.execute(averages).one()
        best_experiment_id, _ = _best(connection, tuning_run_id)
    return TuningStatistics(
        total=sum(counts.values()),
        completed=counts.get(COMPLETED, 0),
        failed=counts.get(FAILED, 0),
        pending=counts.get(PENDING, 0),
        average_validation_accuracy=mean_accuracy,
        best_validation_accuracy=best_accuracy,
        best_experiment_id=best_experiment_id,
        average_duration_seconds=mean_duration,
        reused=reused,
    )


def progress(engine: Engine, tuning_run_id: str) -> Progress:
    """Count a run's finished trials and name its best; made to be asked several times a second."""
    with reading(engine) as connection:
        counts = _counts(connection, tuning_run_id)
        best_experiment_id, best_objective_value = _best(connection, tuning_run_id)
    return Progress(
        completed=counts.get(COMPLETED, 0),
        failed=counts.get(FAILED, 0),
        best_objective_value=best_objective_value,
        best_experiment_id=best_experiment_id,
    )


def finished_trials(
    engine: Engine, tuning_run_id: str, metrics: Sequence[str], among: Sequence[int] | None = None
) -> dict[int, FinishedTrial]:
    """Return how each finished trial of a run ended, by trial number, with these metrics of validation.

    Args:
        engine: of the record.
        tuning_run_id: of the run.
        metrics: by their names in db.tables.METRICS.
        among: ascending trial numbers: the first to the last of them are looked at; None for all.

    """
    first, last = (among[0], among[-1]) if among else (1, LAST_TRIAL)
    asked = {"run": tuning_run_id, "first": first, "last": last}
    with reading(engine) as connection:
        rows = connection.execute(_finished(tuple(metrics)), asked).all()
    return {
        number: FinishedTrial(status, tuple(values) if status == COMPLETED else None)
        for number, status, *values in rows
    }


@cache
def _finished(metrics: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Make the question once, since it is asked after every trial."""
    rows = rows_of(Experiment)
    return (
        select(
            rows.c.trial_number,
            rows.c.status,
            *(rows.c[metric_column("validation", metric)] for metric in metrics),
        )
        .where(
            rows.c.tuning_run_id == bindparam("run"),
            rows.c.trial_number.between(bindparam("first"), bindparam("last")),
            rows.c.status.in_((COMPLETED, FAILED)),
        )
        .order_by(rows.c.trial_number)
    )


def pending_trials(engine: Engine, tuning_run_id: str) -> tuple[int, ...]:
    """Return the numbers of the trials that were begun and are not finished."""
    rows = _trials(engine, tuning_run_id, (Experiment.trial_number,), (PENDING,))
    return tuple(number for (number,) in rows)


def failures(engine: Engine, tuning_run_id: str) -> tuple[Failure, ...]:
    """Return a run's failed trials with their reasons."""
    columns = (Experiment.trial_number, Experiment.experiment_id, Experiment.error)
    return tuple(Failure(**row._mapping) for row in _trials(engine, tuning_run_id, columns, (FAILED,)))


def tuning_history(engine: Engine, tuning_run_id: str) -> tuple[Iteration, ...]:
    """Return a run's history in the order of its trials."""
    columns = [getattr(TuningHistory, name) for name in Iteration.__dataclass_fields__]
    of_run = TuningHistory.tuning_run_id == tuning_run_id
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).where(of_run).order_by(TuningHistory.iteration)).all()
    return tuple(Iteration(**row._mapping) for row in rows)


def _trials(
    engine: Engine, tuning_run_id: str, columns: tuple[Any, ...], statuses: tuple[str, ...]
) -> Sequence[Row[*tuple[Any, ...]]]:
    question = select(*columns).where(Experiment.status.in_(statuses), *_of(tuning_run_id))
    with reading(engine) as connection:
        return connection.execute(question.order_by(Experiment.trial_number)).all()


def _counts(connection: Connection, tuning_run_id: str | None) -> dict[str, int]:
    question = select(Experiment.status, func.count()).where(*_of(tuning_run_id)).group_by(Experiment.status)
    return {row.status: row[1] for row in connection.execute(question)}


def _best(connection: Connection, tuning_run_id: str | None) -> tuple[str | None, float | None]:
    """Return the id and the objective value of the best experiment, (None, None) where there is none."""
    columns = (Experiment.experiment_id, Experiment.objective_value)
    row = connection.execute(_best_first(tuning_run_id).with_only_columns(*columns).limit(1)).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def _of(tuning_run_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if tuning_run_id is None else (Experiment.tuning_run_id == tuning_run_id,)


def _best_first(tuning_run_id: str | None, objective: str | None = None) -> Select[*tuple[Any, ...]]:
    aimed = () if objective is None else (Experiment.objective == objective,)
    # The seed chose by test accuracy; where an objective was recorded, the test split must not decide ties.
    seed_choice = case((Experiment.objective_value.is_(None), Experiment.test_accuracy))
    return (
        select(*Experiment.__table__.columns)
        .where(Experiment.status == COMPLETED, *_of(tuning_run_id), *aimed)
        .order_by(
            Experiment.objective_value.desc().nulls_last(),
            seed_choice.desc().nulls_last(),
            Experiment.trial_number,
            Experiment.id,
        )
    )
