"""What the dashboard is given of the running service: looking at it exposes nobody to a test."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine

from db.deployment.answers import AbTest
from deployment.ab_testing.judgement import Judgement
from deployment.ab_testing.lifecycle import standing
from deployment.revalidation import Policy, Revalidation, revalidation
from service.dashboard.sources import Shown, Sources
from service.holder import Holder


def sources_of(engine: Engine, holder: Holder, policy: Policy, database: Sequence[str]) -> Sources:
    """Put together what the dashboard asks.

    Args:
        engine: of the record.
        holder: of what answers.
        policy: says when the active version is due for another fit.
        database: overrides that lead to the record, for commands that are shown.

    """

    def recommend(user_id: str, n: int) -> Shown | None:
        if holder.serving.champion is None:
            return None
        answering = holder.serving.answering(user_id)
        movies = answering.model.recommended(user_id, n, without=holder.rated_since.of(user_id))
        known = answering.model.knows(user_id)
        return Shown(answering.version, known, movies, answering.arm, answering.fell_back)

    def judge(test: AbTest) -> Judgement:
        return standing(engine, test).judgement

    def revalidate() -> Revalidation:
        return revalidation(engine, policy, datetime.now(UTC).date())

    return Sources(engine, recommend, judge, revalidate, holder.problems, database)
