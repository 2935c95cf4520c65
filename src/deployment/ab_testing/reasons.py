"""Why a verdict is what it is: one plain sentence with the figures that decided."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deployment.ab_testing.guardrails import Guardrail
from deployment.ab_testing.plan import Plan, in_days
from deployment.ab_testing.verdict import Evidence, Verdict


def reason_of(
    verdict: Verdict, plan: Plan, evidence: Evidence, days: float, guardrails: Sequence[Guardrail]
) -> str:
    """Say in one sentence what decided; the evidence is of one moment of looking."""
    spans = f"[{float(evidence.accuracy.low):+.4f}, {float(evidence.accuracy.high):+.4f}]"
    if verdict == "collecting":
        return _still_collecting(plan, evidence, days, guardrails, spans)
    if verdict == "blocked_srm":
        champion, challenger = (f"{int(users):,}" for users in evidence.exposed)
        return (
            f"{champion} users have the champion and {challenger} the challenger, which a split of "
            f"{plan.split:g} all but excludes (p = {float(evidence.sample_ratio_p):.1g}): users were lost"
        )
    if verdict == "guardrail_failed":
        return _failed_guardrails(evidence, guardrails, spans)
    if verdict == "no_difference_shown" and evidence.users_of_smaller_arm < plan.min_users:
        return f"after {days:.1f} days {_too_few(plan, evidence)}"
    if verdict == "no_difference_shown":
        return f"{_how_far(plan, evidence, days)} the difference in accuracy may be anything in {spans}"
    ahead = verdict.removesuffix("_better")
    also = " and every guardrail holds" if guardrails and ahead == "challenger" else ""
    said = f"the {ahead} is ahead, the difference in accuracy lies in {spans}{also}"
    return f"{_how_far(plan, evidence, days)} {said}"


def _how_far(plan: Plan, evidence: Evidence, days: float) -> str:
    users = f"{int(evidence.users):,} of {plan.planned_users:,} planned users"
    return f"after {days:.1f} days and with {users}"


def _still_collecting(
    plan: Plan, evidence: Evidence, days: float, guardrails: Sequence[Guardrail], spans: str
) -> str:
    missing = _missing(plan, evidence, days)
    if missing is not None:
        return missing
    if evidence.accuracy.low > 0:
        open_ones = _names(guardrails, ~evidence.holds)
        return f"the challenger is ahead in accuracy, but not yet shown to be within its margin: {open_ones}"
    return f"{_how_far(plan, evidence, days)} the difference in accuracy may be anything in {spans}"


def _missing(plan: Plan, evidence: Evidence, days: float) -> str | None:
    """Name the first thing without which nothing is said; None where everything is there."""
    if not days >= 0:
        return "the clock says that the test has not been started yet"
    if not evidence.sound:
        return "a number of a user is not a number, so that nothing is compared"
    if np.isnan(evidence.accuracy.low):
        ending = "; its days are over, so stop it" if days >= plan.max_days else ""
        return f"each arm needs users with a counted rating who differ in accuracy{ending}"
    if evidence.users_of_smaller_arm < plan.min_users:
        return _too_few(plan, evidence)
    return f"{days:.1f} of at least {in_days(plan.min_days)} are over" if days < plan.min_days else None


def _too_few(plan: Plan, evidence: Evidence) -> str:
    smaller = int(evidence.users_of_smaller_arm)
    return f"the smaller arm has {smaller:,} of at least {plan.min_users:,} users with a counted rating"


def _failed_guardrails(evidence: Evidence, guardrails: Sequence[Guardrail], spans: str) -> str:
    if evidence.broken.any():
        return f"the challenger is worse by more than the margin: {_names(guardrails, evidence.broken)}"
    return (
        f"the challenger is ahead, the difference in accuracy lies in {spans}, but the test is over and not "
        f"shown to be within its margin: {_names(guardrails, ~evidence.holds)}"
    )


def _names(guardrails: Sequence[Guardrail], chosen: NDArray[np.bool_]) -> str:
    return ", ".join(rail.name for rail, one in zip(guardrails, chosen, strict=True) if one)
