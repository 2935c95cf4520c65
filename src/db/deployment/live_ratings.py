"""Ratings that came in through the service, and what the forecasts of them were worth."""

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, case, exists, false, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from db.deployment.answers import DailyPerformance, LiveRating, NewRating, Performance
from db.deployment.tables import Exposure, ModelPerformance
from db.deployment.tables import LiveRating as Table
from db.engine import hold, reading, writing
from pipeline.metrics import TOLERANCE

_COLUMNS = [getattr(Table, field.name) for field in dataclasses.fields(LiveRating)]


def record_rating(engine: Engine, new: NewRating, now: datetime | None = None) -> LiveRating:
    """Insert a rating, and add to its version's day what the forecast of it was worth.

    Rated again, a movie is no forecast: the user has told before. The running test is noted only where it has
    shown itself to the user.
    """
    received_at = datetime.now(UTC) if now is None else now
    with writing(engine) as connection:
        hold(connection, f"rating {new.user_id} {new.movie_id}")
        values = dataclasses.asdict(new) | {"received_at": received_at}
        if _is_rated(connection, new.user_id, new.movie_id):
            values |= {"expected": None, "answered": None}
        if not _is_exposed(connection, new.ab_test_id, new.user_id):
            values["ab_test_id"] = None
        row = connection.execute(insert(Table).values(values).returning(*_COLUMNS)).one()
        recorded = LiveRating(**row._mapping)
        if recorded.expected is not None and recorded.answered is not None:
            _add_to_day(connection, recorded, recorded.expected, recorded.answered)
    return recorded


def live_ratings(engine: Engine) -> tuple[LiveRating, ...]:
    """Return all ratings that came in, in the order in which they did."""
    with reading(engine) as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(Table.id))
        return tuple(LiveRating(**row._mapping) for row in rows)


def movies_rated(engine: Engine, user_id: str) -> frozenset[str]:
    """Return the movies that a user has rated through the service."""
    question = select(Table.movie_id).where(Table.user_id == user_id).distinct()
    with reading(engine) as connection:
        return frozenset(connection.scalars(question))


def raters_since(engine: Engine, rating_id: int | None) -> tuple[int, frozenset[str]]:
    """Return the latest rating's id, 0 before the first, and who has rated after another; None for nobody."""
    after = Table.id > rating_id if rating_id is not None else false()
    with reading(engine) as connection:
        latest = connection.scalar(select(func.max(Table.id))) or 0
        return latest, frozenset(connection.scalars(select(Table.user_id).where(after).distinct()))


def performance(engine: Engine, version: int, since: date | None = None) -> Performance:
    """Sum up a version's forecasts that were rated, from a day on or from its first."""
    from_day = () if since is None else (ModelPerformance.day >= since,)
    sums = [func.sum(column) for column in _SUMS]
    with reading(engine) as connection:
        row = connection.execute(select(*sums).where(ModelPerformance.version == version, *from_day)).one()
    return Performance(**_means(*row))


def performances(engine: Engine, versions: Collection[int]) -> dict[int, Performance]:
    """Sum up the forecasts of several versions that were rated; those without any are left out."""
    sums = [func.sum(column) for column in _SUMS]
    question = select(ModelPerformance.version, *sums).where(ModelPerformance.version.in_(versions))
    with reading(engine) as connection:
        rows = connection.execute(question.group_by(ModelPerformance.version)).all()
    return {version: Performance(**_means(*found)) for version, *found in rows}


def daily_performance(
    engine: Engine, version: int | None = None, *, since: date | None = None
) -> tuple[DailyPerformance, ...]:
    """Return what forecasts were worth day by day, of one version or of all, in the order of days."""
    of = () if version is None else (ModelPerformance.version == version,)
    from_day = () if since is None else (ModelPerformance.day >= since,)
    question = select(ModelPerformance.version, ModelPerformance.day, *_SUMS).where(*of, *from_day)
    with reading(engine) as connection:
        rows = connection.execute(question.order_by(ModelPerformance.day, ModelPerformance.version)).all()
    return tuple(_day(row) for row in rows)


def is_hit() -> ColumnElement[int]:
    """Say in SQL whether a rating was answered within the tolerance: 1 or 0, NULL for what is no forecast."""
    within = func.abs(Table.answered - Table.rating) <= TOLERANCE
    return case((Table.answered.is_(None), None), (within, 1), else_=0)


_SUMS: Sequence[Any] = (
    ModelPerformance.samples,
    ModelPerformance.hits,
    ModelPerformance.absolute_error,
    ModelPerformance.squared_error,
)


def _is_rated(connection: Connection, user_id: str, movie_id: str) -> bool:
    pair = (Table.user_id == user_id, Table.movie_id == movie_id)
    return bool(connection.scalar(select(exists().where(*pair))))


def _is_exposed(connection: Connection, ab_test_id: int | None, user_id: str) -> bool:
    shown = (Exposure.ab_test_id == ab_test_id, Exposure.user_id == user_id)
    return ab_test_id is not None and bool(connection.scalar(select(exists().where(*shown))))


def _add_to_day(connection: Connection, rated: LiveRating, expected: float, answered: float) -> None:
    """Add one forecast to its day, by SQL, so that two at once are both counted."""
    error = abs(expected - rated.rating)
    added: dict[str, float] = {
        "samples": 1,
        "hits": int(abs(answered - rated.rating) <= TOLERANCE),
        "absolute_error": error,
        "squared_error": error**2,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    day = {"version": rated.version, "day": rated.received_at.astimezone(UTC).date()}
    more: Mapping[str, Any] = {name: getattr(ModelPerformance, name) + value for name, value in added.items()}
    connection.execute(
        dialect.insert(ModelPerformance)
        .values(day | added)
        .on_conflict_do_update(index_elements=["version", "day"], set_=more)
    )


def _day(row: Row[*tuple[Any, ...]]) -> DailyPerformance:
    version, day, *sums = row
    return DailyPerformance(version=version, day=day, **_means(*sums))


def _means(samples: int | None, hits: int, absolute: float, squared: float) -> dict[str, Any]:
    if not samples:
        return {"samples": 0, "accuracy": None, "mae": None, "rmse": None}
    return {
        "samples": samples,
        "accuracy": hits / samples,
        "mae": absolute / samples,
        "rmse": math.sqrt(squared / samples),
    }
