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
from db.deployment.versions import Conflict, NotReady
from db.engine import is_there
from db.tables import COMPLETED
from deployment.ab_testing.replay import simulate
from deployment.bundle import Damaged
from deployment.choosing import experiment_named, hyperparameters_of
from deployment.deploying import Order, Review, Workplace, deployed, reviewed
from deployment.gate import unmeasured
from deployment.live_data import ground_of, live_ground_of, with_live_ratings
from deployment.preset import write_presets
from deployment.retraining import retraining_reviewed
from deployment.revalidation import revalidation
from deployment.switching import Refused, activate, rollback
from pipeline.evaluation import Problem
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender
from pipeline.split import split_ratings
from project import shown_path
from report.terminal import console
from sweep.command.command_line import refuse
from sweep.command.deploy_settings import Deploy, DeploySettings
from sweep.command.deploy_telling import (
    came_in_line,
    deployed_lines,
    print_review,
    refusal_lines,
    switched_line,
    verdict_line,
)
from sweep.command.replay_telling import print_replay
from sweep.command.version_looks import compare, list_versions, show
from sweep.command.version_record import (
    asked_or_active,
    existing_version,
    looked_at,
    opened_to_switch,
    opened_to_write,
    recorded,
)
from sweep.data import dataset_of
from sweep.runs.pins import pinned_of
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
    engine = looked_at(settings.db_url) if looks else opened_to_write(settings.db_url)
    snapshot = asked.experiment and pinned_of(engine, asked.experiment, settings.data)
    if snapshot is not None:
        out.print(f"Measured on {snapshot}, the data of the experiment's run.", soft_wrap=True)
    dataset = dataset_of(settings.data, settings.db_url, snapshot)
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
    engine = recorded(settings.db_url)
    due = revalidation(engine, settings.revalidation, datetime.now(UTC).date())
    asks = "asks for another fit" if due.should_retrain else "asks for nothing"
    out.print(f"Revalidation {asks}: {due.reason}.", soft_wrap=True)
    if due.version is None or not (due.should_retrain or asked.force):
        return
    if not asked.dry_run:
        engine = opened_to_write(settings.db_url)
    joined = with_live_ratings(engine, dataset_of(settings.data, settings.db_url))
    out.print(came_in_line(joined), soft_wrap=True)
    ground = live_ground_of(joined, settings.split, settings.split_values)
    review = retraining_reviewed(
        engine, ground, settings.gate, existing_version(engine, due.version, "version")
    )
    why = asked.why or (due.reason if due.should_retrain else "force=true")
    # What force is against here is the revalidation; the gate holds.
    _concluded(settings, engine, review, Order(asked.who, why, "retrain", activate=asked.activate), out)


def simulate_test(settings: DeploySettings, out: Console) -> None:
    """Replay held-out ratings through two versions; recorded, and no switch of what answers users."""
    asked = settings.deploy
    engine = opened_to_switch(settings.db_url)
    assert asked.version is not None
    champion = asked_or_active(engine, asked.against, "against").version
    existing_version(engine, asked.version, "version")
    dataset = dataset_of(settings.data, settings.db_url)
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
    engine, asked = opened_to_switch(settings.db_url), settings.deploy
    assert asked.version is not None
    existing_version(engine, asked.version, "version")
    done = activate(engine, asked.version, who=asked.who, why=_why(asked), force=asked.force)
    out.print(switched_line(done), soft_wrap=True)
    _tell_presets(engine, done.to_version, asked, out)


def roll_back(settings: DeploySettings, out: Console) -> None:
    """Go back to the version before; nothing is fitted."""
    engine, asked = opened_to_switch(settings.db_url), settings.deploy
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


def _before(engine: Engine | None, review: Review) -> tuple[Mapping[str, Value], str]:
    """Give the hyperparameters that a candidate is set beside, and whose they are."""
    if engine is not None and review.before is not None:
        version = existing_version(engine, review.before.version, "version")
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
    engine = opened_to_write(settings.db_url)
    done = deployed(engine, review, order, Workplace(asked.outputs_folder, this_process(), is_gone))
    for line in deployed_lines(done):
        out.print(line, soft_wrap=True)
    if done.activation is not None:
        _tell_presets(engine, done.version.version, asked, out)


def _tell_presets(engine: Engine, version: int, asked: Deploy, out: Console) -> None:
    """Write conf/model/deployed.yaml of what is active now."""
    for path in write_presets(asked.conf_folder, existing_version(engine, version, "version")):
        out.print(f"{shown_path(path)} written", soft_wrap=True)


def _why(asked: Deploy) -> str:
    if asked.why is not None:
        return asked.why
    if asked.action != "deploy":
        return "typed"
    return "hyperparameters typed" if asked.experiment is None else f"experiment={asked.experiment}"
