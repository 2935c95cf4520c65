"""The Phase 3 model, fitted: Phase 2 joined by collaborative filtering, with two faces.

    what ranks     score = clip01( (1 - w) * Phase 2's + w * collaborative ),  w = collaborative_weight
                   collaborative = (1 - s) * EASE + s * liked next, each over [0, 1],  s = sequence_weight
    what predicts  rating = the rating process, calibrated; the decision says what is answered

The two ask for different things: what a user will watch and like, and how much a movie will be liked once it
is watched. One number for both is good at neither.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.decision import Decision, decide
from pipeline.ease import ease_weights
from pipeline.fitted import Decided
from pipeline.histories import recent
from pipeline.hyperparameters import Phase2, Phase3
from pipeline.kept import once_per_training_set
from pipeline.kernels import Csr, compiled, csr
from pipeline.metrics import HeldOut
from pipeline.parameters import parameters
from pipeline.phase2 import FittedPhase2
from pipeline.rating_pairs import ratings_of
from pipeline.rating_process import RatingProcess, Variances, fit_rating_process
from pipeline.sequences import next_weights
from pipeline.threads import one_thread

# Scores that differ by less than this share of themselves are equal: float32 knows no better.
ROUNDING = np.float32(1e-6)
# Blocks of scores that are kept: those of three models for two training sets of a thousand users.
KEPT_BLOCKS = 66
TINY = np.float32(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class ItemItem:
    """Scores as sums over a user's history: history @ weights."""

    history: sparse.csr_array  # (n_users, n_movies) float32, recent ratings weigh most
    weights: NDArray[np.float32]  # (n_movies, n_movies) how much the row speaks for the column

    def block(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Score all movies for some users: (len(users), n_movies) over [0, 1]; 0 without a history.

        The last blocks are kept, and so not to be written to.
        """
        return _block(self.spread, users.tobytes(), users.dtype.str)

    def spread(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Add up histories and stretch each user's scores over [0, 1]; equal ones are 0."""
        kernels, scores = compiled(len(users) * len(self.weights)), self._product(users)
        lowest, highest = scores.min(axis=1), scores.max(axis=1)
        width = highest - lowest
        divisor = np.maximum(width, TINY)
        if kernels is None:
            scores -= lowest[:, None]
            scores /= divisor[:, None]
        else:
            kernels.stretch(scores, lowest, divisor)
        scores[width <= ROUNDING * highest] = 0
        return scores

    def _product(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Multiply histories with weights: (len(users), n_movies)."""
        kernels = compiled(len(users) * len(self.weights))
        if kernels is None:
            return np.asarray(self.history[users] @ self.weights)
        return np.asarray(kernels.history_product(users, self._history, self.weights))

    @cached_property
    def _history(self) -> Csr:
        return csr(self.history)


@lru_cache(maxsize=KEPT_BLOCKS)
def _block(
    score: Callable[[NDArray[np.integer]], NDArray[np.float32]], users: bytes, kind: str
) -> NDArray[np.float32]:
    """Score a block of users by a method of a model, once for all trials that do not touch the model."""
    scores = score(np.frombuffer(users, dtype=kind))
    scores.setflags(write=False)
    return scores


@dataclass(frozen=True, eq=False)
class FittedPhase3(FittedPhase2):
    """The hybrid and two item-item models rank; the rating process predicts."""

    hyperparameters: Phase3
    ease: ItemItem
    sequence: ItemItem
    rating: RatingProcess
    decision: Decision

    @classmethod
    def fit(cls, used: Phase3, dataset: Dataset, train: NDArray[np.bool_]) -> Self:  # type: ignore[override] # fits its own settings
        """Fit the hybrid, what ranks beside it, what predicts, and what is answered."""
        with one_thread():
            half_life, penalty = used.collaborative_half_life, used.collaborative_regularization
            variances = Variances.of(used)
            hybrid = _hybrid(dataset, train, _as_phase2(used))
            fitted = cls(
                used,
                **_parts_of(hybrid),
                ease=_ease(dataset, train, half_life, penalty),
                sequence=_sequence(dataset, train, used.sequence_half_life, used.popularity_discount),
                rating=fit_rating_process(dataset, train, variances)[0],
                decision=_decision(dataset, train, variances, used.calibration),
            )
        # Trials that do not touch the hybrid share one, and what it has lined up.
        fitted.__dict__["hybrid"] = hybrid
        return fitted

    @cached_property
    def hybrid(self) -> FittedPhase2:
        """The Phase 2 model that this one is made with."""
        return FittedPhase2(_as_phase2(self.hyperparameters), **_parts_of(self))

    def sums(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Add up all parts: (len(users), n_movies), not clipped; the hybrid's for a user without ratings."""
        parts, models = zip(*self._collaborative.values(), strict=True)
        hybrid = _block(self.hybrid.sums, users.tobytes(), users.dtype.str)
        blocks = tuple(model.block(users) for model in models)
        return _mixed(hybrid, blocks, tuple(map(np.float32, parts)), self._shares(users))

    def rating_block(self, users: NDArray[np.integer], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict ratings of all movies by some users: (len(users), n_movies) in [0, 1]."""
        with one_thread():
            return self.rating.block(users)

    def ratings_of(self, part: HeldOut) -> NDArray[np.float32]:
        """Predict n held-out ratings as `rating_block` does: (n,)."""
        with one_thread():
            return ratings_of(self.rating, part)

    def decided(self, predicted: NDArray[np.float64]) -> Decided:
        """Calibrate predicted ratings, and answer them."""
        mean = self.decision.mean(predicted)
        return Decided(mean, self.decision.answer(mean))

    def parts(self, users: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
        """Break scores down: name of the part to (len(users), n_movies); their sum, clipped, is the score."""
        share = self._shares(users).astype(np.float64)
        hybrid = {name: (1 - share) * part for name, part in super().parts(users).items()}
        return hybrid | {
            name: share * part * model.block(users) for name, (part, model) in self._collaborative.items()
        }

    @property
    def _collaborative(self) -> dict[str, tuple[float, ItemItem]]:
        """Name the two models with their shares."""
        next_share = self.hyperparameters.sequence_weight
        return {"liked_together": (1 - next_share, self.ease), "liked_next": (next_share, self.sequence)}

    def _shares(self, users: NDArray[np.integer]) -> NDArray[np.float32]:
        """Share of the collaborative part for each user: (len(users), 1), 0 where there is no history."""
        known = np.diff(self.features.ratings.indptr)[users] > 0
        return np.where(known, self.hyperparameters.collaborative_weight, 0).astype(np.float32)[:, None]


def _mixed(
    hybrid: NDArray[np.float32],
    models: tuple[NDArray[np.float32], ...],
    parts: tuple[np.float32, ...],
    share: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Mix scores with those of two models, weighed by parts: (n_users, n_movies), with share (n_users, 1)."""
    kernels = compiled(hybrid.size)
    if kernels is not None:
        return np.asarray(kernels.mixed_scores(hybrid, models, parts, share))
    one, other = (part * model for part, model in zip(parts, models, strict=True))
    one += other
    mixed: NDArray[np.float32] = hybrid * (1 - share)
    mixed += np.multiply(one, share, out=one)
    return mixed


@once_per_training_set
def _ease(dataset: Dataset, train: NDArray[np.bool_], half_life: float, penalty: float) -> ItemItem:
    history = recent(dataset, train, half_life, only_liked=True)
    return ItemItem(history, ease_weights(dataset, train, penalty))


@once_per_training_set
def _sequence(dataset: Dataset, train: NDArray[np.bool_], half_life: float, discount: float) -> ItemItem:
    history = recent(dataset, train, half_life, only_liked=False)
    return ItemItem(history, next_weights(dataset, train, half_life, discount))


@once_per_training_set
def _decision(dataset: Dataset, train: NDArray[np.bool_], variances: Variances, calibration: str) -> Decision:
    foretold = fit_rating_process(dataset, train, variances)[1]
    return decide(calibration, foretold.predicted, foretold.y)


@once_per_training_set
def _hybrid(dataset: Dataset, train: NDArray[np.bool_], used: Phase2) -> FittedPhase2:
    """Fit Phase 2, once for all trials that do not touch it."""
    return FittedPhase2.fit(used, dataset, train)


def _as_phase2(used: Phase3) -> Phase2:
    return Phase2(**{name: getattr(used, name) for name in parameters(Phase2)})


def _parts_of(hybrid: FittedPhase2) -> dict[str, Any]:
    """Name what a Phase 2 model is made of beside its hyperparameters."""
    names = [f.name for f in dataclasses.fields(FittedPhase2) if f.name != "hyperparameters"]
    return {name: getattr(hybrid, name) for name in names}
