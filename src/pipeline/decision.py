"""From a predicted rating to what is answered, fitted on training ratings that were foretold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.fitted import DIGITS
from pipeline.metrics import TOLERANCE

# Fewer foretold ratings than this teach nothing: predictions stay as they are.
FEWEST = 100
# Predictions that are asked for the best answer, evenly over [0, 1].
GRID = np.linspace(0, 1, 1001)
# Degree of the polynomial that says how likely each answer is.
DEGREE = 3


@dataclass(frozen=True, eq=False)
class Decision:
    """A mean calibrated by interpolation, and steps from it to an answer; empty where nothing is changed."""

    predicted: NDArray[np.float64]  # (k,) ascending
    calibrated: NDArray[np.float64]  # (k,) mean of the ratings predicted so
    cuts: NDArray[np.float64]  # (m - 1,) calibrated means between which one answer holds
    answers: NDArray[np.float64]  # (m,)

    def mean(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrate predicted ratings: (n,) in [0, 1]."""
        if not len(self.predicted):
            return predicted
        return np.clip(np.interp(predicted, self.predicted, self.calibrated), 0, 1)

    def answer(self, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """Answer calibrated means: (n,)."""
        return self.answers[np.searchsorted(self.cuts, mean)] if len(self.answers) else mean


NOTHING = np.empty(0)


def decide(calibration: str, predicted: NDArray[np.float64], y: NDArray[np.float64]) -> Decision:
    """Fit a decision.

    none: predictions are answers. linear: the mean is a line of them. isotonic: it never falls with them,
    and is else free (Barlow et al. 1972). tolerance: calibrated by a line, then the rating level that is most
    likely to lie within 0.2 is answered, which is the best answer for accuracy, as the mean is for the
    squared error (Gneiting 2011).

    Args:
        calibration: none, linear, isotonic or tolerance.
        predicted: (n,) ratings predicted without the ratings themselves.
        y: (n,) the ratings.

    """
    if calibration == "none" or len(y) < FEWEST:
        return Decision(NOTHING, NOTHING, NOTHING, NOTHING)
    if calibration == "isotonic":
        return Decision(*_isotonic(predicted, y), NOTHING, NOTHING)
    slope, intercept = np.polyfit(predicted, y, 1) if np.ptp(predicted) > 10**-DIGITS else (0.0, y.mean())
    line = np.array([0.0, 1.0]), np.array([intercept, intercept + slope])
    if calibration == "linear":
        return Decision(*line, NOTHING, NOTHING)
    return Decision(*line, *_steps(np.interp(predicted, *line), y))


def _isotonic(
    predicted: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take the first and the last prediction of each level stretch as knots; between them a line leads on.

    Equal predictions have one mean, whatever the order of their ratings.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - takes longer to import than a trial takes

    x, place, counts = np.unique(predicted.round(DIGITS), return_inverse=True, return_counts=True)
    means = isotonic_regression(np.bincount(place, y) / counts, weights=counts).x
    edge = np.flatnonzero(np.diff(means, prepend=-1.0, append=2.0))
    ends = np.unique(np.concatenate((edge[:-1], edge[1:] - 1)))
    return x[ends], means[ends]


def _steps(
    mean: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find for each mean the rating level most often within the tolerance: cuts (m - 1,) and answers (m,).

    Beyond the means that were seen the answer is the one at their end: there a polynomial knows nothing.
    """
    levels = _worth_answering(np.unique(y))
    within = (np.abs(y[:, None] - levels) <= TOLERANCE).astype(float)
    # Centered, for the powers of a number between 0 and 1 are nearly one.
    fitted, *_ = np.linalg.lstsq(np.vander(mean - 0.5, DEGREE + 1), within, rcond=None)
    seen = np.clip(GRID, mean.min(), mean.max())
    best = (np.vander(seen - 0.5, DEGREE + 1) @ fitted).argmax(axis=1)
    change = np.flatnonzero(np.diff(best))
    return (GRID[change] + GRID[change + 1]) / 2, levels[best[np.append(change, len(best) - 1)]]


def _worth_answering(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out answers that are close to nothing but what another answer is close to, and to less of it.

    On a scale of five whole stars these are one and five: two is close to whatever one is, and to three.
    """
    close = np.abs(levels[:, None] - levels) <= TOLERANCE
    shared = close.astype(int) @ close.T
    sizes = close.sum(axis=1)
    covered = (shared == sizes[:, None]) & (sizes[:, None] < sizes)
    kept: NDArray[np.float64] = levels[~covered.any(axis=1)]
    return kept
