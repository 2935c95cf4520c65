"""What deploy_app does: each action a function; what is refused leaves everything as it was."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NoReturn

from rich.console import Console
from sqlalchemy import Engine

from db.answers import Value
from db.deployment_answers import Version
from db.engine import connect, is_there
from db.schema import HEAD, at_head, prepare
from db.snapshot import snapshot
from db.tables import COMPLETED
from db.versions import Conflict, NotReady, activations, active, version_of, versions
from deployment.ab_testing.replay import simulate
from deployment.bundle import Damaged
from deployment.choosing import experiment_named, hyperparameters_of
from deployment.deploying import Order, Review, Workplace, deployed, reviewed
from deployment.gate import NAMES, Rule, unmeasured
from deployment.live_data import ground_of, live_ground_of, with_live_ratings
from deployment.measuring import stored_test
from deployment.preset import write_presets
from deployment.retraining import retraining_reviewed
from deployment.revalidation import revalidation
from deployment.switching import Refused, activate, opened, rollback
from pipeline.evaluation import Problem
from pipeline.hyperparameters import MODELS
from pipeline.intervals import Difference, paired_differences
from pipeline.parameters import InvalidInput, near
from pipeline.recommender import Recommender
from pipeline.sources import load
from pipeline.split import split_ratings
from report.terminal import console, print_table
from sweep.command.command_line import refuse
from sweep.command.deploy_settings import Deploy, DeploySettings
from sweep.command.deploy_telling import (
    came_in_line,
    compared_table,
    deployed_lines,
    figures_table,
    history_lines,
    print_changes,
    print_review,
    refusal_lines,
    rules_table,
    switched_line,
    verdict_line,
    versions_table,
)
from sweep.command.replay_telling import print_replay
from sweep.resolvers import shown_path
from sweep.runs.processes import is_gone, this_process

REFUSED = 1


def act(settings: DeploySettings) -> None:
    """Do what was asked for.

    Raises:
        SystemExit: 1 after a line for each reason where it was refused, 2 where the command is wrong.

    """
    try:
        ACTIONS[settings.deploy.action](settings, console())
        sys.stdout.flush()
    except (Refused, NotReady, Conflict, Damaged) as error:
        _refused([str(error)])
    except InvalidInput as error:
        refuse(error)  # here, as Hydra would say more than is of use
    except BrokenPipeError:
        # Who reads, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def deploy(settings: DeploySettings, out: Console) -> None:
    """Review a candidate, and where the gate or force lets it through make it a version."""
    asked = settings.deploy
    looks = asked.dry_run or not is_there(settings.db_url)
    engine = _looked_at(settings.db_url) if looks else _opened(settings.db_url)
    dataset = load(settings.data, settings.cache)
    ground, experiment = ground_of(engine, dataset, settings.split, settings.split_values), None
    hyperparameters = settings.hyperparameters
    if asked.experiment is not None:
        experiment = experiment_named(engine, asked.experiment, settings.objective.name, ground)
        if experiment.status != COMPLETED:
            _refused(
                refusal_lines(unmeasured(f"experiment {experiment.experiment_id} is {experiment.status}"))
            )
        hyperparameters = hyperparameters_of(experiment)
    review = reviewed(engine, ground, settings.gate, hyperparameters, experiment)
    order = Order(who=asked.who, why=_why(asked), force=asked.force, activate=asked.activate)
    _concluded(settings, engine, review, order, out)


def retrain(settings: DeploySettings, out: Console) -> None:
    """Fit the active version again with what came in, where its live figures, or force, ask for it."""
    asked = settings.deploy
    engine = _recorded(settings.db_url)
    due = revalidation(engine, settings.revalidation, datetime.now(UTC).date())
    asks = "asks for another fit" if due.should_retrain else "asks for nothing"
    out.print(f"Revalidation {asks}: {due.reason}.", soft_wrap=True)
    if due.version is None or not (due.should_retrain or asked.force):
        return
    if not asked.dry_run:
        engine = _opened(settings.db_url)
    joined = with_live_ratings(engine, load(settings.data, settings.cache))
    out.print(came_in_line(joined), soft_wrap=True)
    ground = live_ground_of(joined, settings.split, settings.split_values)
    review = retraining_reviewed(engine, ground, settings.gate, _existing(engine, due.version, "version"))
    why = asked.why or (due.reason if due.should_retrain else "force=true")
    # What force is against here is the revalidation; the gate holds.
    _concluded(settings, engine, review, Order(asked.who, why, "retrain", activate=asked.activate), out)


def list_versions(settings: DeploySettings, out: Console) -> None:
    """List all versions, and every switch there was."""
    engine = _recorded(settings.db_url)
    print_table(out, versions_table(versions(engine), active(engine)))
    out.print()
    for line in history_lines(activations(engine)):
        out.print(line, soft_wrap=True)


def show(settings: DeploySettings, out: Console) -> None:
    """Show one version: what it measured, what the gate said, whether its files are whole."""
    engine = _recorded(settings.db_url)
    version = _asked_or_active(engine, settings.deploy.version, "version")
    shipped = asdict(MODELS[version.model]().normalised())
    print_table(out, versions_table([version], active(engine)))
    out.print()
    print_changes(out, shipped, version.hyperparameters, "as shipped", f"version {version.version}")
    out.print()
    print_table(out, figures_table("measured", {"validation": version.validation, "test": version.test}))
    out.print()
    print_table(out, rules_table([Rule(**rule) for rule in version.gate.get("rules", ())]))
    out.print(_files_line(version), soft_wrap=True)


def compare(settings: DeploySettings, out: Console) -> None:
    """Set two versions side by side; what they measured is read, nothing is fitted."""
    engine, asked = _recorded(settings.db_url), settings.deploy
    assert asked.version is not None
    one, other = (
        _existing(engine, asked.version, "version"),
        _asked_or_active(engine, asked.against, "against"),
    )
    if one.version == other.version:
        raise InvalidInput(f"against must be another version than {one.version}, got {other.version}")
    names = f"version {other.version}", f"version {one.version}"
    print_changes(out, other.hyperparameters, one.hyperparameters, *names)
    out.print()
    ahead, reason = _ahead(one, other)
    print_table(out, compared_table(one, other, ahead))
    if reason:
        out.print(reason, soft_wrap=True)


def simulate_test(settings: DeploySettings, out: Console) -> None:
    """Replay held-out ratings through two versions; recorded, and no switch of what answers users."""
    asked = settings.deploy
    engine = _changed(settings.db_url)
    assert asked.version is not None
    champion = _asked_or_active(engine, asked.against, "against").version
    _existing(engine, asked.version, "version")
    dataset = load(settings.data, settings.cache)
    problem = Problem(dataset, split_ratings(dataset, settings.split))
    found, _ = simulate(
        engine,
        problem,
        champion=champion,
        challenger=asked.version,
        settings=settings.ab_test,
        who=asked.who,
    )
    print_replay(out, found)


def activate_version(settings: DeploySettings, out: Console) -> None:
    """Make a version active that is ready."""
    engine, asked = _changed(settings.db_url), settings.deploy
    assert asked.version is not None
    _existing(engine, asked.version, "version")
    done = activate(engine, asked.version, who=asked.who, why=_why(asked), force=asked.force)
    out.print(switched_line(done), soft_wrap=True)
    _tell_presets(engine, done.to_version, asked, out)


def roll_back(settings: DeploySettings, out: Console) -> None:
    """Go back to the version before; nothing is fitted."""
    engine, asked = _changed(settings.db_url), settings.deploy
    done = rollback(engine, who=asked.who, why=_why(asked))
    out.print(switched_line(done), soft_wrap=True)
    _tell_presets(engine, done.to_version, asked, out)


# What each action of conf/deploy.yaml does; deploy_settings.USED says what it looks at.
ACTIONS: Mapping[str, Callable[[DeploySettings, Console], None]] = {
    "deploy": deploy,
    "list": list_versions,
    "show": show,
    "activate": activate_version,
    "rollback": roll_back,
    "compare": compare,
    "retrain": retrain,
    "simulate": simulate_test,
}


def _refused(lines: list[str]) -> NoReturn:
    for line in lines:
        print(f"reeltune: {' '.join(line.split())}", file=sys.stderr)
    raise SystemExit(REFUSED)


def _opened(url: str) -> Engine:
    """Open the record to write to it."""
    engine = connect(url)
    prepare(engine)
    return engine


def _looked_at(url: str) -> Engine | None:
    """Open the record so that it stays as it is; None where nothing ever was recorded."""
    if not is_there(url):
        return None
    engine = connect(url) if not url.startswith("sqlite") else None
    if engine is not None and not at_head(engine):
        raise InvalidInput(
            f"db.url must hold schema {HEAD} for a look at it; any run of tune_app brings it there"
        )
    return snapshot(url)


def _recorded(url: str) -> Engine:
    engine = _looked_at(url)
    if engine is None or not versions(engine, limit=1):
        raise InvalidInput(
            "there is no version yet; python src/deploy_app.py experiment=best deploys the best experiment"
        )
    return engine


def _changed(url: str) -> Engine:
    """Open a record that holds versions, to switch between them."""
    _recorded(url)
    return _opened(url)


def _before(engine: Engine | None, review: Review) -> tuple[Mapping[str, Value], str]:
    """Give the hyperparameters that a candidate is set beside, and whose they are."""
    if engine is not None and review.before is not None:
        version = _existing(engine, review.before.version, "version")
        return version.hyperparameters, f"version {version.version}"
    model = Recommender(review.candidate.hyperparameters).model
    return asdict(MODELS[model]().normalised()), "as shipped"


def _concluded(
    settings: DeploySettings, engine: Engine | None, review: Review, order: Order, out: Console
) -> None:
    """Tell what was found of a candidate, and where the gate or force lets it through make it a version."""
    asked = settings.deploy
    print_review(out, review, *_before(engine, review))
    line = verdict_line(review.verdict, force=order.force, can_force=order.action == "deploy")
    out.print(line, soft_wrap=True)
    if asked.dry_run:
        out.print("Dry run: nothing was changed.")
    if not review.verdict.allows(force=order.force):
        _refused(refusal_lines(review.verdict))
    if asked.dry_run:
        return
    engine = _opened(settings.db_url)
    done = deployed(engine, review, order, Workplace(asked.outputs_folder, this_process(), is_gone))
    for line in deployed_lines(done):
        out.print(line, soft_wrap=True)
    if done.activation is not None:
        _tell_presets(engine, done.version.version, asked, out)


def _tell_presets(engine: Engine, version: int, asked: Deploy, out: Console) -> None:
    """Write conf/model/deployed.yaml of what is active now."""
    for path in write_presets(asked.conf_folder, _existing(engine, version, "version")):
        out.print(f"{shown_path(path)} written", soft_wrap=True)


def _why(asked: Deploy) -> str:
    if asked.why is not None:
        return asked.why
    if asked.action != "deploy":
        return "typed"
    return "hyperparameters typed" if asked.experiment is None else f"experiment={asked.experiment}"


def _existing(engine: Engine, number: int, key: str) -> Version:
    found = version_of(engine, number)
    if found is None:
        there = [str(one.version) for one in versions(engine)]
        raise InvalidInput(f"{key}={number} does not exist{near(str(number), there, f'{key}=')}")
    return found


def _asked_or_active(engine: Engine, number: int | None, key: str) -> Version:
    now = active(engine)
    if number is None and now is None:
        raise InvalidInput(f"{key} must be the number of a version, as none is active")
    return _existing(engine, number or (now.version if now else 0), key)


def _files_line(version: Version) -> str:
    try:
        opened(version)
    except Damaged as damage:
        return f"Its files cannot be used: {damage}"
    return f"Its files are whole: {version.artifact_path}, SHA-256 {version.artifact_sha256}"


def _ahead(one: Version, other: Version) -> tuple[Mapping[str, Difference | None], str | None]:
    """Say what one version is ahead of another on test, or why that cannot be said."""
    if one.problem_key != other.problem_key:
        return {}, "They were measured on other data, by another split or by other code: no interval."
    figures, beside = stored_test(one), stored_test(other)
    if figures is None or beside is None:
        return {}, "The figures of one of them are gone: no interval."
    return {name: paired_differences([figures], beside, name)[0] for name in NAMES}, None
