"""How the service is to run, read from conf/serve.yaml as it is composed, and from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from omegaconf import DictConfig

from deployment.revalidation import Policy
from pipeline.parameters import InvalidInput, near, read
from service.settings import TOKEN, Serve, is_loopback
from sweep.sections import checked_url_of, collected, plain, section_of

SECTIONS = ("serve", "revalidation", "db")


@dataclass(frozen=True)
class ServeSettings:
    """One composed config of serve_app, read."""

    serve: Serve
    revalidation: Policy
    db_url: str
    token: str | None  # that changes need; None turns them off


def read_serve_settings(config: DictConfig) -> ServeSettings:
    """Read a composed config, without its hydra node, and the token.

    Raises:
        InvalidInput: with every problem of every section, each under its dotted key.

    """
    values = plain(config)
    problems = [f"{key} does not exist{near(key, SECTIONS)}" for key in values if key not in SECTIONS]
    token = os.environ.get(TOKEN, "").strip() or None
    serve = collected(problems, _checked_serve, values, token)
    policy = collected(problems, lambda: read(Policy, section_of(values, "revalidation"), "revalidation."))
    url = collected(problems, checked_url_of, values)
    if problems or serve is None or policy is None or url is None:
        raise InvalidInput(problems)
    return ServeSettings(serve, policy, url, token)


def _checked_serve(values: Mapping[str, Any], token: str | None) -> Serve:
    serve = read(Serve, section_of(values, "serve"), "serve.")
    if not is_loopback(serve.host) and token is None:
        raise InvalidInput(
            f"serve.host must be 127.0.0.1 while {TOKEN} is not set, as others would reach {serve.host}"
        )
    return serve
