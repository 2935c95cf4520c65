"""Small models, versions and candidates, as the tests of deployment need them."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from deployment.bundle import FILES, MANIFEST, _described, write_bundle
from deployment.deploying import Deployed, Order, Workplace, deployed, reviewed
from deployment.gate import Gate
from deployment.measuring import Candidate, Ground, served_of
from deployment.served import ServedModel
from pipeline.evaluation import Evaluation, Problem, evaluate
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import Measurement, PerUser
from pipeline.sources import Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings

SPLIT = {"name": "per_user"}
# Whatever is measured passes.
ANY = Gate(accuracy_threshold=0.0, quality_margin=1.0, recommendation_ms=None)


@cache
def ground(seed: int = 1) -> Ground:
    with TemporaryDirectory() as cache:
        dataset = load(Synthetic(users=30, movies=25, ratings=300, seed=seed), Path(cache))
        return Ground(Problem(dataset, split_ratings(dataset, PerUserTimeline())), SPLIT)


@cache
def served(model: str) -> ServedModel:
    return served_of(ground(), MODELS[model]())


@cache
def measured() -> Evaluation:
    return evaluate(ground().problem, Phase1())


def write(folder: Path, answering: ServedModel) -> str:
    """Write a version's folder."""
    return write_bundle(folder, answering.model, answering.catalogue, measured(), {"version": 1})


def signed_again(folder: Path) -> str:
    """Bring a manifest in line with what lies beside it, as whoever can write the record, too, would."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"] = {name: _described(folder / name) for name in FILES}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def workplace(folder: Path, is_gone: Callable[[str], bool] = lambda process: False) -> Workplace:
    return Workplace(folder / "outputs", "this process", is_gone)


def deploy(engine: Engine, folder: Path, hyperparameters: Phase1, **order: Any) -> Deployed:
    """Make a version of hyperparameters, past any gate."""
    review = reviewed(engine, ground(), ANY, hyperparameters)
    return deployed(engine, review, Order(who="a test", why="to see", **order), workplace(folder))


def per_user(ndcg: NDArray[np.float64], hits: int = 8) -> PerUser:
    """Give each user ten ratings of one level, some answered well, and an NDCG@10."""
    n = len(ndcg)
    return PerUser(
        ratings=np.full((n, 1), 10, dtype=np.int32),
        hits=np.full((n, 1), hits, dtype=np.int32),
        ndcg=ndcg,
        recall=ndcg,
        ranking=np.zeros(n, dtype=np.uint32),
        squares=np.ones(n),
        fitted=np.full(n, 10, dtype=np.int32),
    )


def figures(accuracy: float | None, ndcg: float | None) -> dict[str, float | None]:
    return {"accuracy": accuracy, "ndcg": ndcg}


def candidate(ndcg: NDArray[np.float64], **changes: Any) -> Candidate:
    """Make a candidate of what its users measured on test."""
    mean = float(ndcg.mean())
    made = Candidate(
        hyperparameters=Phase1(),
        validation=Measurement(figures(0.8, mean), per_user(ndcg)),
        test=Measurement(figures(0.8, mean), per_user(ndcg)),
        references={},
        config_key="new",
        problem_key="problem",
        data_fingerprint="today",
        chosen_on="today",
        recommendation_ms=2.0,
    )
    return dataclasses.replace(made, **changes)
