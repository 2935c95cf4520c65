"""One run and what became of its trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from db.answers import RecordedExperiment, TuningRun, Value
from db.tables import COMPLETED, FAILED

BASELINE = "baseline"
SENSITIVITY = "sensitivity"  # the method whose trials move one hyperparameter each
METRIC_NAMES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "ndcg": "NDCG@10"}
NOTHING = float("-inf")
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """A run and what became of its trials."""

    run_id: str
    run: TuningRun | None  # None for runs older than the table of runs, the seed's among them
    experiments: Sequence[RecordedExperiment]  # in the order of their trials

    @cached_property
    def completed(self) -> Sequence[RecordedExperiment]:
        return [one for one in self.experiments if one.status == COMPLETED]

    @cached_property
    def measured(self) -> Sequence[RecordedExperiment]:
        """Those that can be placed by what they reached; a row of the seed may lack it."""
        return [one for one in self.completed if value_of(one) > NOTHING]

    @property
    def failed(self) -> int:
        return sum(one.status == FAILED for one in self.experiments)

    @property
    def planned(self) -> int:
        return self.run.planned_trials if self.run else len(self.experiments)

    @cached_property
    def best(self) -> RecordedExperiment | None:
        """The highest objective value, the earliest of those that tie; of the seed's the highest accuracy."""
        return max(self.completed, key=value_of, default=None)

    @property
    def method(self) -> str:
        first = self.experiments[0].tuning_method if self.experiments else None
        return self.run.tuning_method if self.run else first or "–"

    @property
    def aims(self) -> list[str]:
        """What was maximised: one metric or two; none where that was not recorded."""
        metrics = (self.run.metric, self.run.second_metric) if self.run else ()
        return [metric for metric in metrics if metric is not None]

    @property
    def objective(self) -> str | None:
        """What the run was to maximise; None for runs of the seed."""
        return self.run.objective if self.run else self.best.objective if self.best else None

    @cached_property
    def metric(self) -> str | None:
        """The validation metric behind the objective; of an older run, the one that its values equal."""
        if self.run is not None:
            return self.run.metric
        best = self.best
        if best is None or best.objective_value is None:
            return None
        return next((name for name in METRIC_NAMES if best.validation[name] == best.objective_value), None)

    @property
    def reference_metrics(self) -> Mapping[str, Mapping[str, Mapping[str, float | None]]]:
        """Metrics of the baseline and of each reference: by name, then part, then metric."""
        return self.run.reference_metrics if self.run else {}

    @cached_property
    def varied(self) -> list[str]:
        """The hyperparameters that did not have one value throughout."""
        values: dict[str, set[Value]] = {}
        for one in self.experiments:
            for name, value in one.hyperparameters.items():
                values.setdefault(name, set()).add(value)
        return [name for name, different in values.items() if len(different) > 1]

    @property
    def improvement(self) -> float | None:
        """What the best is ahead of the baseline on validation, in what was maximised."""
        if self.run is None or self.best is None or self.best.objective_value is None:
            return None if self.best is None else self.best.improvement_from_baseline
        baseline = self.run.reference_metrics.get(BASELINE, {}).get("validation", {}).get(self.run.metric)
        return None if baseline is None else self.best.objective_value - baseline

    @property
    def ending(self) -> str:
        """Say how it ended: by itself, for a reason, or not yet."""
        if self.run is None:
            return "–"
        return self.run.stop_reason or ("done" if self.run.ended_at else "not ended")

    @property
    def started_at(self) -> datetime:
        moments = (one.created_at for one in self.experiments if one.created_at is not None)
        return self.run.started_at if self.run else min(moments, default=LONG_AGO)


def value_of(experiment: RecordedExperiment | None) -> float:
    """Order as the record does: by objective, of the seed's by test accuracy."""
    if experiment is None:
        return NOTHING
    value = experiment.objective_value if experiment.objective is not None else experiment.test["accuracy"]
    return NOTHING if value is None else value
