"""What a user is recommended, and why; which version answered, and as which arm of which test."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import Engine

from db.live_ratings import movies_rated
from service.errors import documented
from service.exposures import Exposures
from service.holder import Holder
from service.inputs import Answer, UserId
from service.request_log import note_answering

AT_FIRST = 10  # that are recommended unless another number is asked for
MOST = 100


class WhyShown(Answer):
    """One part of a score."""

    part: str = Field(description="name of the part in the model")
    words: str
    points: float = Field(description="what it adds to the score, before the sum is clipped to [0, 1]")


class Movie(Answer):
    """A movie that the user has not rated."""

    movie_id: str
    title: str = Field(description="empty where unknown")
    year: int | None
    score: float = Field(description="what ranks, in [0, 1]")
    predicted_stars: float = Field(description="rating that is expected, in the scale's own unit")
    reasons: list[WhyShown] = Field(description="the parts of the score, the largest first")


class Recommendations(Answer):
    """The best movies for a user, the best first."""

    user_id: str
    known: bool = Field(description="whether the model was fitted on ratings of this user")
    version: int = Field(description="that answered")
    ab_test_id: int | None = Field(description="test that the user takes part in")
    arm: Literal["champion", "challenger"] | None
    fell_back: bool = Field(description="whether the champion answered, as the arm's own version could not")
    movies: list[Movie]


def routes(engine: Engine, holder: Holder, exposures: Exposures) -> APIRouter:
    router = APIRouter(tags=["recommendations"])

    @router.get("/api/recommendations/{user_id}", responses=documented(422, 503))
    def recommendations(
        request: Request,
        user_id: UserId,
        n: Annotated[
            int, Query(ge=1, le=MOST, description="how many; fewer where fewer are left")
        ] = AT_FIRST,
    ) -> Recommendations:
        """Recommend movies to a user, without those rated in the data or through this service since.

        Whoever is not known is answered as somebody without ratings. While a test runs the first answer to a
        user is noted as the exposure.
        """
        started = time.perf_counter()
        answering = holder.serving.answering(user_id)
        note_answering(request, answering)
        holder.asked_lately.add(user_id)
        model = answering.model
        movies = model.recommended(user_id, n, without=movies_rated(engine, user_id))
        exposures.note(user_id, answering, 1000 * (time.perf_counter() - started))
        return Recommendations(
            user_id=user_id,
            known=model.knows(user_id),
            version=answering.version,
            ab_test_id=answering.ab_test_id,
            arm=answering.arm,
            fell_back=answering.fell_back,
            movies=[Movie.model_validate(movie) for movie in movies],
        )

    return router
