"""Measure a recorded trial again: its folder becomes the command line that composes the same config."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Quote, QuotedString
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from pipeline.parameters import InvalidInput
from project import ROOT

GROUPS = ("data", "split", "model", "objective")
# Where the data is kept is this machine's choice, not the trial's.
NOT_TAKEN = ("data.cache",)


def with_rerun(arguments: Sequence[str]) -> list[str]:
    """Put the config of the trial named by rerun=FOLDER in front of the other arguments."""
    folders = [argument.removeprefix("rerun=") for argument in arguments if argument.startswith("rerun=")]
    if not folders:
        return list(arguments)
    folder = _folder(folders[-1])
    if folder is None:
        raise InvalidInput(f"rerun must be the folder of a recorded trial, got {folders[-1]!r}")
    try:
        parent = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["experiment_id"]
        return [*_overrides(folder), "reuse=false", f"parent={_quoted(parent)}", *arguments]
    except (
        YAMLError,
        OmegaConfBaseException,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        # Whatever the files hold instead of what a trial left there.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InvalidInput(f"rerun cannot be read from {folder}: {reason}") from error


def _folder(name: str) -> Path | None:
    """Find the trial's folder from where the command is typed, or from the project."""
    folders = (Path(name), ROOT / name) if name else ()
    try:
        return next((folder for folder in folders if _holds_a_trial(folder)), None)
    except OSError:  # a name too long
        return None


def _holds_a_trial(folder: Path) -> bool:
    return (folder / ".hydra" / "config.yaml").is_file() and (folder / "metrics.json").is_file()


def _overrides(folder: Path) -> list[str]:
    config = OmegaConf.load(folder / ".hydra" / "config.yaml")
    hydra = OmegaConf.load(folder / ".hydra" / "hydra.yaml")
    choices = OmegaConf.select(hydra, "hydra.runtime.choices")
    groups = [f"{group}={choices[group]}" for group in GROUPS]
    values = [
        f"{key}={_quoted(value)}"
        for group in GROUPS
        for key, value in _leaves(OmegaConf.to_container(OmegaConf.select(config, group)), group)
        if key not in NOT_TAKEN
    ]
    # Not a group, and unknown to trials that are older than it.
    sample = json.dumps(OmegaConf.select(config, "evaluation.ranking_users"))
    seed = OmegaConf.select(config, "seed")
    return [*groups, *values, f"evaluation.ranking_users={sample}", f"seed={seed}"]


def _leaves(section: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}.{key}")
        else:
            yield f"{prefix}.{key}", value


def _quoted(value: Any) -> str:
    """Write a value as Hydra reads it; text is quoted, so that it stays text."""
    return QuotedString(value, Quote.double).with_quotes() if isinstance(value, str) else json.dumps(value)
