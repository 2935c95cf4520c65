"""reeltune's own models in the same race: tuned for accuracy, tuned for quality, and as they are shipped."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from peers.peer import Faces, Peer, Ratings
from pipeline.hyperparameters import MODELS
from pipeline.provenance import code_version
from pipeline.recommender import Recommender
from presets import Preset, hyperparameters_of, preset
from project import ROOT

OBJECTIVES = ("accuracy", "quality")
# What turns a draw into hyperparameters.
DRAWS = [ROOT / "src" / "sweep" / "searches" / name for name in ("search_space.py", "simplex.py")]


def own_models() -> Iterator[Peer]:
    """Make three peers of every model that there is: tuned for either objective, and as it is shipped."""
    for model in MODELS:
        for objective in OBJECTIVES:
            yield own_model(model, objective)
        tuned = own_model(model, OBJECTIVES[0])
        yield replace(tuned, name=f"{model} (as shipped)", space={}, default={})


def own_model(model: str, objective: str) -> Peer:
    """Tune a model in its space of conf/space, from the values of conf/model."""
    chosen = preset("search=bayesian", f"model={model}", f"objective={objective}")
    ranges = chosen.ranges

    def fit(ratings: Ratings, seed: int, **draw: Any) -> Faces:
        return faces_of(chosen, ratings, draw)

    return Peer(
        f"{model} ({objective})",
        fit,
        chosen.settings.objective.metric,
        space=ranges.distributions,
        default=ranges.current(),
        depends_on=sources(chosen),
    )


def sources(chosen: Preset) -> str:
    """Hash what decides our numbers: the pipeline, what no search touches, how draws become values."""
    code = "".join(path.read_text(encoding="utf-8") for path in DRAWS)
    return hashlib.sha256(f"{code_version()} {chosen.settings.hyperparameters} {code}".encode()).hexdigest()


def faces_of(chosen: Preset, ratings: Ratings, draw: dict[str, Any]) -> Faces:
    # Nothing is drawn for a model as it is shipped.
    overrides = chosen.ranges.overrides(draw) if draw else []
    hyperparameters = hyperparameters_of(chosen.settings, overrides)
    fitted = Recommender(hyperparameters).fit(ratings.dataset, ratings.fit)
    everybody = np.arange(fitted.n_users)
    scores = fitted.score_block(everybody)
    return Faces(scores, fitted.rating_block(everybody, scores), fitted.decided)
