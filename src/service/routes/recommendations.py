"""What a user is recommended, and why; which version answered, and as which arm of which test."""

import time
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from deployment.served import Recommended
from service.errors import documented
from service.exposures import Exposures
from service.holder import Holder
from service.inputs import Answer, UserId
from service.request_log import note_answering
from service.serving import Answering

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


def routes(holder: Holder, exposures: Exposures) -> APIRouter:
    router = APIRouter(tags=["recommendations"])

    @router.get("/api/recommendations/{user_id}", responses=documented(422, 503))
    async def recommend_movies(
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
        answering = holder.serving.answering(user_id)
        note_answering(request, answering)
        holder.asked_lately.add(user_id)
        if _is_at_hand(user_id, n, answering):
            return _answered(user_id, n, answering)
        return await run_in_threadpool(_answered, user_id, n, answering)

    def _is_at_hand(user_id: str, n: int, answering: Answering) -> bool:
        """Say whether all of the answer is in memory: a thread would take longer to begin than to answer."""
        rated = holder.rated_since.known(user_id)
        return (
            rated is not None
            and answering.model.is_at_hand(user_id, n, without=rated)
            and not exposures.is_due(user_id, answering)
        )

    def _answered(user_id: str, n: int, answering: Answering) -> Recommendations:
        started = time.perf_counter()
        movies = answering.model.recommended(user_id, n, without=holder.rated_since.of(user_id))
        exposures.note(user_id, answering, 1000 * (time.perf_counter() - started))
        return _told(user_id, answering, movies)

    return router


def _told(user_id: str, answering: Answering, movies: Sequence[Recommended]) -> Recommendations:
    return Recommendations(
        user_id=user_id,
        known=answering.model.knows(user_id),
        version=answering.version,
        ab_test_id=answering.ab_test_id,
        arm=answering.arm,
        fell_back=answering.fell_back,
        movies=[Movie.model_validate(movie) for movie in movies],
    )
