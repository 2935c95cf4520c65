"""Ratings that come in, each beside what the version that answers its user foretold."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import Field
from sqlalchemy import Engine

from db.deployment.answers import LiveRating, NewRating
from db.deployment.live_ratings import record_rating
from deployment.served import Prediction, ServedModel
from pipeline.metrics import TOLERANCE
from service.errors import documented, shown
from service.holder import Holder
from service.inputs import Answer, Body, Id
from service.metrics import Metrics
from service.request_log import note_answering
from service.routes.recommendations import AT_FIRST
from service.security import Allowed
from service.serving import Answering

HIGHEST_SCALE = 1000.0  # no scale ends above; each version knows its own


class NewRatingBody(Body):
    """A rating by a user."""

    user_id: Id
    movie_id: Id
    rating: Annotated[
        float, Field(ge=0, le=HIGHEST_SCALE, description="in the scale's own unit, such as stars of 5")
    ]


class Foretold(Answer):
    """What was foretold of a rating before it came in, in the scale's own unit."""

    expected: float = Field(description="what the rating was expected to be")
    answered: float = Field(description="the one number that accuracy is about")
    hit: bool = Field(description=f"whether the answer lies within {TOLERANCE:.1f} of the scale")


class Rated(Answer):
    """A rating as it was recorded."""

    user_id: str
    movie_id: str
    rating: float
    version: int = Field(description="that answers this user, and foretold the rating")
    ab_test_id: int | None = Field(description="test that had shown itself to the user")
    arm: Literal["champion", "challenger"] | None
    foretold: Foretold | None = Field(
        description="null where it is no forecast: the version knew the rating, or the movie is rated again"
    )
    position: int | None = Field(
        description=f"place among the {AT_FIRST} best movies of the user, null where not among them"
    )
    received_at: datetime


def routes(engine: Engine, holder: Holder, metrics: Metrics, allowed: Allowed) -> APIRouter:
    router = APIRouter(tags=["ratings"], dependencies=[Depends(allowed)])

    @router.post("/api/ratings", status_code=201, responses=documented(400, 401, 403, 404, 413, 422, 503))
    def rate_a_movie(request: Request, body: NewRatingBody) -> Rated:
        """Record a rating, joined to what the version that answers this user foretold.

        A rating changes what is recommended and what is known of a version, so that it needs the token.
        """
        answering = holder.serving.answering(body.user_id)
        note_answering(request, answering)
        stars = answering.model.catalogue.stars
        _check(body, answering)
        rated = holder.rated_since.of(body.user_id)
        recorded = record_rating(engine, _joined(body, answering, rated))
        holder.rated_since.forget(body.user_id)
        is_forecast = recorded.expected is not None
        metrics.rated(counted=is_forecast)
        return Rated(
            user_id=recorded.user_id,
            movie_id=recorded.movie_id,
            rating=body.rating,
            version=recorded.version,
            ab_test_id=recorded.ab_test_id,
            arm=answering.arm,
            foretold=_foretold(recorded, stars),
            position=recorded.position,
            received_at=recorded.received_at,
        )

    return router


def _check(body: NewRatingBody, answering: Answering) -> None:
    catalogue = answering.model.catalogue
    if body.movie_id not in catalogue.movies:
        raise HTTPException(
            404,
            f"movie_id must be one of the {len(catalogue.movies)} movies that version {answering.version} "
            f"knows, got {shown(body.movie_id)}",
        )
    if body.rating > catalogue.stars:
        raise HTTPException(422, f"rating must be in [0, {catalogue.stars:g}], got {shown(body.rating)}")


def _joined(body: NewRatingBody, answering: Answering, rated: Collection[str]) -> NewRating:
    """Put a rating beside what was foretold of it, and where the movie stood in what was recommended."""
    model: ServedModel = answering.model
    foretold: Prediction | None = model.predicted(body.user_id, body.movie_id)
    return NewRating(
        user_id=body.user_id,
        movie_id=body.movie_id,
        rating=body.rating / model.catalogue.stars,
        version=answering.version,
        expected=None if foretold is None else foretold.expected,
        answered=None if foretold is None else foretold.answered,
        position=model.position(body.user_id, body.movie_id, AT_FIRST, without=rated),
        ab_test_id=answering.ab_test_id,
    )


def _foretold(recorded: LiveRating, stars: float) -> Foretold | None:
    if recorded.expected is None or recorded.answered is None:
        return None
    return Foretold(
        expected=recorded.expected * stars,
        answered=recorded.answered * stars,
        hit=abs(recorded.answered - recorded.rating) <= TOLERANCE,
    )
