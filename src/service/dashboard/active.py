"""The active version: who made it active and why, how it does, and what it was worth before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from db.deployment.answers import Activation, DailyPerformance, Performance, Version
from db.deployment.live_ratings import daily_performance, performances
from db.deployment.versions import latest_activations, version_of
from db.runs import references_of
from deployment.revalidation import Revalidation, wilson
from report.outcome import METRIC_NAMES
from report.plots import Plot
from report.summary import Figure
from report.tables import Column, Table, number
from service.dashboard.plots import COLOURS, Share, over_days
from service.dashboard.words import gate_words

DAYS = 90
METRICS = METRIC_NAMES | {"rmse": "RMSE"}


@dataclass(frozen=True, kw_only=True)
class ActiveVersion:
    """The version that answers, and all that is known of how well."""

    version: Version
    switch: Activation  # that made it active
    figures: Sequence[Figure]
    measured: Table
    has_references: bool
    gate: Table  # no rows where the gate asked nothing
    days: Table  # no rows before the first rated forecast
    plot: Plot | None  # likewise
    revalidation: Revalidation


def active_version(engine: Engine, revalidation: Revalidation, today: date) -> ActiveVersion | None:
    """Gather what is known of the active version; None before the first deployment."""
    # Asked for in one question, so that no switch comes between a version and who made it active.
    switch = next(iter(latest_activations(engine, 1)), None)
    version = None if switch is None else version_of(engine, switch.to_version)
    if switch is None or version is None:
        return None
    references = references_of(engine, version.problem_key)
    days = daily_performance(engine, since=today - timedelta(days=DAYS - 1))
    live = performances(engine, [version.version]).get(version.version)
    return ActiveVersion(
        version=version,
        switch=switch,
        figures=_figures(version, live),
        measured=_measured(version, references),
        has_references=bool(references),
        gate=_gate_table(version),
        days=_days(days),
        plot=_plot(days, version.version, revalidation.threshold),
        revalidation=revalidation,
    )


GATE_COLUMNS = (
    Column("rule", numeric=False, wraps=True),
    Column("what must hold", numeric=False, wraps=True),
    Column("what was found", numeric=False, wraps=True),
    Column("outcome", numeric=False),
)
DAY_COLUMNS = (
    Column("day of UTC", numeric=False),
    Column("version"),
    Column("rated forecasts"),
    Column("accuracy"),
    Column("95% interval"),
)


def _figures(version: Version, live: Performance | None) -> list[Figure]:
    return [
        Figure("live accuracy", _live(live)),
        Figure("fitted on", f"{version.n_ratings:,} ratings, {version.n_live_ratings:,} of them live"),
        Figure("gate", gate_words(version)),
        Figure("experiment", version.experiment_id or "none, hyperparameters were typed"),
    ]


def _live(live: Performance | None) -> str:
    if live is None or live.accuracy is None:
        return "not known yet"
    return f"{live.accuracy:.4f} {_interval(live)} of {live.samples:,} rated forecasts"


def _interval(found: Performance) -> str:
    """Write the 95% interval of an accuracy that was counted; a dash where nothing was."""
    if found.accuracy is None:
        return "–"
    low, high = wilson(found.accuracy, found.samples)
    return f"[{low:.4f}, {high:.4f}]"


def _measured(version: Version, references: Mapping[str, Any]) -> Table:
    """Set the version's figures beside the references', by part and metric."""
    name = f"version {version.version}"
    beside = {name: {"validation": version.validation, "test": version.test}, **references}
    groups = [
        [
            [f"{part} {words}", *(number(of.get(part, {}).get(metric)) for of in beside.values())]
            for metric, words in METRICS.items()
        ]
        for part in ("validation", "test")
    ]
    columns = (Column("measured", numeric=False), *(Column(one) for one in beside))
    caption = "on held-out ratings: validation as fitted on train, test as fitted on both; RMSE in stars"
    return Table(caption, columns, groups)


def _gate_table(version: Version) -> Table:
    """Tell what the gate asked and found, rule by rule, as it was kept."""
    rows = [
        [rule["name"], rule["must"], rule["found"], _outcome(rule)] for rule in version.gate.get("rules", [])
    ]
    return Table("what the gate asked of it", GATE_COLUMNS, [rows])


def _outcome(rule: Mapping[str, Any]) -> str:
    if not rule["applies"]:
        return "does not apply"
    return "holds" if rule["passed"] else "refused"


def _days(days: Sequence[DailyPerformance]) -> Table:
    rows = [
        [f"{one.day}", str(one.version), f"{one.samples:,}", number(one.accuracy), _interval(one)]
        for one in reversed(days)
    ]
    return Table(f"live accuracy of the last {DAYS} days, the latest first", DAY_COLUMNS, [rows])


def _plot(days: Sequence[DailyPerformance], version: int, threshold: float | None) -> Plot | None:
    """Draw the days of the active version, and of those that answered shortly before."""
    others = sorted({one.version for one in days} - {version}, reverse=True)
    drawn = (version, *others[: len(COLOURS) - 1])
    shares = {
        f"version {of}{', active' if of == version else ''}": points
        for of in drawn
        if (points := [_share(one) for one in days if one.version == of and one.accuracy is not None])
    }
    beside = {} if threshold is None else {"accuracy_threshold": threshold}
    return over_days(shares, beside, "live accuracy", "rated forecasts") if shares else None


def _share(day: DailyPerformance) -> Share:
    assert day.accuracy is not None
    return Share(day.day, day.accuracy, *wilson(day.accuracy, day.samples), day.samples)
