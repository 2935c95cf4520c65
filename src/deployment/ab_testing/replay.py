"""What a test would have found had users rated the same: held-out ratings replayed through two versions.

A replay is no A/B test, and is called an offline replay wherever it is shown. Both versions foretell the
same ratings of the same users, so that no user is assigned and none can be lost. It shows whose forecasts of
ratings that were given anyway lie within the tolerance. Nobody was shown anything: what users do with other
recommendations, how often they rate, how long they wait and what fails it cannot say, so that no guardrail is
judged.
"""

import dataclasses
import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from db.deployment.ab_tests import ab_test, end_test, start_test
from deployment.ab_testing.judgement import Judgement, judged
from deployment.ab_testing.lifecycle import (
    ANSWERS,
    LABELS,
    Standing,
    expected_accuracy,
    new_test,
    planned,
    usable,
)
from deployment.ab_testing.outcomes import Outcomes
from deployment.ab_testing.plan import Plan, PlanSettings
from deployment.ab_testing.sequential import moments_of
from deployment.measuring import hyperparameters_of
from pipeline.evaluation import Problem
from pipeline.fitted import DIGITS, FittedRecommender
from pipeline.metrics import TOLERANCE, HeldOut
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender

LABEL = LABELS["offline_replay"]
# Looks that are taken of a replay, evenly over its ratings; it may be looked at as often as one likes.
LOOKS = 28


@dataclass(frozen=True)
class Replay:
    """A replay, labelled as one."""

    label: str
    plan: Plan
    looks: tuple[Judgement, ...]  # in the order of time, the last at the end

    @property
    def judgement(self) -> Judgement:
        return self.looks[-1]


def simulate(
    engine: Engine, problem: Problem, *, champion: int, challenger: int, settings: PlanSettings, who: str
) -> tuple[Standing, Replay]:
    """Fit two versions on train + validation, replay the test part through them, and record it as a replay.

    Raises:
        InvalidInput: a version is not there, not ready or damaged, or both are the same.

    """
    if champion == challenger:
        raise InvalidInput(f"ab_test.challenger must be another version than the champion, got {challenger}")
    versions = [usable(engine, number) for number in (champion, challenger)]
    plan = planned(settings, expected_accuracy(engine, versions[0]))
    one, other = (
        Recommender(hyperparameters_of(version)).fit(problem.dataset, problem.train_and_validation)
        for version in versions
    )
    replay = replayed(problem, one, other, plan)
    name = f"{LABEL} of versions {champion} and {challenger}"
    new = new_test(
        name=name, source="offline_replay", versions=(champion, challenger), plan=replay.plan, who=who
    )
    number, found = start_test(engine, new).ab_test_id, replay.judgement
    values = dataclasses.asdict(found)
    decided = found.verdict in ANSWERS
    end_test(engine, number, verdict=found.verdict, judgement=values, reason=LABEL, decided=decided)
    test = ab_test(engine, number)
    assert test is not None
    return Standing(test, replay.plan, found), replay


def replayed(
    problem: Problem, champion: FittedRecommender, challenger: FittedRecommender, plan: Plan
) -> Replay:
    """Judge two versions on the test part as a live test is judged, in the order of time.

    Each user is in both arms, and arms are compared as if their users were others. As a user's two accuracies
    rise and fall together, the interval is wider than it need be.

    Args:
        problem: whose test part is replayed.
        champion: fitted on its train + validation.
        challenger: likewise.
        plan: of the test; half of the users are in each arm, and it ends with the ratings, whatever it says.

    """
    times = problem.dataset.timestamps[problem.split.test]
    order = np.argsort(times, kind="stable")
    since = (times - times.min()) / timedelta(days=1).total_seconds()
    last_day = max(1, math.ceil(since.max()))
    plan = dataclasses.replace(plan, split=0.5, min_days=min(plan.min_days, last_day), max_days=last_day)
    one, other = (hits(model, problem.test) for model in (champion, challenger))
    looks = []
    for end in np.unique(np.linspace(0, len(order), LOOKS + 1).astype(int)[1:]):
        shown = order[:end]
        outcomes = [_outcomes(problem.test.users[shown], found[shown]) for found in (one, other)]
        days = last_day if end == len(order) else float(since[shown[-1]])
        looks.append(_labelled(judged(plan, outcomes[0], outcomes[1], timedelta(days=days), guardrails=())))
    return Replay(LABEL, plan, tuple(looks))


def hits(model: FittedRecommender, part: HeldOut) -> NDArray[np.bool_]:
    """Say of each held-out rating whether a version answers it within the tolerance: (n,)."""
    predicted = np.empty(len(part.users))
    for users, scores in model.blocks(np.arange(part.n_users)):
        rows = slice(part.starts[users.start], part.starts[users.stop])
        ratings = model.rating_block(np.arange(users.start, users.stop), scores)
        predicted[rows] = ratings[part.users[rows] - users.start, part.movies[rows]]
    answered = model.decided(predicted.round(DIGITS)).answer
    return np.asarray(np.abs(answered - part.ratings) <= TOLERANCE)


def _outcomes(users: NDArray[np.int32], hits: NDArray[np.bool_]) -> Outcomes:
    """Sum up the ratings that came in so far, (n,) each; what only users who are shown movies do is empty."""
    counts = np.bincount(users)
    rated = counts > 0
    nothing = moments_of([])
    return Outcomes(
        exposed=np.asarray(float(rated.sum())),
        accuracy=moments_of(np.bincount(users, hits)[rated] / counts[rated]),
        mean_rating=nothing,
        rating_rate=nothing,
        latency_ms=nothing,
        errors=nothing,
    )


def _labelled(judgement: Judgement) -> Judgement:
    return dataclasses.replace(judgement, reason=f"{LABEL}: {judgement.reason}")
