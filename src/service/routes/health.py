"""Whether the service can answer, and its figures for Prometheus."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from service.errors import documented
from service.holder import Holder
from service.inputs import Answer
from service.metrics import CONTENT_TYPE, Metrics
from service.serving import Unable


class Health(Answer):
    """How the service is."""

    status: Literal["ok", "degraded"] = Field(
        description="degraded: it answers, but not as the record has it"
    )
    why: list[str]
    active_version: int | None = Field(description="as the record has it")
    answering_version: int
    rev: int = Field(description="revision of the active version that is followed")
    ab_test_id: int | None = Field(description="test that runs")


def routes(holder: Holder, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/healthz", responses=documented(503))
    async def health() -> Health:
        """Say whether recommendations are answered; 503 where no version can."""
        serving = holder.serving
        why = holder.problems()
        if serving.champion is None:
            raise Unable(serving.why_not)
        return Health(
            status="degraded" if why else "ok",
            why=list(why),
            active_version=None if serving.active is None else serving.active.version,
            answering_version=serving.champion.version,
            rev=0 if serving.active is None else serving.active.rev,
            ab_test_id=None if serving.live_test is None else serving.live_test.test.ab_test_id,
        )

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def prometheus_metrics() -> Response:
        """Give the service's figures as Prometheus reads them."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
