"""Whether the active version is due for another fit, and by which figures."""

from datetime import UTC, date, datetime

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Engine

from deployment.revalidation import Policy, revalidation
from service.errors import documented
from service.inputs import Answer


class RevalidationStatus(Answer):
    """What the live figures say of the active version."""

    should_retrain: bool
    reason: str = Field(description="one sentence, with the figures")
    version: int | None = Field(description="that is active")
    since: date = Field(description="first day of the window, of UTC")
    samples: int = Field(description="forecasts within the window that were rated")
    minimum_samples: int
    accuracy: float | None
    interval: list[float] | None = Field(description="95%, of the accuracy: its two ends")
    threshold: float | None = Field(description="that the accuracy is held against")


def routes(engine: Engine, policy: Policy) -> APIRouter:
    router = APIRouter(tags=["performance"])

    @router.get("/api/revalidation-status", responses=documented(503))
    def revalidation_status() -> RevalidationStatus:
        """Say whether the active version should be fitted again, which deploy_app action=retrain does."""
        found = revalidation(engine, policy, datetime.now(UTC).date())
        return RevalidationStatus.model_validate(found)

    return router
