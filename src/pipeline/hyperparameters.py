"""The hyperparameters of each model: the one home of their names, types, bounds, defaults and meanings."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from pipeline.parameters import parameter

COMPONENT_WEIGHTS = ("genre_weight", "cast_weight", "franchise_weight", "rating_weight", "popularity_weight")
POPULARITY_WEIGHTS = ("popularity_rating_weight", "popularity_count_weight")
WEIGHT_GROUPS = (COMPONENT_WEIGHTS, POPULARITY_WEIGHTS)
# What decides no score, and so no metric.
POLICY = ("accuracy_threshold",)


@dataclass(frozen=True, kw_only=True)
class Phase1:
    """The hybrid score of genres, cast, franchise, the user's own ratings and popularity."""

    genre_weight: float = parameter(0.40, "share of genre similarity in the score", low=0, high=1)
    cast_weight: float = parameter(0.15, "share of cast similarity in the score", low=0, high=1)
    franchise_weight: float = parameter(0.05, "share of franchise similarity in the score", low=0, high=1)
    rating_weight: float = parameter(0.30, "share of the user's own rating level in the score", low=0, high=1)
    popularity_weight: float = parameter(0.10, "share of popularity in the score", low=0, high=1)

    genre_boost_high: float = parameter(
        0.15, "added where genre similarity is above genre_threshold_high", low=-1, high=1
    )
    genre_boost_medium: float = parameter(
        0.10, "added where genre similarity is above genre_threshold_medium only", low=-1, high=1
    )
    genre_boost_low: float = parameter(
        -0.20, "added where genre similarity is below genre_threshold_low", low=-1, high=1
    )
    genre_threshold_high: float = parameter(
        0.7, "genre similarity above which the high boost applies", low=0, high=1
    )
    genre_threshold_medium: float = parameter(
        0.5, "genre similarity above which the medium boost applies", low=0, high=1
    )
    genre_threshold_low: float = parameter(
        0.3, "genre similarity below which the low boost applies", low=0, high=1
    )

    cast_lead_weight: float = parameter(
        1.0, "weight of a lead role on both sides of the overlap", low=0, high=1
    )
    cast_supporting_weight: float = parameter(
        0.7, "weight of a supporting role on both sides of the overlap", low=0, high=1
    )
    cast_background_weight: float = parameter(
        0.3, "weight of a background role on both sides of the overlap", low=0, high=1
    )
    cast_lead_threshold: int = parameter(
        5, "billing positions 0, 1, … below this are leads", low=0, high=1000
    )
    cast_supporting_threshold: int = parameter(
        15, "billing positions below this and not lead are supporting", low=0, high=1000
    )

    popularity_rating_weight: float = parameter(
        0.7, "share of the damped mean rating in popularity", low=0, high=1
    )
    popularity_count_weight: float = parameter(
        0.3, "share of the logarithmic rating count in popularity", low=0, high=1
    )

    accuracy_threshold: float = parameter(
        0.65, "policy: validation accuracy a configuration needs to be deployed; not tuned", low=0, high=1
    )

    def conflicts(self) -> Iterator[str]:
        """Name every rule between hyperparameters that does not hold."""
        if not self.genre_threshold_low <= self.genre_threshold_medium:
            yield (
                "genre_threshold_low must be at most genre_threshold_medium "
                f"({self.genre_threshold_medium}), got {self.genre_threshold_low}"
            )
        if not self.genre_threshold_medium <= self.genre_threshold_high:
            yield (
                "genre_threshold_medium must be at most genre_threshold_high "
                f"({self.genre_threshold_high}), got {self.genre_threshold_medium}"
            )
        if not self.cast_lead_threshold <= self.cast_supporting_threshold:
            yield (
                "cast_lead_threshold must be at most cast_supporting_threshold "
                f"({self.cast_supporting_threshold}), got {self.cast_lead_threshold}"
            )
        for group in WEIGHT_GROUPS:
            if sum(getattr(self, name) for name in group) <= 0:
                yield f"{group[0]} must be above 0 where {', '.join(group[1:])} are all 0, got 0"

    def normalised(self) -> Self:
        """Return what the model uses: component weights and popularity weights that each sum to 1."""
        shares: dict[str, Any] = {}
        # Weights that sum to 1 already stay as they were written, to the last digit.
        for group in WEIGHT_GROUPS:
            total = sum(getattr(self, name) for name in group)
            if abs(total - 1) > 1e-9:
                shares |= {name: getattr(self, name) / total for name in group}
        return dataclasses.replace(self, **shares)


@dataclass(frozen=True, kw_only=True)
class Phase2(Phase1):
    """Phase 1, and what a user thinks of each genre, how deep into a franchise, and a predicted rating."""

    user_preference_weight: float = parameter(
        0.10, "added for a movie of genres that the user rates a star above the own mean", low=0, high=1
    )
    preference_half_life_days: float = parameter(
        365.0, "days after which a rating counts half in the user's preferences", low=1, high=10_000
    )
    franchise_depth_scale: float = parameter(
        1.0, "most that a franchise of many well rated films counts, in single films", low=1, high=5
    )
    rating_prediction_weight: float = parameter(
        0.10, "share of the predicted rating in the score; the rest is the hybrid's", low=0, high=1
    )
    rating_prediction_alpha: float = parameter(
        10.0, "strength of the penalty in the rating prediction, in ratings", low=0.1, high=10_000
    )


MODELS: dict[str, type[Phase1]] = {"phase1": Phase1, "phase2": Phase2}
