"""Users who come, are given an arm and rate: every moment at which a test may be looked at, as arrays.

Users differ in how well they are foretold, in how much they rate, and in whether they rate at all. A look is
taken after every rating, so that there are thousands to a test.
"""

from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from db.deployment.answers import Exposed
from deployment.ab_testing.assignment import Arm, arm_of
from deployment.ab_testing.outcomes import Outcomes, counted, share_of
from deployment.ab_testing.sequential import Moments, moments_of_sums


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What users of one arm are like."""

    accuracy: float = 0.7  # mean over users of the share of a user's ratings that are foretold
    errors: float = 0.002  # share of users whom the arm's version fails
    taste: float = 0.75  # mean rating of recommended movies, in [0, 1]
    latency_ms: float = 12.0
    ratings: float = 3.0  # mean of those who rate at all: four of five


@dataclass(frozen=True, eq=False)
class Traffic:
    """A test from its first to its last rating; ratings are sorted by user, then time."""

    is_challenger: np.ndarray  # (n_users,)
    came: np.ndarray  # (n_users,) day of the exposure
    latency_ms: np.ndarray  # (n_users,)
    failed: np.ndarray  # (n_users,)
    user: np.ndarray  # (n_ratings,)
    when: np.ndarray  # (n_ratings,) day
    number: np.ndarray  # (n_ratings,) of the user's ratings: 1, 2, …
    hits: np.ndarray  # (n_ratings,) of the user's ratings so far, those foretold
    tasted: np.ndarray  # (n_ratings,) of the user's ratings so far, those of recommended movies
    liked: np.ndarray  # (n_ratings,) sum of these

    @cached_property
    def looks(self) -> np.ndarray:
        """The ratings in the order in which they come in: (n_ratings,)."""
        return np.argsort(self.when, kind="stable")

    @cached_property
    def days(self) -> np.ndarray:
        return self.when[self.looks]

    def outcomes(self, arm: Arm) -> Outcomes:
        """What the arm's users made of it, after every rating of either arm: arrays of (n_ratings,)."""
        of_arm = self.is_challenger == (arm == "challenger")
        mine = of_arm[self.user[self.looks]]
        exposed = np.searchsorted(self.came[of_arm], self.days, side="right")
        n_ratings, squares = np.cumsum(mine), np.cumsum(mine * (2.0 * self.number[self.looks] - 1))
        latency = [_from_0(self.latency_ms[of_arm] ** power)[exposed] for power in (1, 2)]
        return Outcomes(
            exposed=exposed.astype(float),
            accuracy=self._running(self.hits, self.number, mine),
            mean_rating=self._running(self.liked, self.tasted, mine),
            rating_rate=counted(moments_of_sums(exposed, n_ratings, squares)),
            latency_ms=moments_of_sums(exposed, *latency),
            errors=share_of(_from_0(self.failed[of_arm])[exposed], exposed),
        )

    def rows(self) -> tuple[Exposed, ...]:
        """The users as the record has them after the last rating."""
        counts = np.bincount(self.user, minlength=len(self.came))
        last = np.cumsum(counts) - 1
        return tuple(
            Exposed(
                user_id=str(user),
                arm="challenger" if self.is_challenger[user] else "champion",
                fell_back=bool(self.failed[user]),
                latency_ms=float(self.latency_ms[user]),
                ratings=int(counts[user]),
                forecasts=int(counts[user]),
                hits=int(self.hits[at]) if counts[user] else 0,
                recommended=int(self.tasted[at]) if counts[user] else 0,
                rating_of_recommended=_mean(self.liked[at], self.tasted[at]) if counts[user] else None,
            )
            for user, at in enumerate(last)
            if self.came[user] <= self.when.max()
        )

    def _running(self, sums: np.ndarray, counts: np.ndarray, mine: np.ndarray) -> Moments:
        """Moments of each user's mean so far, after every rating."""
        mean = np.divide(sums, counts, out=np.zeros(len(sums)), where=counts > 0)
        is_known = (counts > 0).astype(float)
        changes = [np.where(self.number > 1, np.diff(x, prepend=0.0), x) for x in (is_known, mean, mean**2)]
        return moments_of_sums(*(np.cumsum(mine * change[self.looks]) for change in changes))


def traffic(
    rng: np.random.Generator,
    n_users: int,
    champion: Habits = Habits(),
    challenger: Habits = Habits(),
    *,
    split: float = 0.5,
    days: float = 28.0,
    come_within: float = 1.0,
) -> Traffic:
    """Draw a test: users come evenly within a share of its days, and rate every half day, once they do."""
    salt = rng.bytes(16).hex()
    is_challenger = np.array([arm_of(str(user), salt, split) == "challenger" for user in range(n_users)])
    pairs = zip(asdict(champion).items(), asdict(challenger).values(), strict=True)
    of_user = {name: np.where(is_challenger, other, one) for (name, one), other in pairs}
    came = np.sort(rng.random(n_users)) * days * come_within
    # Beta with a spread of 0.17 between users; geometric counts, and a fifth who never rate.
    skill = rng.beta(6 * of_user["accuracy"], 6 * (1 - of_user["accuracy"]))
    counts = rng.geometric(1 / of_user["ratings"]) * (rng.random(n_users) < 0.8)
    user = np.repeat(np.arange(n_users), counts)
    when = came[user] + _within_user(rng.exponential(0.5, len(user)), counts)
    user, when = user[when <= days], when[when <= days]
    counts = np.bincount(user, minlength=n_users)
    recommended = rng.random(len(user)) < 0.5
    likes = rng.normal(of_user["taste"], 0.1)[user] + rng.normal(0, 0.2, len(user))
    return Traffic(
        is_challenger=is_challenger,
        came=came,
        latency_ms=rng.gamma(4, of_user["latency_ms"] / 4),
        failed=rng.random(n_users) < of_user["errors"],
        user=user,
        when=when,
        number=_within_user(np.ones(len(user)), counts),
        hits=_within_user(rng.random(len(user)) < skill[user], counts),
        tasted=_within_user(recommended, counts),
        liked=_within_user(np.where(recommended, np.clip(np.round(5 * likes), 1, 5) / 5, 0.0), counts),
    )


def _within_user(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Add values up, beginning anew with every user."""
    sums = _from_0(values)
    return sums[1:] - np.repeat(sums[np.cumsum(counts) - counts], counts)


def _from_0(values: np.ndarray) -> np.ndarray:
    return np.concatenate(([0.0], np.cumsum(values)))


def _mean(total: float, n: float) -> float | None:
    return float(total / n) if n else None
