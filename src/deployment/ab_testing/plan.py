"""What is fixed before a test begins: how much must be found, how surely, for how long, at whose expense."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parameters import parameter

# Below seven days some days of the week are not in the test, and who comes on Sundays differs.
WEEK = 7


@dataclass(frozen=True, kw_only=True)
class PlanSettings:
    """What whoever starts a test may decide; the planned users follow from it."""

    split: float = parameter(0.5, "share of users who are given the challenger", low=0.01, high=0.99)
    alpha: float = parameter(
        0.05,
        "how often a difference may be found where none is, however often one looks",
        low=1e-6,
        high=0.5,
    )
    power: float = parameter(
        0.8, "how often the planned effect is found at the planned users", low=0.05, high=0.999
    )
    planned_effect: float = parameter(
        0.02, "smallest difference worth finding, in accuracy", low=0.001, high=1
    )
    min_days: int = parameter(7, "days before a better version is named", low=1, high=365)
    max_days: int = parameter(28, "days after which the test ends without a difference", low=1, high=365)
    min_users: int = parameter(
        100, "users of each arm with a counted rating before anything is said of them", low=2, high=10_000_000
    )
    mean_rating_margin: float = parameter(
        0.05, "what recommended movies may be rated lower, in y of [0, 1]", low=0, high=1
    )
    rating_rate_margin: float = parameter(
        0.2, "what users may rate more seldom, as a share of the champion's ratings per user", low=0, high=1
    )
    latency_ms_margin: float = parameter(20.0, "what answers may take longer, in ms", low=0, high=60_000)
    errors_margin: float = parameter(0.01, "what may fail more, as a share of exposed users", low=0, high=1)

    def conflicts(self) -> Iterator[str]:
        if self.max_days < self.min_days:
            yield f"max_days must be at least min_days ({self.min_days}), got {self.max_days}"


@dataclass(frozen=True, kw_only=True)
class Plan(PlanSettings):
    """A test as it is kept: frozen once it runs."""

    planned_users: int = parameter(
        2, "users of both arms with a counted rating at whom the test has its power", low=2, high=2**53
    )

    def sentence(self) -> str:
        """Say what is planned."""
        return (
            f"{self.planned_users:,} users with a rating, both arms together, find a difference of "
            f"{self.planned_effect:g} in accuracy with power {self.power:g}; a better version is named after "
            f"{in_days(self.min_days)} at the earliest, the test ends after {in_days(self.max_days)}"
        )

    def warnings(self) -> Iterator[str]:
        """Say what this plan leaves to chance, a sentence each."""
        if self.min_days < WEEK:
            yield (
                f"a better version may be named after {in_days(self.min_days)}: "
                "below 7 days some days of the week are not in the test"
            )


def in_days(n: int) -> str:
    """Write a number of days as a sentence has it."""
    return "1 day" if n == 1 else f"{n} days"
