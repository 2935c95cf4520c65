"""A Hydra application of our config tree whose trials do nothing: what Hydra itself costs.

python benchmarks/noop_app.py -m hydra/sweeper=basic hydra/launcher=basic model.genre_weight=0.1,0.2
"""

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from sweep import resolvers
from sweep.command.whitelist import EXECUTION_WHITELIST

resolvers.register()


@hydra.main(config_path="../conf", config_name="config", execution_whitelist=EXECUTION_WHITELIST)
def nothing(config: DictConfig) -> float:
    return 0.0


if __name__ == "__main__":
    nothing()
