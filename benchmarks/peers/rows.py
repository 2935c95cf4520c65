"""What the table says of each peer, always measured by today's code."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peers.peer import Answer, Peer, measured
from peers.tuning import Tuned
from pipeline.evaluation import Problem
from pipeline.metrics import HeldOut, Measurement
from pipeline.resampling import resamples

# Metrics that choose a configuration, as they are called in text.
NAMES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "rmse": "RMSE", "ndcg": "NDCG@10"}
RESAMPLES = 999


@dataclass(frozen=True, eq=False)
class Row:
    """One peer on test; a metric that it does not have is None."""

    peer: Peer
    tuned: Tuned
    measured: Measurement
    snapped: dict[str, float | None]  # metrics of the predictions moved to the star grid
    margins: dict[str, float]  # metric to half the width of its 95% interval over users
    stars: float  # the scale's maximum

    def metric(self, name: str) -> float | None:
        return self.measured.metrics[name]


def row_of(peer: Peer, tuned: Tuned, problem: Problem) -> Row:
    part, given = problem.test, tuned.test
    found = measured(given, part)
    return Row(
        peer=peer,
        tuned=tuned,
        measured=found,
        snapped=measured(Answer(snapped(given.answered, problem), None), part).metrics,
        margins=margins(given, found, part),
        stars=part.stars,
    )


def snapped(answered: NDArray[np.float64] | None, problem: Problem) -> NDArray[np.float64] | None:
    """Move each answer to the nearest rating that the scale has, upwards from the middle: (n,)."""
    if answered is None:
        return None
    grid = np.unique(problem.dataset.ratings)
    return grid[np.searchsorted((grid[1:] + grid[:-1]) / 2, answered, side="right")]


def margins(given: Answer, found: Measurement, part: HeldOut) -> dict[str, float]:
    """Take half the width of 95% intervals over users, who are resampled whole."""
    drawn = np.concatenate(list(resamples(part.n_users, RESAMPLES, seed=0)))
    per_user, widths = found.per_user, {}
    if given.predicted is not None:
        ratings = per_user.ratings.sum(axis=1)
        squares = (given.predicted - part.ratings) ** 2 * part.stars**2
        error = np.bincount(part.users, squares, part.n_users)
        widths["accuracy"] = half_width(share(drawn, per_user.hits.sum(axis=1), ratings))
        widths["rmse"] = half_width(np.sqrt(share(drawn, error, ratings)))
    if found.metrics["ndcg"] is not None:
        counted = ~np.isnan(per_user.ndcg)
        widths["ndcg"] = half_width(share(drawn, np.nan_to_num(per_user.ndcg), counted))
    return widths


def share(drawn: NDArray[np.float64], gains: NDArray[np.generic], sizes: NDArray[np.generic]) -> NDArray:
    """Divide sums over the users of each resample: (n_resamples,), NaN where none of them counts."""
    gained, size = drawn @ gains.astype(float), drawn @ sizes.astype(float)
    return np.divide(gained, size, out=np.full(len(drawn), np.nan), where=size > 0)


def half_width(values: NDArray[np.float64]) -> float:
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(high - low) / 2


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
