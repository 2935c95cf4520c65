"""The hyperparameters of each model: the one home of their names, types, bounds, defaults and meanings."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from pipeline.parameters import parameter

COMPONENT_WEIGHTS = ("genre_weight", "cast_weight", "franchise_weight", "rating_weight", "popularity_weight")
POPULARITY_WEIGHTS = ("popularity_rating_weight", "popularity_count_weight")
WEIGHT_GROUPS = (COMPONENT_WEIGHTS, POPULARITY_WEIGHTS)
# What decides no score, and so no metric.
POLICY = ("accuracy_threshold",)


@dataclass(frozen=True, kw_only=True)
class Phase1:
    """The hybrid score of genres, cast, franchise, the user's own ratings and popularity."""

    genre_weight: float = parameter(
        0.40, "share of genre similarity in the score", low=0, high=1, needs=("genres",)
    )
    cast_weight: float = parameter(
        0.15, "share of cast similarity in the score", low=0, high=1, needs=("casts",)
    )
    franchise_weight: float = parameter(
        0.05, "share of franchise similarity in the score", low=0, high=1, needs=("franchises",)
    )
    rating_weight: float = parameter(0.30, "share of the user's own rating level in the score", low=0, high=1)
    popularity_weight: float = parameter(0.10, "share of popularity in the score", low=0, high=1)

    genre_boost_high: float = parameter(
        0.15, "added where genre similarity is above genre_threshold_high", low=-1, high=1, needs=("genres",)
    )
    genre_boost_medium: float = parameter(
        0.10,
        "added where genre similarity is above genre_threshold_medium only",
        low=-1,
        high=1,
        needs=("genres",),
    )
    genre_boost_low: float = parameter(
        -0.20, "added where genre similarity is below genre_threshold_low", low=-1, high=1, needs=("genres",)
    )
    genre_threshold_high: float = parameter(
        0.7, "genre similarity above which the high boost applies", low=0, high=1, needs=("genres",)
    )
    genre_threshold_medium: float = parameter(
        0.5, "genre similarity above which the medium boost applies", low=0, high=1, needs=("genres",)
    )
    genre_threshold_low: float = parameter(
        0.3, "genre similarity below which the low boost applies", low=0, high=1, needs=("genres",)
    )

    cast_lead_weight: float = parameter(
        1.0, "weight of a lead role on both sides of the overlap", low=0, high=1, needs=("casts",)
    )
    cast_supporting_weight: float = parameter(
        0.7, "weight of a supporting role on both sides of the overlap", low=0, high=1, needs=("casts",)
    )
    cast_background_weight: float = parameter(
        0.3, "weight of a background role on both sides of the overlap", low=0, high=1, needs=("casts",)
    )
    cast_lead_threshold: int = parameter(
        5, "billing positions 0, 1, … below this are leads", low=0, high=1000, needs=("casts",)
    )
    cast_supporting_threshold: int = parameter(
        15, "billing positions below this and not lead are supporting", low=0, high=1000, needs=("casts",)
    )

    popularity_rating_weight: float = parameter(
        0.7, "share of the damped mean rating in popularity", low=0, high=1, needs=("levels",)
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
        0.10,
        "added for a movie of genres that the user rates a star above the own mean",
        low=0,
        high=1,
        needs=("genres", "opinions"),
    )
    preference_half_life_days: float = parameter(
        365.0,
        "days after which a rating counts half in the user's preferences",
        low=1,
        high=10_000,
        needs=("genres", "opinions", "times"),
    )
    franchise_depth_scale: float = parameter(
        1.0,
        "most that a franchise of many well rated films counts, in single films",
        low=1,
        high=5,
        needs=("sequels",),
    )
    rating_prediction_weight: float = parameter(
        0.10, "share of the predicted rating in the score; the rest is the hybrid's", low=0, high=1
    )
    rating_prediction_alpha: float = parameter(
        10.0,
        "strength of the penalty in the rating prediction, in ratings",
        low=0.1,
        high=10_000,
        needs=("levels",),
    )


@dataclass(frozen=True, kw_only=True)
class Phase3(Phase2):
    """Phase 2 joined by collaborative filtering: in what ranks, and alone in what predicts a rating.

    Variances of the rating process are in units of the noise's: at 1 a rating says as much as is believed
    without it.
    """

    collaborative_weight: float = parameter(
        0.95,
        "share of the collaborative part in what ranks; the rest is the hybrid's",
        low=0,
        high=1,
        needs=("likes",),
    )
    collaborative_regularization: float = parameter(
        225.0,
        "ridge penalty of the item-item model (EASE), in liked ratings",
        low=1,
        high=1_000_000,
        needs=("pairs",),
    )
    collaborative_half_life: float = parameter(
        90.0,
        "newer ratings of the user after which a liked one counts half in what ranks",
        low=1,
        high=10_000,
        needs=("pairs", "order"),
    )
    sequence_weight: float = parameter(
        0.50,
        "share of what is liked next in the collaborative part; the rest is EASE's",
        low=0,
        high=1,
        needs=("likes", "order"),
    )
    sequence_half_life: float = parameter(
        14.0,
        "ratings in between after which one follows another half as much",
        low=1,
        high=1000,
        needs=("likes", "order"),
    )
    popularity_discount: float = parameter(
        0.60,
        "power of the movie's rating count that what is liked next is divided by",
        low=0,
        high=1,
        needs=("likes",),
    )

    taste_level_variance: float = parameter(
        0.40,
        "how far users lie from the mean, in variances of the noise",
        low=0.001,
        high=10,
        needs=("levels",),
    )
    taste_genre_variance: float = parameter(
        0.065,
        "how far a user's ratings go with genres, in variances of the noise",
        low=0,
        high=10,
        needs=("levels", "genres"),
    )
    taste_era_variance: float = parameter(
        0.065,
        "how far a user's ratings go with years, in variances of the noise",
        low=0,
        high=10,
        needs=("levels", "years"),
    )
    taste_neighbour_variance: float = parameter(
        0.42,
        "how far a user rates movies alike that the same users rate, in noise variances",
        low=0,
        high=10,
        needs=("levels",),
    )
    taste_drift_variance: float = parameter(
        0.06,
        "how far a user's level wanders over time, in variances of the noise",
        low=0,
        high=10,
        needs=("levels", "order"),
    )
    taste_drift_half_life: float = parameter(
        10.0,
        "ratings over which half of a wandering level is forgotten",
        low=1,
        high=10_000,
        needs=("levels", "order"),
    )
    movie_level_variance: float = parameter(
        0.14,
        "how far movies lie from others of their genres, year and count, in noise variances",
        low=0.001,
        high=10,
        needs=("levels",),
    )
    movie_neighbour_variance: float = parameter(
        0.35,
        "how far users rate a movie alike who rate the same movies, in noise variances",
        low=0,
        high=10,
        needs=("levels",),
    )

    pattern_weight: float = parameter(
        0.9,
        "share of the main patterns in what is foretold wrongly that is believed",
        low=0,
        high=3,
        needs=("levels",),
    )

    calibration: Literal["none", "linear", "isotonic", "tolerance"] = parameter(
        "tolerance",
        "what is answered: the prediction as it is, calibrated by a line or by steps, or the rating most "
        "likely within 0.2",
        choices=("none", "linear", "isotonic", "tolerance"),
        needs=("levels", "foretold"),
    )


MODELS: dict[str, type[Phase1]] = {"phase1": Phase1, "phase2": Phase2, "phase3": Phase3}
