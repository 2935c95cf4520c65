"""Whether the active version still answers well enough, or is due for another fit: live figures decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

from sqlalchemy import Engine

from db.deployment.live_ratings import performance
from db.deployment.versions import active, version_of
from pipeline.parameters import parameter

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The keys of conf/revalidation."""

    window_days: int = parameter(30, "days up to today that are looked at", low=1, high=3650)
    accuracy_threshold: float | None = parameter(
        None, "live accuracy needed; null = the active version's own accuracy_threshold", low=0, high=1
    )
    minimum_samples: int = parameter(
        100, "rated forecasts within the window below which nothing is concluded", low=1, high=10**9
    )

    def conflicts(self) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Revalidation:
    """What the live figures say of the active version."""

    should_retrain: bool
    reason: str  # in one sentence
    version: int | None  # that is active
    since: date  # first day of the window, of UTC
    samples: int  # forecasts within the window that were rated
    minimum_samples: int
    accuracy: float | None  # of them
    interval: tuple[float, float] | None  # 95%, of the accuracy
    threshold: float | None  # that the accuracy is held against


def revalidation(engine: Engine, policy: Policy, today: date) -> Revalidation:
    """Hold the live accuracy of the active version against what is needed of it.

    Args:
        engine: of the record.
        policy: how far back, how many, how good.
        today: last day of the window, of UTC.

    """
    since = today - timedelta(days=policy.window_days - 1)
    now = active(engine)
    version = None if now is None else version_of(engine, now.version)
    if version is None:
        return Revalidation(
            should_retrain=False,
            reason="no version is active yet",
            version=None,
            since=since,
            samples=0,
            minimum_samples=policy.minimum_samples,
            accuracy=None,
            interval=None,
            threshold=policy.accuracy_threshold,
        )
    live = performance(engine, version.version, since)
    asked = policy.accuracy_threshold
    threshold = float(version.hyperparameters["accuracy_threshold"]) if asked is None else asked
    enough = live.samples >= policy.minimum_samples
    below = live.accuracy is not None and live.accuracy < threshold
    return Revalidation(
        should_retrain=enough and below,
        reason=_reason(live.samples, live.accuracy, policy, threshold),
        version=version.version,
        since=since,
        samples=live.samples,
        minimum_samples=policy.minimum_samples,
        accuracy=live.accuracy,
        interval=None if live.accuracy is None else wilson(live.accuracy, live.samples),
        threshold=threshold,
    )


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share of n that was counted (Wilson 1927, JASA 22(158)).

    It keeps to [0, 1] and its promise with few or extreme counts. Ratings count as independent: those of one
    user resemble each other, so that with few users the truth is less sure than this says.

    Args:
        share: in [0, 1].
        n: at least 1.

    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    middle = share + z**2 / (2 * n)
    half = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    scale = 1 + z**2 / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _reason(samples: int, accuracy: float | None, policy: Policy, threshold: float) -> str:
    within = f"in {policy.window_days} days"
    if accuracy is None or samples < policy.minimum_samples:
        return (
            f"{samples} rated forecasts {within} are too few to conclude anything, "
            f"{policy.minimum_samples} are needed"
        )
    low, high = wilson(accuracy, samples)
    found = f"live accuracy {accuracy:.4f} [{low:.4f}, {high:.4f}] of {samples} rated forecasts {within}"
    if accuracy >= threshold:
        return f"{found} is not below {threshold:g}"
    unsure = ", though the interval reaches it" if high >= threshold else ""
    return f"{found} is below {threshold:g}{unsure}"
