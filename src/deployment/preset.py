"""What is deployed as a preset like any other: the centre of the next grid, and a change to review.

Groups and comments are those of the model's own files under conf/model, values those of the version.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from db.answers import Value
from db.deployment.answers import Version
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput, parameters
from project import CONF

PRESET = "deployed"
KEY = re.compile(r"(?P<name>[a-z_0-9]+):\s*(?P<value>[^#]*?)(?P<comment>\s*#.*)?$")
BASE = re.compile(r"  - (?P<name>[a-z0-9]+)$", re.MULTILINE)
COMMAND = "python src/tune_app.py -m search=grid model=deployed"


def write_presets(conf: Path, version: Version) -> list[Path]:
    """Write conf/model/deployed.yaml and the space that goes with it, each in one step.

    Raises:
        InvalidInput: where they cannot be written.

    """
    written = {conf / "model": model_preset(version), conf / "space": space_preset(version)}
    return [_replaced(folder / f"{PRESET}.yaml", text) for folder, text in written.items()]


def model_preset(version: Version) -> str:
    """Write a version's hyperparameters as a preset, with where they come from in its first lines."""
    values, known = version.hyperparameters, parameters(MODELS[version.model])
    body = list(_filled(_template(version.model), values))
    named = {match["name"] for match in map(KEY.match, body) if match}
    body += [
        f"{name}: {_written(values[name])} # {known[name].meaning}" for name in values if name not in named
    ]
    return "\n".join([*_provenance(version), f"name: {version.model}", *body]) + "\n"


def space_preset(version: Version) -> str:
    """Write the preset of the ranges that go with the version's model."""
    return f"# The ranges of what is deployed, {version.model}'s: {COMMAND}\ndefaults:\n  - {version.model}\n"


def _provenance(version: Version) -> Iterator[str]:
    made = version.ready_at or version.created_at
    origin = f"experiment {version.experiment_id}" if version.experiment_id else "hyperparameters as typed"
    yield f"# What is deployed, version {version.version}: {COMMAND}"
    if version.action == "retrain":
        yield f"# version {version.parent_version} again, with {version.n_live_ratings} ratings that came in"
    yield f"# {origin}, ready {made:%Y-%m-%d %H:%M} UTC, data {version.data_name} {version.data_fingerprint}"
    for part, metrics in (("validation", version.validation), ("test", version.test)):
        yield f"# {part}: accuracy {_figure(metrics, 'accuracy')}, NDCG@10 {_figure(metrics, 'ndcg')}"
    yield f"# artefact {version.artifact_path}, SHA-256 {version.artifact_sha256}"


def _template(model: str) -> list[str]:
    """Take the lines under the name of each file that a model's preset is made of, the first first."""
    text = (CONF / "model" / f"{model}.yaml").read_text(encoding="utf-8")
    head, _, body = text.partition(f"\nname: {model}\n")
    inherited = [line for base in BASE.findall(head) for line in _template(base)]
    return [*inherited, *body.rstrip("\n").split("\n")]


def _filled(template: list[str], values: Mapping[str, Value]) -> Iterator[str]:
    """Put the values into the lines that name a hyperparameter; one that the version lacks is left out."""
    for line in template:
        match = KEY.match(line)
        if match is None:
            yield line
        elif match["name"] in values:
            yield f"{match['name']}: {_written(values[match['name']])}{match['comment'] or ''}"


def _written(value: Value) -> str:
    """Write a value as YAML reads it back, to the last digit."""
    return value if isinstance(value, str) else json.dumps(value)


def _figure(metrics: Mapping[str, float | None], name: str) -> str:
    value = metrics.get(name)
    return "not defined" if value is None else f"{value:.4f}"


def _replaced(path: Path, text: str) -> Path:
    begun = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        begun.write_text(text, encoding="utf-8")
        begun.replace(path)
    except OSError as error:
        raise InvalidInput(f"conf must be a folder that can be written, {path}: {error.strerror}") from error
    return path
