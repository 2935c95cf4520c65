"""One look at a test, in figures and in words; the rules are those of `verdict`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, SupportsFloat, cast

from deployment.ab_testing.guardrails import GUARDRAILS, Guardrail
from deployment.ab_testing.outcomes import Outcomes
from deployment.ab_testing.plan import Plan
from deployment.ab_testing.reasons import reason_of
from deployment.ab_testing.sequential import Interval, Moments
from deployment.ab_testing.verdict import Verdict, evidence_of, verdicts

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One number a user in both arms; None where there is nothing to average or to compare."""

    name: str
    unit: str
    champion: float | None  # mean of its users
    challenger: float | None
    champion_users: int
    challenger_users: int
    difference: float | None  # challenger minus champion
    low: float | None  # what the difference may be, at all moments together with probability 1 - alpha
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Guarded(Compared):
    """A guardrail: it holds where the interval leaves out that the challenger is worse by the margin."""

    meaning: str
    margin: float | None  # in the unit; None where it is a share of a mean that is not there
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Everything that one look shows."""

    verdict: Verdict
    reason: str  # one sentence
    warnings: tuple[str, ...]
    elapsed_days: float
    exposed_champion: int
    exposed_challenger: int
    planned_users: int
    sample_ratio_p: float  # below 0.001 blocks
    accuracy: Compared
    guardrails: tuple[Guarded, ...]


def judged(
    plan: Plan,
    champion: Outcomes,
    challenger: Outcomes,
    elapsed: timedelta,
    guardrails: Sequence[Guardrail] = GUARDRAILS,
) -> Judgement:
    """Look at a test once; as often as one likes, at whatever moments.

    Args:
        plan: of the test.
        champion: what became of its users.
        challenger: what became of its users.
        elapsed: since the test was started; negative where the clock was put back.
        guardrails: those that were measured.

    """
    evidence = evidence_of(plan, champion, challenger, guardrails)
    elapsed_days = elapsed / DAY
    verdict = cast(Verdict, str(verdicts(plan, evidence, elapsed_days)))
    guarded = tuple(
        Guarded(
            **_compared(rail.name, rail.unit, rail.moments(champion), rail.moments(challenger), found),
            meaning=rail.meaning,
            margin=_number(margin),
            holds=bool(holds),
        )
        for rail, found, margin, holds in zip(
            guardrails, evidence.guardrails, evidence.margins, evidence.holds, strict=True
        )
    )
    accuracy = _compared(
        "accuracy", "share of ratings", champion.accuracy, challenger.accuracy, evidence.accuracy
    )
    return Judgement(
        verdict=verdict,
        reason=reason_of(verdict, plan, evidence, elapsed_days, guardrails),
        warnings=tuple(plan.warnings()),
        elapsed_days=elapsed_days,
        exposed_champion=int(champion.exposed),
        exposed_challenger=int(challenger.exposed),
        planned_users=plan.planned_users,
        sample_ratio_p=float(evidence.sample_ratio_p),
        accuracy=Compared(**accuracy),
        guardrails=guarded,
    )


def judgement_of(recorded: Mapping[str, Any]) -> Judgement:
    """Read back a judgement that was recorded as a mapping (`dataclasses.asdict`)."""
    values = dict(recorded)
    values["warnings"] = tuple(values["warnings"])
    values["accuracy"] = Compared(**values["accuracy"])
    values["guardrails"] = tuple(Guarded(**rail) for rail in values["guardrails"])
    return Judgement(**values)


def _compared(
    name: str, unit: str, champion: Moments, challenger: Moments, found: Interval
) -> dict[str, Any]:
    return {
        "name": name,
        "unit": unit,
        "champion": _number(champion.mean),
        "challenger": _number(challenger.mean),
        "champion_users": int(champion.n),
        "challenger_users": int(challenger.n),
        "difference": _number(found.estimate),
        "low": _number(found.low),
        "high": _number(found.high),
    }


def _number(value: SupportsFloat) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
