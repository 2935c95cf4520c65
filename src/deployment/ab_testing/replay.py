"""What a test would have found had users rated the same: held-out ratings replayed through two versions.

A replay is no A/B test, and is called an offline replay wherever it is shown. Both versions foretell the
same ratings of the same users, so that no user is assigned and none can be lost. It shows whose forecasts of
ratings that were given anyway lie within the tolerance. It does not show what users do with other
recommendations: who rated a recommended movie may never have seen it recommended. Of latency, errors and how
often users rate it says nothing.
"""

import dataclasses
import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from db.ab_tests import ab_test, end_test, start_test
from deployment.ab_testing.guardrails import GUARDRAILS
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
from deployment.ab_testing.outcomes import Outcomes, share_of
from deployment.ab_testing.plan import Plan, PlanSettings
from deployment.ab_testing.sequential import moments_of
from deployment.measuring import hyperparameters_of
from pipeline.evaluation import Problem
from pipeline.fitted import DIGITS, FittedRecommender
from pipeline.metrics import TOLERANCE, TOP, HeldOut
from pipeline.parameters import InvalidInput
from pipeline.ranking import top_movies
from pipeline.recommender import Recommender

LABEL = LABELS["offline_replay"]
# Of the guardrails those that ratings alone can tell.
MEASURED = tuple(rail for rail in GUARDRAILS if rail.name == "mean_rating")
# Looks that are taken of a replay, evenly over its ratings; it may be looked at as often as one likes.
LOOKS = 28


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a version makes of the test part: (n,) each, in its order."""

    hits: NDArray[np.bool_]  # answered within the tolerance
    recommended: NDArray[np.bool_]  # the movie was among the ten recommended to the user


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
    one, other = (foretold(model, problem.test) for model in (champion, challenger))
    looks = []
    for end in np.unique(np.linspace(0, len(order), LOOKS + 1).astype(int)[1:]):
        shown = order[:end]
        outcomes = _outcomes(problem.test, one, shown), _outcomes(problem.test, other, shown)
        days = last_day if end == len(order) else float(since[shown[-1]])
        looks.append(_labelled(judged(plan, *outcomes, timedelta(days=days), MEASURED)))
    return Replay(LABEL, plan, tuple(looks))


def foretold(model: FittedRecommender, part: HeldOut) -> Foretold:
    """Say of each held-out rating whether it is a hit, and whether its movie was recommended."""
    predicted, recommended = np.empty(len(part.users)), np.empty(len(part.users), dtype=np.bool_)
    for users, scores in model.blocks(np.arange(part.n_users)):
        rows = slice(*np.searchsorted(part.users, [users.start, users.stop]))
        user, movies = part.users[rows] - users.start, part.movies[rows]
        predicted[rows] = model.rating_block(np.arange(users.start, users.stop), scores)[user, movies]
        best = top_movies(scores, TOP, model.features.ratings[users])
        recommended[rows] = (best[user] == movies[:, None]).any(axis=1)
    answered = model.decided(predicted.round(DIGITS)).answer
    return Foretold(np.abs(answered - part.ratings) <= TOLERANCE, recommended)


def _outcomes(part: HeldOut, arm: Foretold, shown: NDArray[np.intp]) -> Outcomes:
    """Sum up what one version foretold of the ratings that came in so far."""
    accuracy = _means(part.users[shown], arm.hits[shown])
    tasted = shown[arm.recommended[shown]]
    nobody = moments_of([])
    return Outcomes(
        exposed=np.asarray(float(len(accuracy))),
        accuracy=moments_of(accuracy),
        mean_rating=moments_of(_means(part.users[tasted], part.ratings[tasted])),
        rating_rate=nobody,
        latency_ms=nobody,
        errors=share_of(0, 0),
    )


def _means(users: NDArray[np.int32], values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Average by user, those without a value left out."""
    counts = np.bincount(users)
    return np.asarray(np.bincount(users, values)[counts > 0] / counts[counts > 0])


def _labelled(judgement: Judgement) -> Judgement:
    return dataclasses.replace(judgement, reason=f"{LABEL}: {judgement.reason}")
