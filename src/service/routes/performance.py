"""What forecasts were worth that users rated later: accuracy in the wild, by version and day."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Engine

from db.deployment.live_ratings import daily_performance, performance
from service.errors import documented
from service.holder import Holder
from service.inputs import HIGHEST_ID, Answer

MOST_DAYS = 366


class Performance(Answer):
    """Forecasts that were rated; null without any."""

    samples: int
    accuracy: float | None = Field(description="share answered within 0.2 of the scale")
    mae: float | None = Field(description="mean absolute error, as a share of the scale")
    rmse: float | None = Field(description="root of the mean squared error, as a share of the scale")


class Day(Performance):
    """One version on one day of UTC."""

    version: int
    day: date


class ModelPerformance(Answer):
    """One version over some days, and day by day."""

    version: int | None = Field(description="null where none answers and none was asked for")
    since: date
    total: Performance
    days: list[Day] = Field(description="days with samples, the first first")


def routes(engine: Engine, holder: Holder) -> APIRouter:
    router = APIRouter(tags=["performance"])

    @router.get("/api/model-performance", responses=documented(422, 503))
    def model_performance(
        version: Annotated[
            int | None, Query(ge=1, le=HIGHEST_ID, description="number of a version; the one that answers")
        ] = None,
        days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="days up to today")] = 30,
    ) -> ModelPerformance:
        """Show what a version's forecasts were worth that users rated through this service."""
        since = datetime.now(UTC).date() - timedelta(days=days - 1)
        asked = holder.serving.version if version is None else version
        if asked is None:
            nothing = Performance(samples=0, accuracy=None, mae=None, rmse=None)
            return ModelPerformance(version=None, since=since, total=nothing, days=[])
        return ModelPerformance(
            version=asked,
            since=since,
            total=Performance.model_validate(performance(engine, asked, since)),
            days=[Day.model_validate(day) for day in daily_performance(engine, asked, since=since)],
        )

    return router
