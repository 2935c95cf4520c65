"""What deploy_app is asked for, read from conf/deploy.yaml as it is composed."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from deployment.ab_testing.plan import PlanSettings
from deployment.gate import Gate, read_gate
from deployment.revalidation import Policy
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import InvalidInput, near, parameter, parameters, read
from pipeline.sources.section import Data, read_section
from pipeline.split import SplitSettings
from project import ROOT
from sweep.keys import Objective
from sweep.sections import checked_url_of, collected, plain, section_of
from sweep.settings import named_settings, split_of

SECTIONS = ("data", "split", "model", "objective", "gate", "revalidation", "ab_test", "db")
HYPERPARAMETERS = "hyperparameters"
# Each action, and what it looks at; whatever else is set is a mistake, as it would change nothing.
USED: Mapping[str, tuple[str, ...]] = {
    "deploy": ("experiment", HYPERPARAMETERS, "dry_run", "force", "activate"),
    "list": (),
    "show": ("version",),
    "activate": ("version", "force"),
    "rollback": (),
    "compare": ("version", "against"),
    "retrain": ("dry_run", "force", "activate"),
    "simulate": ("version", "against"),
}


@dataclass(frozen=True, kw_only=True)
class Deploy:
    """The keys at the top of conf/deploy.yaml."""

    action: str = parameter("deploy", "what is done", choices=tuple(USED))
    experiment: str | None = parameter(None, "experiment to deploy: best, or an experiment_id")
    version: int | None = parameter(None, "number of a version", low=1, high=10**9)
    against: int | None = parameter(None, "version to compare with; null = the active one", low=1, high=10**9)
    dry_run: bool = parameter(False, "show what would change, and change nothing")
    force: bool = parameter(
        False, "also against the gate's rules of policy; retrain: also where nothing asks for it"
    )
    activate: bool = parameter(True, "make the version active, not ready only")
    who: str = parameter("somebody", "who does it, for the history")
    why: str | None = parameter(None, "in a sentence, for the history")
    outputs: str = parameter("outputs", "folder of all runs and versions, relative to the project")
    conf: str = parameter("conf", "folder of presets to write to, relative to the project")

    def conflicts(self) -> Iterator[str]:
        for name, spec in parameters(Deploy).items():
            value = getattr(self, name)
            if value != spec.default and any(name in used for used in USED.values()):
                yield from _unused(self.action, name, value)
        if self.action in {"activate", "compare", "simulate"} and self.version is None:
            yield f"version must be the number of a version for action={self.action}, got None"
        for name in ("outputs", "conf"):
            folder = getattr(self, name)
            if not folder or not folder.isprintable() or folder.startswith("~"):
                yield f"{name} must be a folder, with ~ written out, got {folder!r}"

    @property
    def outputs_folder(self) -> Path:
        return ROOT / self.outputs

    @property
    def conf_folder(self) -> Path:
        return ROOT / self.conf


def _unused(action: str, name: str, value: object) -> Iterator[str]:
    if name not in USED[action]:
        users = ", ".join(f"action={other}" for other, used in USED.items() if name in used)
        yield f"{name} is for {users}; action={action} does not use it, got {value!r}"


@dataclass(frozen=True)
class DeploySettings:
    """One composed config of deploy_app, read."""

    deploy: Deploy
    typed: Mapping[str, Any] | None  # hyperparameters as typed
    hyperparameters: Phase1  # the composed model's, with those typed
    data: Data
    split_name: str
    split: SplitSettings
    objective: Objective
    gate: Gate
    revalidation: Policy
    ab_test: PlanSettings
    db_url: str

    @property
    def split_values(self) -> dict[str, Any]:
        """The split as it is recorded: its name and its settings."""
        return {"name": self.split_name, **dataclasses.asdict(self.split)}


def read_deploy_settings(config: DictConfig) -> DeploySettings:
    """Read a composed config, without its hydra node.

    Raises:
        InvalidInput: with every problem of every section, each under its dotted key.

    """
    values = plain(config)
    known = (*parameters(Deploy), HYPERPARAMETERS, *SECTIONS)
    problems = [f"{key} does not exist{near(key, known)}" for key in values if key not in known]
    own = {key: values[key] for key in parameters(Deploy) if key in values}

    deploy = collected(problems, read, Deploy, own)
    typed = collected(problems, _typed, values.get(HYPERPARAMETERS))
    model = collected(problems, named_settings, MODELS, values, "model")
    hyperparameters = model and collected(problems, _hyperparameters, *model, typed or {})
    data = collected(problems, read_section, _section(values, "data", problems))
    split = collected(problems, split_of, values)
    objective = collected(problems, lambda: read(Objective, section_of(values, "objective"), "objective."))
    gate = collected(problems, lambda: read_gate(section_of(values, "gate")))
    policy = collected(problems, lambda: read(Policy, section_of(values, "revalidation"), "revalidation."))
    plan = collected(problems, lambda: read(PlanSettings, section_of(values, "ab_test"), "ab_test."))
    url = collected(problems, checked_url_of, values)
    if deploy is not None:
        problems += _problems_of_what(deploy, values.get(HYPERPARAMETERS))
    if problems or not (
        deploy and hyperparameters and data and split and objective and gate and policy and plan and url
    ):
        raise InvalidInput(problems)
    asked = None if values.get(HYPERPARAMETERS) is None else typed
    return DeploySettings(deploy, asked, hyperparameters, data, *split, objective, gate, policy, plan, url)


def _section(values: Mapping[str, Any], name: str, problems: list[str]) -> dict[str, Any]:
    return collected(problems, section_of, values, name) or {}


def _typed(value: object) -> dict[str, Any]:
    """Read hyperparameters as typed: a mapping of Hydra's, JSON, or none."""
    found = value
    if isinstance(value, str):
        try:
            found = json.loads(value)
        except ValueError:
            found = value
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidInput(f"{HYPERPARAMETERS} must be like {{genre_weight: 0.42}}, got {value!r}")
    return {str(name): one for name, one in found.items()}


def _hyperparameters(model: str, shipped: Mapping[str, Any], typed: Mapping[str, Any]) -> Phase1:
    """Check the composed model, then what was typed in its place."""
    read(MODELS[model], shipped, "model.")
    return read(MODELS[model], {**shipped, **typed}, f"{HYPERPARAMETERS}.")


def _problems_of_what(deploy: Deploy, typed: object) -> Iterator[str]:
    """Ask for one thing to deploy, and for nothing else where nothing is deployed."""
    if deploy.action != "deploy":
        if typed is not None:
            yield from _unused(deploy.action, HYPERPARAMETERS, typed)
    elif (deploy.experiment is None) == (typed is None):
        told = "both" if typed is not None else "neither"
        yield (
            "experiment=best, experiment=<experiment_id> or hyperparameters='{…}' must say what is deployed, "
            f"got {told}"
        )
