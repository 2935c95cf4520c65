"""Interpolations that the presets under conf/ use."""

from omegaconf import OmegaConf

from pipeline.parameters import InvalidInput
from project import ROOT


def around(value: float, radius: float, count: int) -> str:
    """List `count` values from value - radius * |value| to value + radius * |value| as a choice sweep.

    Whole values stay whole, and values that become equal are listed once: 0.4, 0.1, 3 gives 0.36,0.4,0.44.
    """
    for key, number in (("search.radius", radius), ("the value to search around", value)):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InvalidInput(f"{key} must be a number, got {number!r}")
    steps = [2 * i / (count - 1) - 1 for i in range(count)] if count > 1 else [0.0]
    values = [value + abs(value) * radius * step for step in steps]
    rounded = [round(v) if isinstance(value, int) else float(f"{v:.6g}") for v in values]
    return ",".join(str(v) for v in dict.fromkeys(rounded))


def in_project(folder: str) -> str:
    """Resolve a folder against the project's, so that it does not matter where the command is typed."""
    return str(ROOT / str(folder))


def trial_folder(job_number: int) -> str:
    """Name the folder of Hydra's job 0, 1, …: 001, 002, …"""
    return trial_name(job_number + 1)


def trial_name(trial_number: int) -> str:
    return f"{trial_number:03d}"


def register() -> None:
    """Make the interpolations known to every config of this process."""
    for resolver in (around, in_project, trial_folder):
        OmegaConf.register_resolver(resolver.__name__, resolver, replace=True, annotation_validation="off")
