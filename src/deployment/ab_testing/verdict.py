"""What may be said of two versions: rules over what was found, for one moment of looking as for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deployment.ab_testing.guardrails import GUARDRAILS, Guardrail
from deployment.ab_testing.outcomes import Outcomes
from deployment.ab_testing.plan import Plan
from deployment.ab_testing.sample_ratio import BLOCKS_BELOW, sample_ratio_p
from deployment.ab_testing.sequential import Interval, difference

Verdict = Literal[
    "collecting",  # nothing may be said yet
    "blocked_srm",  # the arms do not have the users they should have
    "guardrail_failed",  # worse by more than a margin, or better but not shown to be within it
    "challenger_better",
    "champion_better",
    "no_difference_shown",  # the test is over; a smaller difference may be there
]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything the rules look at; arrays have the shape of the moments of looking."""

    exposed: tuple[NDArray[np.float64], NDArray[np.float64]]  # users of the champion, of the challenger
    users: NDArray[np.float64]  # with a counted rating, of both arms
    users_of_smaller_arm: NDArray[np.float64]
    sample_ratio_p: NDArray[np.float64]
    accuracy: Interval
    guardrails: tuple[Interval, ...]
    margins: tuple[NDArray[np.float64], ...]
    holds: NDArray[np.bool_]  # (n_guardrails, …) shown to be within its margin
    broken: NDArray[np.bool_]  # (n_guardrails, …) shown to be beyond it
    sound: NDArray[np.bool_]  # no number of any user is NaN or infinite


def evidence_of(
    plan: Plan, champion: Outcomes, challenger: Outcomes, guardrails: Sequence[Guardrail] = GUARDRAILS
) -> Evidence:
    """Compare two arms: their sizes with the split, their accuracy, each guardrail with its margin."""
    pairs = [(rail.moments(champion), rail.moments(challenger)) for rail in guardrails]
    pairs.append((champion.accuracy, challenger.accuracy))
    *found, accuracy = (difference(*pair, alpha=plan.alpha, tuned_for=plan.planned_users) for pair in pairs)
    margins = tuple(rail.margin(plan, champion) for rail in guardrails)
    compared = list(zip(guardrails, found, margins, strict=True))
    return Evidence(
        exposed=(champion.exposed, challenger.exposed),
        users=champion.accuracy.n + challenger.accuracy.n,
        users_of_smaller_arm=np.minimum(champion.accuracy.n, challenger.accuracy.n),
        sample_ratio_p=sample_ratio_p(champion.exposed, challenger.exposed, plan.split),
        accuracy=accuracy,
        guardrails=tuple(found),
        margins=margins,
        holds=np.array([rail.holds(one, margin) for rail, one, margin in compared], dtype=np.bool_),
        broken=np.array([rail.is_broken(one, margin) for rail, one, margin in compared], dtype=np.bool_),
        sound=~np.any([~np.isfinite(arm.mean) & (arm.n > 0) for pair in pairs for arm in pair], axis=0),
    )


def verdicts(plan: Plan, evidence: Evidence, days: ArrayLike) -> NDArray[np.str_]:
    """Say at each moment of looking what may be said: one `Verdict` each, in the shape of the moments.

    A version is named better after the minimum of days and of users in each arm, where 0 lies outside the
    interval; the challenger only where every guardrail is shown to hold. A fault of the assignment or harm
    beyond a margin does not wait for the days. The test is over after the maximum of days, or with the
    planned users; guardrails of a challenger that is ahead have all its days to be shown to hold. Without an
    interval, with a NaN or a clock that runs backwards nothing is said.

    Args:
        plan: of the test.
        evidence: what was found.
        days: since the test was started.

    """
    days = np.asarray(days, dtype=np.float64)
    low, high = evidence.accuracy.low, evidence.accuracy.high
    enough = evidence.users_of_smaller_arm >= plan.min_users
    late, last = days >= plan.min_days, days >= plan.max_days
    over = last | (late & (evidence.users >= plan.planned_users))
    rules: tuple[tuple[NDArray[np.bool_], Verdict], ...] = (
        (~(evidence.sound & (days >= 0)), "collecting"),
        (evidence.sample_ratio_p < BLOCKS_BELOW, "blocked_srm"),
        (enough & evidence.broken.any(axis=0), "guardrail_failed"),
        (np.isnan(low), "collecting"),
        (late & enough & (high < 0), "champion_better"),
        (late & enough & (low > 0) & evidence.holds.all(axis=0), "challenger_better"),
        (last & enough & (low > 0), "guardrail_failed"),
        (late & enough & (low > 0), "collecting"),
        (over, "no_difference_shown"),
    )
    return np.select([rule for rule, _ in rules], [verdict for _, verdict in rules], "collecting")
