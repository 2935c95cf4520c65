"""What makes a run this run: kept in its folder, so that a resumed command can be held against it."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pipeline.parameters import InvalidInput
from pipeline.provenance import code_version
from pipeline.sources import snapshot_of
from sweep.runs.pins import IDENTITY_FILE
from sweep.runs.plan import Plan
from sweep.runs.problems import SharedProblem
from sweep.settings import Settings

T = TypeVar("T")


def identity_of(settings: Settings, shared: SharedProblem, plan: Plan) -> dict[str, Any]:
    """Gather what decides a run's trials and their numbers, its total apart: a run may be extended.

    Args:
        settings: of the run.
        shared: what it is measured on.
        plan: adds the swept space, its sampler, how many trials are proposed at once, what it begins with.

    """
    return {
        "search": settings.search.method,
        "seed": settings.general.seed,
        "objective": settings.objective.name,
        "model": {"name": settings.model, **settings.hyperparameters},
        "data": settings.data.what,
        "data_snapshot": snapshot_of(shared.problem.dataset),
        "data_fingerprint": shared.problem.dataset.fingerprint,
        "split": settings.split_values,
        "ranking_users": settings.measuring.ranking_users,
        **plan.search,
        "ancestors": list(plan.ancestors),
        "code_version": code_version(),
    }


def kept_ancestors(folder: Path) -> list[str] | None:
    """Read which experiments a run began with; None where the run is new."""
    if not (folder / IDENTITY_FILE).exists():
        return None
    return _kept(folder, lambda kept: [str(experiment_id) for experiment_id in kept["ancestors"]])


def keep_identity(folder: Path, identity: Mapping[str, Any]) -> None:
    """Write a run's identity into its folder."""
    text = json.dumps(identity, indent=2, ensure_ascii=False)
    (folder / IDENTITY_FILE).write_text(text + "\n", encoding="utf-8")


def check_identity(folder: Path, identity: Mapping[str, Any]) -> None:
    """Hold a resumed command against the run it names.

    Raises:
        InvalidInput: with a line for each difference.

    """
    kept = _kept(folder, dict)
    now = json.loads(json.dumps(identity))
    if kept.get("search") != now["search"]:
        # Another strategy differs in all its options, too; its name says enough.
        kept, now = {"search": kept.get("search")}, {"search": now["search"]}
    problems = [
        f"run_id {folder.name} cannot be resumed: {key} was {was}, now it is {is_now}"
        for key, was, is_now in differences(kept, now, "")
    ]
    if problems:
        raise InvalidInput(problems)


def _kept(folder: Path, take: Callable[[Any], T]) -> T:
    """Take from a run's identity what is asked for; one that does not hold it belongs to no run of ours."""
    try:
        return take(json.loads((folder / IDENTITY_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InvalidInput(f"run_id {folder.name} cannot be resumed: {IDENTITY_FILE} {error}") from error


def differences(kept: Any, now: Any, key: str) -> Iterator[tuple[str, Any, Any]]:
    """Name every leaf that differs, by its dotted key."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*kept, *now]):
            yield from differences(kept.get(name), now.get(name), f"{key}.{name}" if key else name)
    elif kept != now:
        yield key, kept, now
