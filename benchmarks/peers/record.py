"""What is finished is kept: a stopped command goes on where it was, a partial run adds to the rest.

A record holds the answers on test, not their metrics: those are always taken by today's code.
"""

import dataclasses
import hashlib
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import scipy

from peers.peer import Answer, Peer
from peers.tuning import Trial, Tuned
from pipeline.evaluation import DIGITS, Problem
from pipeline.parameters import InvalidInput
from pipeline.provenance import hash_of_sources
from project import ROOT

FOLDER = ROOT / "outputs" / "peers"
INSTALL = "python -m pip install -c constraints.txt -e '.[peers]'"
# What decides a choice besides the peer itself. Of evaluation.py only the digits do: it hands on to these,
# and a change of how our own models are measured is none of the others'.
PIPELINE = ("dataset.py", "metrics.py", "ranking.py")


def library_version(peer: Peer) -> str | None:
    """Return the version of the library behind a peer.

    Raises:
        InvalidInput: where it is not installed.

    """
    if peer.library is None:
        return None
    try:
        return version(peer.library)
    except PackageNotFoundError:
        raise InvalidInput(f"{peer.name} needs {peer.library}: run {INSTALL}") from None


def place_of(peer: Peer, problem: Problem, budget: int, seed: int, folder: Path = FOLDER) -> Path:
    """Name the file of a peer's result by all that decides it; equal paths promise equal numbers."""
    here = Path(__file__).parent
    sources = [here / "peer.py", here / "tuning.py", Path(sys.modules[peer.fit.__module__].__file__ or "")]
    made_of = {
        "name": peer.name,
        "chosen_by": peer.chosen_by,
        "space": {name: repr(distribution) for name, distribution in peer.space.items()},
        "default": dict(peer.default),
        "depends_on": peer.depends_on,
        "budget": budget if peer.space else 1,
        "seed": seed,
        "libraries": [library_version(peer), np.__version__, scipy.__version__, version("optuna")],
        "data": problem.dataset.fingerprint,
        "split": hashlib.sha256(np.packbits([problem.split.train, problem.split.validation])).hexdigest(),
        "pipeline": [DIGITS, hash_of_sources(ROOT / "src" / "pipeline" / name for name in PIPELINE)],
        "sources": [hashlib.sha256(source.read_bytes()).hexdigest() for source in sources],
    }
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:12]
    name = "".join(letter if letter.isalnum() else "_" for letter in peer.name)
    return folder / f"{name}-{key}.json"


def keep(found: Tuned, path: Path) -> None:
    """Write the answers, then the trials: a result is there when its .json is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    given = dataclasses.asdict(found.test)
    np.savez_compressed(
        path.with_suffix(".npz"), **{name: array for name, array in given.items() if array is not None}
    )
    trials = [dataclasses.asdict(trial) for trial in found.trials]
    half = path.with_suffix(".half")
    half.write_text(json.dumps({"chosen": found.chosen, "trials": trials}, indent=1), encoding="utf-8")
    half.replace(path)


def kept(path: Path) -> Tuned | None:
    """Read what was kept; None where nothing is finished."""
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz")) as arrays:
        test = Answer(arrays.get("predicted"), arrays.get("best"), arrays.get("answered"))
    return Tuned([Trial(**trial) for trial in content["trials"]], content["chosen"], test)
