"""From a configuration to a version: reviewed, written, ready, active; nothing in between is ever seen."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine

from db.answers import RecordedExperiment
from db.deployment.answers import Activation, Active, NewVersion, Version
from db.deployment.tables import Action
from db.deployment.versions import abandon_versions, active, open_version, ready_version, version_of
from deployment.bundle import verified, version_folder, write_bundle
from deployment.gate import Gate, Verdict, judged
from deployment.measuring import Candidate, Ground, Rival, candidate_of, rival_of, served_of
from deployment.served import ServedModel
from deployment.switching import Refused, activate
from pipeline.evaluation import Evaluation
from pipeline.hyperparameters import Phase1
from pipeline.provenance import code_version
from pipeline.recommender import Recommender
from project import shown_path


@dataclass(frozen=True, eq=False)
class Review:
    """A candidate beside the active version, and what the gate says of it; nothing is written yet."""

    ground: Ground
    candidate: Candidate
    served: ServedModel
    rival: Rival | None
    verdict: Verdict
    before: Active | None  # what was active when this was found


@dataclass(frozen=True)
class Order:
    """What is to become of a reviewed candidate, and who wants it."""

    who: str
    why: str
    action: Action = "deploy"
    force: bool = False  # against the gate's rules of policy
    activate: bool = True  # False: a version that only stands ready, to be tested beside the active one


@dataclass(frozen=True)
class Workplace:
    """Where versions are built, and by which process."""

    outputs: Path
    process: str
    is_gone: Callable[[str], bool]  # says whether a process has ended


@dataclass(frozen=True)
class Deployed:
    """What a deployment left."""

    version: Version
    activation: Activation | None  # None where it was not to be activated
    abandoned: tuple[int, ...]  # versions of processes that died before these were ready


def reviewed(
    engine: Engine | None,
    ground: Ground,
    gate: Gate,
    hyperparameters: Phase1,
    experiment: RecordedExperiment | None = None,
    *,
    rival: Callable[[Ground, Version], Rival] = rival_of,
) -> Review:
    """Fit a candidate, measure it, and judge it beside the active version; nothing is changed.

    Args:
        engine: of the record; None where nothing was ever recorded.
        ground: what it is fitted and measured on.
        gate: the rules.
        hyperparameters: of the candidate.
        experiment: that it comes from, if it comes from one.
        rival: measures the active version.

    """
    before = None if engine is None else active(engine)
    now = None if engine is None or before is None else version_of(engine, before.version)
    served = served_of(ground, hyperparameters)
    candidate = candidate_of(ground, hyperparameters, served, experiment=experiment, ahead_of=gate.ahead_of)
    beside = None if now is None else rival(ground, now)
    return Review(ground, candidate, served, beside, judged(gate, candidate, beside), before)


def deployed(engine: Engine, review: Review, order: Order, workplace: Workplace) -> Deployed:
    """Write the version of a reviewed candidate, and make it active.

    Its row is there before its files and ready after them, so that one that was killed on the way is known by
    its row and never used; the next deployment clears it away.

    Raises:
        Refused: by the gate; nothing was changed.
        Conflict: another version was made active meanwhile; this one stands ready.

    """
    if not review.verdict.allows(force=order.force):
        raise Refused("; ".join(f"{rule.name}: {rule.found}" for rule in review.verdict.refusals))
    abandoned = _cleared(engine, workplace.outputs, workplace.is_gone)
    version = open_version(engine, _described(review, order, workplace.process))
    try:
        _write(engine, version, review, workplace.outputs)
    except BaseException:
        _cleared(engine, workplace.outputs, lambda process: process == workplace.process)
        raise
    done = None
    if order.activate:
        rev = 0 if review.before is None else review.before.rev
        done = activate(
            engine,
            version,
            action=order.action,
            who=order.who,
            why=order.why,
            expected_rev=rev,
            force=order.force,
        )
    found = version_of(engine, version)
    assert found is not None
    return Deployed(found, done, abandoned)


def _write(engine: Engine, version: int, review: Review, outputs: Path) -> None:
    """Write a version's files, verify them, and call it ready."""
    folder, candidate = version_folder(outputs, version), review.candidate
    measured = Evaluation(candidate.hyperparameters, candidate.validation, candidate.test)
    sha256 = write_bundle(
        folder, review.served.model, review.served.catalogue, measured, _manifest(version, review)
    )
    files = verified(folder, sha256)["files"]
    ready_version(
        engine,
        version,
        path=shown_path(folder),
        sha256=sha256,
        n_bytes=sum(file["bytes"] for file in files.values()),
    )


def _manifest(version: int, review: Review) -> dict[str, object]:
    """Say in the version's folder where it comes from, for whoever has the folder alone."""
    candidate = review.candidate
    return {
        "version": version,
        "model": Recommender(candidate.hyperparameters).model,
        "hyperparameters": asdict(candidate.hyperparameters),
        "experiment_id": candidate.experiment_id,
        "config_key": candidate.config_key,
        "problem_key": candidate.problem_key,
        "data": review.ground.problem.dataset.name,
        "data_fingerprint": candidate.data_fingerprint,
        "code_version": code_version(),
        "validation": candidate.validation.metrics,
        "test": candidate.test.metrics,
    }


def _described(review: Review, order: Order, process: str) -> NewVersion:
    candidate, dataset = review.candidate, review.ground.answering
    return NewVersion(
        action=order.action,
        model=Recommender(candidate.hyperparameters).model,
        hyperparameters=asdict(candidate.hyperparameters),
        experiment_id=candidate.experiment_id,
        parent_version=None if review.before is None else review.before.version,
        config_key=candidate.config_key,
        problem_key=candidate.problem_key,
        data_name=dataset.name,
        data_fingerprint=candidate.data_fingerprint,
        code_version=code_version(),
        n_ratings=dataset.n_ratings,
        n_live_ratings=review.ground.n_live_ratings,
        validation=candidate.validation.metrics,
        test=candidate.test.metrics,
        gate=review.verdict.as_json(),
        passed=review.verdict.passed,
        forced=not review.verdict.passed,
        process=process,
    )


def _cleared(engine: Engine, outputs: Path, is_gone: Callable[[str], bool]) -> tuple[int, ...]:
    """Note the versions whose process is gone, and delete what it wrote of them."""
    abandoned = abandon_versions(engine, is_gone)
    for version in abandoned:
        folder = version_folder(outputs, version)
        for left in (folder, *folder.parent.glob(f".{folder.name}-*")):
            shutil.rmtree(left, ignore_errors=True)
    return abandoned
