"""The experiments of the record, a page at a time."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Engine

from db.queries import experiments_page
from service.errors import documented
from service.inputs import Answer, Limit, Offset


class Experiment(Answer):
    """One tested configuration."""

    experiment_id: str
    status: str = Field(description="pending, interrupted, completed or failed")
    tuning_run_id: str | None
    trial_number: int | None
    tuning_method: str | None
    model: str | None
    hyperparameters: dict[str, Any]
    objective: str | None
    objective_value: float | None
    improvement_from_baseline: float | None = Field(description="of validation accuracy")
    validation: dict[str, float | None]
    test: dict[str, float | None]
    created_at: datetime | None
    completed_at: datetime | None
    error: str | None


class Experiments(Answer):
    """A page of experiments, the latest first."""

    total: int = Field(description="of all experiments")
    experiments: list[Experiment]


def routes(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["experiments"])

    @router.get("/api/experiments", responses=documented(422, 503))
    def list_experiments(limit: Limit = 20, offset: Offset = 0) -> Experiments:
        """List what sweeps have measured, the latest first."""
        return Experiments.model_validate(experiments_page(engine, limit=limit, offset=offset))

    return router
