"""Which version is active: made so, and taken back, with its files verified before anything changes."""

from sqlalchemy import Engine

from db.deployment.answers import Activation, Version
from db.deployment.tables import READY, Action
from db.deployment.versions import NotReady, active, earlier_versions, switch, version_of
from deployment.bundle import Bundle, Damaged, open_bundle
from project import ROOT


class Refused(RuntimeError):
    """The active version stays as it is: the gate, or the history, does not allow another."""


def activate(
    engine: Engine,
    version: int,
    *,
    action: Action = "activate",
    who: str,
    why: str,
    expected_rev: int | None = None,
    force: bool = False,
) -> Activation:
    """Make a version the active one, whatever was; a live test that runs is ended in the same transaction.

    Args:
        engine: of the record.
        version: to make active.
        action: what this is.
        who: does it.
        why: in one sentence.
        expected_rev: revision that this decision was made on; None where whatever is active may be replaced.
        force: where the gate did not let the version through.

    Raises:
        NotReady: there is no such version, or it is not ready.
        Damaged: its files are not those that were written, or cannot be used.
        Refused: the gate did not let it through, and it is not forced.
        Conflict: somebody else switched meanwhile, or it is active already.

    """
    found = version_of(engine, version)
    if found is None or found.status != READY:
        raise NotReady(f"version {version} {'does not exist' if found is None else f'is {found.status}'}")
    opened(found)
    if not (found.passed or force):
        raise Refused(f"version {version} did not pass the gate; force=true activates it all the same")
    return switch(
        engine,
        version,
        action=action,
        who=who,
        why=why,
        forced=not found.passed,
        expected_rev=expected_rev,
    )


def rollback(engine: Engine, *, who: str, why: str) -> Activation:
    """Go back to the version that was active before; `why` names those passed over that cannot be used.

    Raises:
        Refused: there is none to go back to.
        Conflict: somebody else switched meanwhile.

    """
    now = active(engine)
    passed_over = []
    for version in earlier_versions(engine) if now is not None else ():
        found = version_of(engine, version)
        try:
            if found is not None:
                opened(found)
        except Damaged as damage:
            passed_over.append(f"version {version} was passed over: {damage}")
            continue
        rev = None if now is None else now.rev
        reason = "; ".join([why, *passed_over])
        return switch(engine, version, action="rollback", who=who, why=reason, expected_rev=rev)
    raise Refused("; ".join(["there is no earlier version to roll back to", *passed_over]))


def opened(version: Version) -> Bundle:
    """Verify and load the files of a version.

    Raises:
        Damaged: in one line, where they are not those that were written, or cannot be used.

    """
    if version.artifact_path is None or version.artifact_sha256 is None:
        raise Damaged(f"version {version.version} has no files, it is {version.status}")
    return open_bundle(ROOT / version.artifact_path, version.artifact_sha256)
