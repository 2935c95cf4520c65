"""What a better accuracy must not cost: each guardrail with its unit, its direction and its margin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deployment.ab_testing.outcomes import Outcomes
from deployment.ab_testing.plan import PlanSettings
from deployment.ab_testing.sequential import Interval, Moments


@dataclass(frozen=True)
class Guardrail:
    """A number of each user that may be worse by less than a margin: the plan's `<name>_margin`."""

    name: str  # of the field of Outcomes
    unit: str
    meaning: str
    higher_is_better: bool
    relative: bool = False  # the margin is a share of the champion's mean

    def moments(self, arm: Outcomes) -> Moments:
        moments: Moments = getattr(arm, self.name)
        return moments

    def margin(self, plan: PlanSettings, champion: Outcomes) -> NDArray[np.float64]:
        """Find how much worse the challenger may be, in the guardrail's unit: shape of the moments."""
        planned = float(getattr(plan, f"{self.name}_margin"))
        mean = self.moments(champion).mean
        return planned * mean if self.relative else np.full_like(mean, planned)

    def holds(self, found: Interval, margin: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell whether the challenger is shown not to be worse by the margin; never without an interval."""
        return found.low > -margin if self.higher_is_better else found.high < margin

    def is_broken(self, found: Interval, margin: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell whether the challenger is shown to be worse by more than the margin."""
        return found.high < -margin if self.higher_is_better else found.low > margin


GUARDRAILS = (
    Guardrail("mean_rating", "y in [0, 1]", "mean rating of movies that were recommended", True),
    Guardrail("rating_rate", "ratings per user", "ratings per exposed user", True, relative=True),
    Guardrail("latency_ms", "ms", "time until recommendations were answered", False),
    Guardrail("errors", "share of users", "users who were failed, or given the champion instead", False),
)
