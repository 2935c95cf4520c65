"""Tune the recommender: each composed config is one trial, measured on real ratings and recorded.

python src/tune_app.py                      one trial of the shipped configuration
python src/tune_app.py -m search=grid       a search; also random, bayesian
python src/tune_app.py model.genre_weight=0.42
"""

import hydra
from omegaconf import DictConfig

from sweep import resolvers
from sweep.command import command_line
from sweep.command.tune_command import TUNE
from sweep.command.whitelist import EXECUTION_WHITELIST

resolvers.register()


@hydra.main(config_path="../conf", config_name="config", execution_whitelist=EXECUTION_WHITELIST)
def tune(config: DictConfig) -> float:
    """Run one trial and return its objective, higher is better."""
    from sweep.runs.trial import run_trial  # noqa: PLC0415 - composing alone needs no arrays

    return run_trial(config)


if __name__ == "__main__":
    command_line.run(tune, TUNE)
