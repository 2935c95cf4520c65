"""Does a hyperparameter earn its place? What its moves say, and why one stays that does little."""

from collections.abc import Iterator, Mapping, Sequence

from moves import TOLD, Move, Surroundings
from pipeline.hyperparameters import MODELS
from pipeline.parameters import nearest, parameters

GAINS, COSTS, WITHIN_NOISE, DEAD, NOT_MOVED = "gains", "only costs", "within noise", "dead", "not moved"

# Casts and franchises of MovieLens-100K as it is shipped: RUCAIBox/RecSysDatasets, issue 130.
CAST = "for data with true casts in billing order; here most movies have another film's, in no order"
FRANCHISE = "for data with true franchises; here most movies have another film's"
# Phase 3 is shipped where a search on this validation put it, so that moves away from there cost.
SHIPPED = "shipped at what validation found: without it, or far from there, it costs"
RMSE_ALONE = "lowers RMSE, which is shown here and judges nothing"
# Why a hyperparameter stays that gains nothing on this data, and what to know of one that gains.
REASONS = {
    "cast_weight": f"gains where it is turned down; {CAST}",
    "franchise_weight": FRANCHISE,
    "cast_lead_weight": CAST,
    "cast_supporting_weight": CAST,
    "cast_background_weight": CAST,
    "cast_lead_threshold": CAST,
    "cast_supporting_threshold": CAST,
    "accuracy_threshold": "policy, the gate of a deployment; decides no score",
    "user_preference_weight": "the one addend with which a dislike takes away",
    "preference_half_life_days": "for longer histories; here two of three users rated all within a day",
    "franchise_depth_scale": FRANCHISE,
    "rating_prediction_alpha": "the penalty of a regression; here 1 to 10 do the same and 100 is too much",
    "collaborative_weight": SHIPPED,
    "collaborative_regularization": SHIPPED,
    "collaborative_half_life": "for users whose taste moves; here two of three rated all within a day",
    "sequence_weight": SHIPPED,
    "sequence_half_life": SHIPPED,
    "popularity_discount": SHIPPED,
    "taste_level_variance": "how soon a user's own level is believed; here all have a dozen ratings or more",
    "taste_genre_variance": SHIPPED,
    "taste_era_variance": RMSE_ALONE,
    "taste_neighbour_variance": SHIPPED,
    "taste_drift_variance": RMSE_ALONE,
    "taste_drift_half_life": "how far back a wandering level looks; nothing else says it",
    "movie_level_variance": "how soon a movie's own level is believed; decides for new movies",
    "movie_neighbour_variance": RMSE_ALONE,
    "pattern_weight": SHIPPED,
    "calibration": SHIPPED,
}

Models = Mapping[str, Sequence[Surroundings]]


def verdict(name: str, studied: Sequence[Surroundings]) -> str:
    """Sum up what a hyperparameter does about all configurations of a model."""
    moves = [move for one in studied for move in one.moves if move.name == name]
    if not moves:
        return NOT_MOVED
    gained = [title for metric, title in TOLD.items() if any(told(name, studied, metric, 1))]
    if gained:
        return f"{GAINS} {' and '.join(gained)}"
    if any(any(told(name, studied, metric, -1)) for metric in TOLD):
        return COSTS
    return DEAD if all(move.effect.is_none for move in moves) else WITHIN_NOISE


def told(name: str, studied: Sequence[Surroundings], metric: str, sign: int) -> Iterator[Move]:
    """Find the moves up or down that users can tell, where the configuration is judged by the metric.

    About a configuration that is tuned for something else any other level of all scores moves accuracy.
    """
    for one in studied:
        moves = one.moves if metric in one.aims else ()
        for move in moves:
            if move.name == name and metric in move.told and (change_of(move, metric) or 0) * sign > 0:
                yield move


def change_of(move: Move, metric: str) -> float | None:
    changes = {"accuracy": move.effect.accuracy, "ndcg": move.effect.ndcg, "rmse": move.effect.rmse}
    return changes[metric]


def reason(name: str, model: str, models: Models, reasons: Mapping[str, str] = REASONS) -> str | None:
    """Say why a hyperparameter stays: what is written down, or the model in which it gains.

    Returns:
        empty where it gains in this model and nothing is written down; None where no reason is known.

    """
    gaining = [other for other in models if name in parameters(MODELS[other])]
    gaining = [other for other in gaining if verdict(name, models[other]).startswith(GAINS)]
    if name in reasons:
        return reasons[name]
    if model in gaining:
        return ""
    return f"gains in model={gaining[0]}" if gaining else None


def unexplained(models: Models, reasons: Mapping[str, str] = REASONS) -> Iterator[str]:
    """Name each hyperparameter that gains nothing and has no reason to stay."""
    for model, studied in models.items():
        for name in parameters(MODELS[model]):
            if reason(name, model, models, reasons) is None:
                yield f"{name} ({verdict(name, studied)} in {model})"


def misnamed(reasons: Mapping[str, str] = REASONS) -> Iterator[str]:
    """Name the reasons of what does not exist."""
    known = {name for kind in MODELS.values() for name in parameters(kind)}
    for name in reasons:
        if name not in known:
            yield f"{name} does not exist{nearest(name, known)}"
