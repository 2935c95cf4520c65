"""What a whole search allows to say: comparisons made together, the noise floor, two protocols compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.intervals import paired_differences
from pipeline.metrics import PerUser

# Resamples that tell the width of an interval; small p-values, which ask for more, are not looked at.
WIDTHS = 1999


@dataclass(frozen=True)
class NoiseFloor:
    """How small a difference between two configurations of a search its users can tell."""

    smallest_difference: float | None  # in units of the metric; None where all measure the same as the winner
    n_compared: int  # configurations beside the winner
    n_indistinguishable: int  # of them not distinguishable from the winner


@dataclass(frozen=True)
class Agreement:
    """How alike two ways to measure order the same configurations."""

    tau: float | None  # Kendall's tau-b in [-1, 1]; None where one of them finds all equally good
    same_winner: bool  # one configuration is the best, or among the best that tie, in both
    n_configurations: int


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values of comparisons made together, so that each may be held against 5% (Holm 1979).

    The smallest of n is multiplied by n, the next by n - 1 and so on, and none ends below one before it.

    Args:
        p_values: (n,) in any order.

    Returns:
        (n,) in the same order, at most 1; empty for none.

    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    adjusted = np.empty_like(raw)
    adjusted[order] = np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1))
    return np.minimum(adjusted, 1.0)


def noise_floor(
    configurations: Sequence[PerUser], winner: int, metric: str, seed: int = 0
) -> NoiseFloor | None:
    """Find the smallest difference that these users can tell, and who is within it of the winner.

    It is the median half-width of the 95% intervals of what the winner is ahead of each other configuration:
    a typical one has to be this far behind to be told apart. Configurations that measure the same as the
    winner for every user have no interval; they count as not distinguishable. On the users that picked the
    winner its lead is partly luck, so that more configurations than counted may be as good.

    Args:
        configurations: all that were measured, the winner among them.
        winner: its place among them.
        metric: accuracy, balanced_accuracy or ndcg.
        seed: of the resampling.

    Returns:
        None where the winner is alone.

    """
    others = [one for place, one in enumerate(configurations) if place != winner]
    if not others:
        return None
    behind = paired_differences(others, configurations[winner], metric, seed, WIDTHS)
    widths = [one.high - one.low for one in behind if one.high > one.low]
    return NoiseFloor(
        smallest_difference=float(np.median(widths)) / 2 if widths else None,
        n_compared=len(others),
        n_indistinguishable=sum(one.verdict == "not distinguishable" for one in behind),
    )


def agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """Compare the order that two protocols, such as two splits, bring the same configurations into.

    Args:
        first: what was maximised, of each configuration under one protocol.
        second: the same configurations under the other.

    Returns:
        None for fewer than two configurations, which have no order.

    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError(f"the same configurations are needed under both, got {len(one)} and {len(other)}")
    if len(one) < 2:
        return None
    from scipy import stats  # noqa: PLC0415 - takes longer to import than most reports take

    ordered = np.ptp(one) > 0 and np.ptp(other) > 0
    return Agreement(
        # tau-b counts a pair that ties under one protocol for neither side (Kendall 1945).
        tau=float(stats.kendalltau(one, other).statistic) if ordered else None,
        same_winner=bool(((one == one.max()) & (other == other.max())).any()),
        n_configurations=len(one),
    )
