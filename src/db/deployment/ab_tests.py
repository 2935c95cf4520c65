"""Tests between two versions: started, shown to users once each, looked at, ended."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from db.deployment.answers import AbTest, Exposed, NewAbTest
from db.deployment.live_ratings import is_hit
from db.deployment.tables import (
    ACTIVE,
    DECIDED,
    LIVE,
    RUNNING,
    STOPPED,
    Arm,
    Exposure,
    LiveRating,
    ModelAlias,
)
from db.deployment.tables import AbTest as Table
from db.engine import hold, reading, writing

_COLUMNS = [getattr(Table, field.name) for field in dataclasses.fields(AbTest)]


class AlreadyRunning(RuntimeError):
    """A live test is running, and users can be in one at a time."""


class NotActive(RuntimeError):
    """The champion of a live test must be the version that answers without it, and is another."""


class NotRunning(RuntimeError):
    """A test cannot be changed: it has ended, or was never started."""


def start_test(engine: Engine, new: NewAbTest) -> AbTest:
    """Insert a test that runs from now on.

    Raises:
        AlreadyRunning: another live test runs.
        NotActive: its champion is not the active version.

    """
    values = dataclasses.asdict(new) | {"status": RUNNING, "started_at": datetime.now(UTC)}
    with writing(engine) as connection:
        if new.source == LIVE:
            _check_start(connection, new.champion_version)
        made = connection.execute(insert(Table).values(values).returning(*_COLUMNS)).one()
    return AbTest(**made._mapping)


def end_test(
    engine: Engine, ab_test_id: int, *, verdict: str, judgement: Mapping[str, Any], reason: str, decided: bool
) -> None:
    """End a test with what it showed; decided where the verdict names a better version or that none is.

    Raises:
        NotRunning: it has ended already, or there is none of this number.

    """
    values = {
        "status": DECIDED if decided else STOPPED,
        "ended_at": datetime.now(UTC),
        "verdict": verdict,
        "judgement": dict(judgement),
        "stop_reason": reason,
    }
    runs = (Table.ab_test_id == ab_test_id, Table.status == RUNNING)
    with writing(engine) as connection:
        if connection.execute(update(Table).where(*runs).values(values)).rowcount == 0:
            raise NotRunning(f"test {ab_test_id} is not running")


def note_judgement(engine: Engine, ab_test_id: int, *, verdict: str, judgement: Mapping[str, Any]) -> None:
    """Keep what a test showed, where whoever ended it did not judge it."""
    unjudged = (Table.ab_test_id == ab_test_id, Table.verdict.is_(None))
    values = {"verdict": verdict, "judgement": dict(judgement)}
    with writing(engine) as connection:
        connection.execute(update(Table).where(*unjudged).values(values))


def ab_test(engine: Engine, ab_test_id: int) -> AbTest | None:
    """Return one test; None where there is none of this number."""
    return next(iter(_tests(engine, Table.ab_test_id == ab_test_id)), None)


def ab_tests(engine: Engine, *, limit: int | None = None, offset: int = 0) -> tuple[AbTest, ...]:
    """Return all tests, or the latest of them, the latest first."""
    return _tests(engine, limit=limit, offset=offset)


def running_test(engine: Engine) -> AbTest | None:
    """Return the live test that runs; None where none does."""
    with reading(engine) as connection:
        return _running(connection)


def expose(
    engine: Engine,
    ab_test_id: int,
    user_id: str,
    *,
    arm: Arm,
    version: int,
    latency_ms: float,
    fell_back: bool = False,
) -> bool:
    """Note that a test has shown itself to a user; False where it had before, and nothing changes."""
    values = {
        "ab_test_id": ab_test_id,
        "user_id": user_id,
        "arm": arm,
        "version": version,
        "latency_ms": latency_ms,
        "fell_back": fell_back,
        "exposed_at": datetime.now(UTC),
    }
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    once = dialect.insert(Exposure).values(values).on_conflict_do_nothing().returning(Exposure.user_id)
    with writing(engine) as connection:
        return connection.execute(once).one_or_none() is not None


def exposed_users(engine: Engine, ab_test_id: int) -> frozenset[str]:
    """Return the users whom a test has shown itself to."""
    question = select(Exposure.user_id).where(Exposure.ab_test_id == ab_test_id)
    with reading(engine) as connection:
        return frozenset(connection.scalars(question))


def exposed(engine: Engine, ab_test_id: int) -> tuple[Exposed, ...]:
    """Return each user of a test with what came of it since, in the order of their ids."""
    count, recommended = func.count, LiveRating.position.is_not(None)
    of_test = (LiveRating.ab_test_id == Exposure.ab_test_id) & (LiveRating.user_id == Exposure.user_id)
    question = (
        select(
            Exposure.user_id,
            Exposure.arm,
            Exposure.fell_back,
            Exposure.latency_ms,
            count(LiveRating.id).label("ratings"),
            count(LiveRating.answered).label("forecasts"),
            func.coalesce(func.sum(is_hit()), 0).label("hits"),
            count(LiveRating.position).label("recommended"),
            func.avg(case((recommended, LiveRating.rating))).label("rating_of_recommended"),
        )
        .outerjoin(LiveRating, of_test)
        .where(Exposure.ab_test_id == ab_test_id)
        .group_by(Exposure.ab_test_id, Exposure.user_id)
        .order_by(Exposure.user_id)
    )
    with reading(engine) as connection:
        return tuple(Exposed(**row._mapping) for row in connection.execute(question))


def _check_start(connection: Connection, champion_version: int) -> None:
    # Nobody may switch between this look and the end of the transaction.
    hold(connection, ModelAlias.__tablename__)
    if _running(connection) is not None:
        raise AlreadyRunning("a test is running already")
    answers = connection.scalar(select(ModelAlias.version).where(ModelAlias.alias == ACTIVE))
    if answers != champion_version:
        raise NotActive(f"the champion must be the active version, {answers}; got {champion_version}")


def _running(connection: Connection) -> AbTest | None:
    question = select(*_COLUMNS).where(Table.status == RUNNING, Table.source == LIVE)
    row = connection.execute(question).one_or_none()
    return None if row is None else AbTest(**row._mapping)


def _tests(
    engine: Engine, *conditions: ColumnElement[bool], limit: int | None = None, offset: int = 0
) -> tuple[AbTest, ...]:
    latest = select(*_COLUMNS).where(*conditions).order_by(Table.ab_test_id.desc())
    question = latest.limit(limit).offset(offset)
    with reading(engine) as connection:
        return tuple(AbTest(**row._mapping) for row in connection.execute(question))
