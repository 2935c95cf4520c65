"""The Phase 3 model, fitted."""

from dataclasses import dataclass

from pipeline.hyperparameters import Phase3
from pipeline.phase2 import FittedPhase2


@dataclass(frozen=True, eq=False)
class FittedPhase3(FittedPhase2):
    """Phase 2 joined by collaborative filtering."""

    hyperparameters: Phase3
