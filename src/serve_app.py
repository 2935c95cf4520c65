"""Serve the active version: recommendations, ratings, versions and tests over HTTP.

python src/serve_app.py                                 on http://127.0.0.1:8000, changes off
REELTUNE_TOKEN=… python src/serve_app.py serve.port=0   changes need the token; any free port
"""

import hydra
from omegaconf import DictConfig

from sweep.command import command_line
from sweep.command.serve_command import SERVE
from sweep.command.whitelist import EXECUTION_WHITELIST


@hydra.main(config_path="../conf", config_name="serve", execution_whitelist=EXECUTION_WHITELIST)
def serve(config: DictConfig) -> None:
    """Serve as a composed config asks for, until it is stopped."""
    from sweep.command.serve_settings import read_serve_settings  # noqa: PLC0415 - composing alone needs no arrays
    from sweep.command.serving import serve_until_stopped  # noqa: PLC0415

    serve_until_stopped(read_serve_settings(config))


if __name__ == "__main__":
    command_line.run(serve, SERVE)
