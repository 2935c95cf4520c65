"""The application: its routes, what every request passes through, and how it follows the record."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import Engine

from deployment.revalidation import Policy
from service.body_limit import BodyLimit
from service.dashboard.page import dashboard_router
from service.docs_page import docs_page
from service.errors import handle_errors
from service.exposures import Exposures
from service.holder import Holder
from service.metrics import Metrics
from service.request_log import RequestLog
from service.routes import (
    ab_tests,
    experiments,
    health,
    performance,
    ratings,
    recommendations,
    revalidation,
    versions,
)
from service.security import changes_allowed
from service.shown import sources_of

DESCRIPTION = """Recommendations of the active version, ratings that come in, versions and tests between two.

Reading needs nothing. Changing something, which posting a rating is, needs the token of the service."""


def make_app(
    engine: Engine, holder: Holder, policy: Policy, token: str | None, database: Sequence[str] = ()
) -> FastAPI:
    """Make the application.

    Args:
        engine: of the record, its schema up to date.
        holder: of what answers; it is kept up with the record while the application runs.
        policy: says when the active version is due for another fit.
        token: that changes need; None turns them off.
        database: overrides that lead to the record, for commands that the dashboard shows.

    """
    metrics, allowed = Metrics(holder), changes_allowed(token)

    @asynccontextmanager
    async def following(_: FastAPI) -> AsyncIterator[None]:
        with holder.polling():
            yield

    app = FastAPI(
        title="reeltune",
        description=DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=following,
    )
    for router in (
        recommendations.routes(holder, Exposures(engine, metrics)),
        ratings.routes(engine, holder, metrics, allowed),
        versions.routes(engine, holder, allowed),
        ab_tests.routes(engine, holder, allowed),
        performance.routes(engine, holder),
        revalidation.routes(engine, policy),
        experiments.routes(engine),
        health.routes(holder, metrics),
        dashboard_router(sources_of(engine, holder, policy, database)),
    ):
        app.include_router(router)
    docs_page(app)
    handle_errors(app)
    # The last that is added meets a request first.
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLog, metrics=metrics)
    return app
