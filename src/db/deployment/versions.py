"""Versions of the model: opened, ready, active; which one is active moves in one transaction."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, insert, select, update

from db.deployment.answers import Activation, Active, NewVersion, Version
from db.deployment.tables import (
    ABANDONED,
    ACTIVE,
    BUILDING,
    DECIDED,
    LIVE,
    READY,
    RUNNING,
    STOPPED,
    AbTest,
    Action,
    ModelActivation,
    ModelAlias,
    ModelVersion,
)
from db.engine import hold, reading, writing

_VERSION = [getattr(ModelVersion, field.name) for field in dataclasses.fields(Version)]
_ACTIVATION = [getattr(ModelActivation, field.name) for field in dataclasses.fields(Activation)]


class NotReady(RuntimeError):
    """A version cannot be made active, or made ready: it is not in the status that this needs."""


class Conflict(RuntimeError):
    """Somebody else has switched the active version since it was looked at."""


def open_version(engine: Engine, new: NewVersion) -> int:
    """Insert a version that is being built, and return its number."""
    values = dataclasses.asdict(new) | {"status": BUILDING, "created_at": datetime.now(UTC)}
    with writing(engine) as connection:
        made = connection.execute(insert(ModelVersion).values(values).returning(ModelVersion.version))
        return int(made.scalar_one())


def ready_version(engine: Engine, version: int, *, path: str, sha256: str, n_bytes: int) -> None:
    """Note that a version's files are written: from now on it may be made active.

    Raises:
        NotReady: it is not being built.

    """
    values = {
        "status": READY,
        "ready_at": datetime.now(UTC),
        "artifact_path": path,
        "artifact_sha256": sha256,
        "artifact_bytes": n_bytes,
        "process": None,
    }
    with writing(engine) as connection:
        if not _changed_building(connection, version, values):
            raise NotReady(f"version {version} is not being built")


def abandon_versions(engine: Engine, is_gone: Callable[[str], bool]) -> tuple[int, ...]:
    """Note which versions nobody builds any longer, and return their numbers.

    Args:
        engine: of the record.
        is_gone: says whether the process of a row has ended.

    """
    building = select(ModelVersion.version, ModelVersion.process).where(ModelVersion.status == BUILDING)
    with writing(engine) as connection:
        rows = connection.execute(building).all()
        gone = [row.version for row in rows if not row.process or is_gone(row.process)]
        for version in gone:
            _changed_building(connection, version, {"status": ABANDONED, "process": None})
    return tuple(gone)


def version_of(engine: Engine, version: int) -> Version | None:
    """Return one version; None where there is none of this number."""
    return next(iter(_versions(engine, select(*_VERSION).where(ModelVersion.version == version))), None)


def versions(engine: Engine, *, limit: int | None = None, offset: int = 0) -> tuple[Version, ...]:
    """Return versions in whatever status, the latest first."""
    newest = select(*_VERSION).order_by(ModelVersion.version.desc())
    return _versions(engine, newest.limit(limit).offset(offset))


def active(engine: Engine) -> Active | None:
    """Return which version is active; None before the first deployment."""
    with reading(engine) as connection:
        return _active(connection)


def activations(engine: Engine) -> tuple[Activation, ...]:
    """Return every switch there was, the first first."""
    question = select(*_ACTIVATION).order_by(ModelActivation.rev)
    with reading(engine) as connection:
        return tuple(Activation(**row._mapping) for row in connection.execute(question))


def latest_activations(engine: Engine, limit: int) -> tuple[Activation, ...]:
    """Return the latest switches, the latest first: the first of them made the active version active."""
    question = select(*_ACTIVATION).order_by(ModelActivation.rev.desc()).limit(limit)
    with reading(engine) as connection:
        return tuple(Activation(**row._mapping) for row in connection.execute(question))


def earlier_versions(engine: Engine) -> tuple[int, ...]:
    """Return the versions that a rollback would go to, the nearest first.

    A rollback takes its own way back: two in a row go two back, and do not meet in the middle.
    """
    chain: list[int] = []
    for step in activations(engine):
        if step.action == "rollback" and step.to_version in chain:
            del chain[chain.index(step.to_version) + 1 :]
        else:
            chain = [version for version in chain if version != step.to_version] + [step.to_version]
    return tuple(chain[-2::-1])


def switch(
    engine: Engine,
    version: int,
    *,
    action: Action,
    who: str,
    why: str,
    forced: bool = False,
    expected_rev: int | None = None,
) -> Activation:
    """Make a ready version the active one, note it in the history, and end the live test that runs.

    Args:
        engine: of the record.
        version: to make active.
        action: what this is: promote decides the running test, all others stop it.
        who: did it.
        why: in one sentence.
        forced: somebody wanted it although the gate did not.
        expected_rev: revision that this decision was made on; None where whatever is active may be replaced.

    Raises:
        NotReady: there is no such version, or it is not ready.
        Conflict: the revision is another one by now, or the version is active already.

    """
    now = datetime.now(UTC)
    with writing(engine) as connection:
        hold(connection, ModelAlias.__tablename__)
        before = _active(connection)
        _check(connection, version, before, expected_rev)
        rev = 1 if before is None else before.rev + 1
        if before is None:
            connection.execute(insert(ModelAlias).values(alias=ACTIVE, version=version, rev=rev))
        else:
            connection.execute(
                update(ModelAlias).where(ModelAlias.alias == ACTIVE).values(version=version, rev=rev)
            )
        done = Activation(
            rev=rev,
            from_version=None if before is None else before.version,
            to_version=version,
            action=action,
            who=who,
            why=why,
            forced=forced,
            activated_at=now,
        )
        connection.execute(insert(ModelActivation).values(dataclasses.asdict(done)))
        _end_running_test(connection, action, why, now)
    return done


def _check(connection: Connection, version: int, before: Active | None, expected_rev: int | None) -> None:
    status = connection.scalar(select(ModelVersion.status).where(ModelVersion.version == version))
    if status != READY:
        raise NotReady(f"version {version} {'does not exist' if status is None else f'is {status}'}")
    rev = 0 if before is None else before.rev
    if expected_rev is not None and expected_rev != rev:
        raise Conflict(f"the active version was switched meanwhile: revision {rev}, not {expected_rev}")
    if before is not None and before.version == version:
        raise Conflict(f"version {version} is active already")


def _end_running_test(connection: Connection, action: Action, why: str, now: datetime) -> None:
    """End the live test: with another version active it would compare what nobody is shown."""
    ended = {
        "status": DECIDED if action == "promote" else STOPPED,
        "ended_at": now,
        "stop_reason": f"{action}: {why}",
    }
    runs = (AbTest.status == RUNNING, AbTest.source == LIVE)
    connection.execute(update(AbTest).where(*runs).values(ended))


def _active(connection: Connection) -> Active | None:
    question = select(ModelAlias.version, ModelAlias.rev).where(ModelAlias.alias == ACTIVE)
    row = connection.execute(question).one_or_none()
    return None if row is None else Active(row.version, row.rev)


def _versions(engine: Engine, question: Select[*tuple[Any, ...]]) -> tuple[Version, ...]:
    with reading(engine) as connection:
        return tuple(Version(**row._mapping) for row in connection.execute(question))


def _changed_building(connection: Connection, version: int, values: Mapping[str, Any]) -> bool:
    building: tuple[ColumnElement[bool], ...]
    building = (ModelVersion.version == version, ModelVersion.status == BUILDING)
    return connection.execute(update(ModelVersion).where(*building).values(values)).rowcount == 1
