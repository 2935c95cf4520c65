"""What deploy_app prints: what changes, what the gate says, what was done, which versions there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.console import Console

from db.answers import Value
from db.deployment.answers import Activation, Active, Version
from deployment.changes import changes
from deployment.deploying import Deployed, Review
from deployment.gate import NAMES, Rule, Verdict
from pipeline.intervals import Difference
from pipeline.joining import Joined
from report.tables import Column, Row, Table, interval, listed, number
from report.terminal import print_table

RULES = (
    Column("rule", numeric=False),
    Column("must hold", numeric=False, wraps=True),
    Column("found", numeric=False, wraps=True),
    Column("", numeric=False),
)
VERSIONS = (
    Column("version"),
    Column("status", numeric=False),
    Column("by", numeric=False),
    Column("model", numeric=False),
    Column("accuracy"),
    Column("NDCG@10"),
    Column("gate", numeric=False),
    Column("from", numeric=False),
)


def print_review(out: Console, review: Review, before: Mapping[str, Value], beside: str) -> None:
    """Print what a candidate changes, what it measures, and the gate's verdict rule by rule."""
    candidate = review.candidate
    print_changes(out, before, asdict(candidate.hyperparameters), beside, "candidate")
    out.print()
    metrics = {"validation": candidate.validation.metrics, "test": candidate.test.metrics}
    print_table(out, figures_table("candidate", metrics))
    out.print(_origin(review), soft_wrap=True)
    out.print()
    print_table(out, rules_table(review.verdict.rules))


def print_changes(
    out: Console, before: Mapping[str, Value], after: Mapping[str, Value], one: str, other: str
) -> None:
    """Print the hyperparameters that differ, and how many do not."""
    found = changes(before, after)
    rows = [[change.name, _value(change.before), _value(change.after)] for change in found if change.differs]
    columns = (Column("hyperparameter", numeric=False), Column(one), Column(other))
    if rows:
        print_table(out, Table("what changes", columns, [rows]))
    same = len(found) - len(rows)
    out.print(f"{same} of {len(found)} hyperparameters are the same.")


def figures_table(caption: str, metrics: Mapping[str, Mapping[str, float | None]]) -> Table:
    """Lay out what was measured: a row a part."""
    names = {**NAMES, "balanced_accuracy": "balanced", "rmse": "RMSE"}
    columns = (Column("part", numeric=False), *map(Column, names.values()))
    rows = [[part, *(number(values.get(name)) for name in names)] for part, values in metrics.items()]
    return Table(caption, columns, [rows])


def rules_table(rules: Sequence[Rule]) -> Table:
    """Lay out the gate's rules, each with both figures."""
    return Table("gate", RULES, [[[rule.name, rule.must, rule.found, _passed(rule)] for rule in rules]])


def verdict_line(verdict: Verdict, *, force: bool, can_force: bool = True) -> str:
    """Say in a sentence what the gate says, and whether force would change it."""
    refusals = listed([rule.name for rule in verdict.refusals])
    if verdict.passed:
        return "The gate lets it through."
    if verdict.allows(force=force):
        return f"Forced: the gate refuses it by {refusals}."
    can_force = can_force and verdict.allows(force=True)
    return f"The gate refuses it by {refusals}" + (
        "; force=true deploys it all the same." if can_force else "."
    )


def refusal_lines(verdict: Verdict) -> list[str]:
    """Say which rules refuse, with both figures."""
    return [f"refused by {rule.name}: needs {rule.must}; found {rule.found}" for rule in verdict.refusals]


def deployed_lines(done: Deployed) -> Iterator[str]:
    """Say what a deployment left."""
    version = done.version
    for abandoned in done.abandoned:
        yield f"Version {abandoned} was abandoned: the process that built it is gone."
    if done.activation is None:
        yield f"Version {version.version} is ready, and not active: {version.artifact_path}"
    else:
        yield f"{switched_line(done.activation)} Its files: {version.artifact_path}"


def came_in_line(joined: Joined) -> str:
    """Say how many ratings came in, and of how many of them nothing can be learnt."""
    said = f"{joined.came_in.sum()} ratings that came in are joined to {joined.dataset.name}"
    return f"{said}; {joined.n_left_out} of movies that it does not have are left out."


def switched_line(done: Activation) -> str:
    """Say what a switch did."""
    before = "" if done.from_version is None else f", before it version {done.from_version}"
    return f"Version {done.to_version} is active{before} (revision {done.rev}, {done.action}: {done.why})."


def versions_table(versions: Sequence[Version], now: Active | None) -> Table:
    """Lay out all versions, the latest first."""
    rows: list[Row] = [
        _version_row(one, active=now is not None and now.version == one.version) for one in versions
    ]
    return Table("versions", VERSIONS, [rows])


def history_lines(switches: Sequence[Activation]) -> Iterator[str]:
    """Say of every switch what it did, the first first."""
    for one in switches:
        when, forced = f"{one.activated_at:%Y-%m-%d %H:%M} UTC", ", forced" if one.forced else ""
        yield f"{one.rev}. {when}  version {one.to_version} by {one.action}{forced}, {one.who}: {one.why}"


def compared_table(one: Version, other: Version, ahead: Mapping[str, Difference | None]) -> Table:
    """Lay out what two versions measured, and what the first is ahead by on test, user by user."""
    columns = (
        Column("figure", numeric=False),
        Column(f"version {one.version}"),
        Column(f"version {other.version}"),
        Column("ahead [95%]"),
    )
    rows = [
        [
            f"{part} {label}",
            number(getattr(one, part).get(name)),
            number(getattr(other, part).get(name)),
            interval(ahead.get(name)) if part == "test" else "",
        ]
        for part in ("validation", "test")
        for name, label in NAMES.items()
    ]
    return Table("measured", columns, [rows])


def _origin(review: Review) -> str:
    candidate, data = review.candidate, review.ground.problem.dataset.name
    said = []
    if candidate.experiment_id is None:
        said.append(f"Measured now, on {data}.")
    elif candidate.measured_now:
        said.append(f"Measured now: what {candidate.experiment_id} measured was another split, data or code.")
    else:
        said.append(f"These are the numbers of {candidate.experiment_id}, on {data}.")
    rival = review.rival
    if rival is not None and rival.measured_now:
        said.append(f"Version {rival.version} was measured again, to be comparable.")
    return " ".join(said)


def _version_row(version: Version, *, active: bool) -> Row:
    return [
        str(version.version),
        "active" if active else version.status,
        version.action,
        version.model,
        number(version.validation.get("accuracy")),
        number(version.test.get("ndcg")),
        "passed" if version.passed else "forced",
        version.experiment_id or "typed",
    ]


def _passed(rule: Rule) -> str:
    if not rule.applies:
        return "first"
    return "holds" if rule.passed else "REFUSES"


def _value(value: Value | None) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
