"""From an experiment to the version that answers users: reviewed, gated, activated, rolled back.

python src/deploy_app.py experiment=best dry_run=true             what would change, and what the gate says
python src/deploy_app.py hyperparameters='{genre_weight: 0.42}'   values typed, the others as composed
python src/deploy_app.py action=rollback                          back to the version before
"""

import hydra
from omegaconf import DictConfig

from sweep.command import command_line
from sweep.command.deploy_command import DEPLOY
from sweep.command.whitelist import EXECUTION_WHITELIST


@hydra.main(config_path="../conf", config_name="deploy", execution_whitelist=EXECUTION_WHITELIST)
def deploy(config: DictConfig) -> None:
    """Do what a composed config asks for."""
    from sweep.command.deploy_settings import read_deploy_settings  # noqa: PLC0415 - composing alone needs no arrays
    from sweep.command.deploying import act  # noqa: PLC0415

    act(read_deploy_settings(config))


if __name__ == "__main__":
    command_line.run(deploy, DEPLOY)
