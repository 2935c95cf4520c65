"""The recipe of a model (`Recommender`) and how each model is fitted: a fourth is added to `FITTED` here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import artifact
from pipeline.dataset import Dataset
from pipeline.fitted import FittedRecommender
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.phase1 import FittedPhase1
from pipeline.phase2 import FittedPhase2
from pipeline.phase3 import FittedPhase3

# A model's name to what its settings (`MODELS`, where the record gets its columns) make of ratings.
FITTED: dict[str, type[FittedRecommender]] = {
    "phase1": FittedPhase1,
    "phase2": FittedPhase2,
    "phase3": FittedPhase3,
}


@dataclass(frozen=True)
class Recommender:
    """What to learn, before any rating was seen."""

    hyperparameters: Phase1

    @property
    def model(self) -> str:
        """The name of the model that these hyperparameters are of."""
        return next(name for name, settings in MODELS.items() if settings is type(self.hyperparameters))

    def fit(self, dataset: Dataset, train: NDArray[np.bool_]) -> FittedRecommender:
        """Learn from the training ratings alone.

        Args:
            dataset: the data.
            train: (n_ratings,) mask of the ratings to learn from.

        """
        return FITTED[self.model].fit(self.hyperparameters.normalised(), dataset, train)


def load_recommender(path: Path) -> FittedRecommender:
    """Read a model that `save` wrote; it scores exactly as the saved one.

    Raises:
        InvalidInput: in one line, where the file is another one or damaged.

    """
    return artifact.load(path, FITTED)
