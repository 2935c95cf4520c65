"""The service under load: 200 requests a second for a minute, while the active version is switched ten times.

python benchmarks/service.py                     model=phase1 on MovieLens-100K, as a Markdown table
python benchmarks/service.py --model phase3
python benchmarks/service.py --seconds 6 --switches 2 --data synthetic    a quicker look

Every switch is to a version that is not in memory. The service is a process of its own with one worker, the
requests come from this one. What is asked of it: p99 below 50 ms, no error, no growth of memory.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np

from db.engine import connect
from db.schema import prepare
from deployment.deploying import Order, Review, Workplace, deployed, reviewed
from deployment.gate import Gate
from deployment.measuring import Ground
from deployment.revalidation import Policy
from deployment.switching import activate
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.hyperparameters import MODELS
from pipeline.sources import MovieLens100K, Synthetic, load
from pipeline.split import PerUserTimeline, split_ratings
from service.app import make_app
from service.holder import Holder
from service.request_log import open_log
from service.server import listening, run, url_of
from service.settings import Serve
from service_load import Load, closed_loop, open_loop

PER_SECOND = 200.0
WARM_UP = 12.0  # seconds of the same load before anything is measured
THROUGHPUT_SECONDS, CONNECTIONS = 5.0, 8
NEWCOMERS = 0.05  # share of requests of users whom nobody knows
CONSTANT, TOKEN = "/constant", "benchmark"
SOURCES = {"movielens_100k": MovieLens100K, "synthetic": Synthetic}
ANY = Gate(accuracy_threshold=0.0, quality_margin=1.0, recommendation_ms=None)


@dataclass(frozen=True)
class Measured:
    """What a model's service did."""

    model: str
    load: Load
    switch_seconds: Sequence[float]
    megabytes: Sequence[float]  # resident, after each switch
    per_second: float  # recommendations, asked as fast as answers come
    constant_per_second: float


def measured(model: str, dataset: Dataset, seconds: float, switches: int, warm_seconds: float) -> Measured:
    """Deploy as many versions as it takes, serve the first, and switch through the others under load."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _serving(Path(folder), model, dataset, switches, warm_seconds) as (pid, port),
    ):
        # A switch, too: from then on as many versions are in memory as ever will be.
        asyncio.run(_under_load(pid, port, _paths(dataset, int(PER_SECOND * WARM_UP), 1), WARM_UP, [2]))
        paths = _paths(dataset, int(PER_SECOND * seconds), 2)
        answered, switched, megabytes = asyncio.run(
            _under_load(pid, port, paths, seconds, range(3, switches + 3))
        )
        _, per_second, constant = (
            asyncio.run(closed_loop(port, asked, THROUGHPUT_SECONDS, CONNECTIONS))
            for asked in (_everybody(dataset), _everybody(dataset), [CONSTANT])
        )
    return Measured(model, answered, switched, megabytes, per_second, constant)


async def _under_load(
    pid: int, port: int, paths: Sequence[str], seconds: float, versions: Sequence[int]
) -> tuple[Load, list[float], list[float]]:
    """Switch at even intervals while the requests go on."""
    asking = asyncio.create_task(open_loop(port, paths, PER_SECOND))
    took, megabytes = list[float](), list[float]()
    for version in versions:
        await asyncio.sleep(0.4 * seconds / len(versions))
        started = time.perf_counter()
        await asyncio.to_thread(_switched, port, version)
        took.append(time.perf_counter() - started)
        megabytes.append(_megabytes(pid))
        await asyncio.sleep(max(0.0, 0.6 * seconds / len(versions) - took[-1]))
    return await asking, took, megabytes


def _switched(port: int, version: int) -> None:
    """Activate a version; the answer comes when the version answers."""
    address = f"http://127.0.0.1:{port}/api/model-versions/{version}/activate"
    request = Request(address, method="POST", headers={"Authorization": f"Bearer {TOKEN}"})
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        assert answer.status == 200


@contextmanager
def _serving(
    folder: Path, model: str, dataset: Dataset, switches: int, warm_seconds: float
) -> Iterator[tuple[int, int]]:
    """Run the service in a process of its own until the end: its id and its port."""
    url = f"sqlite:///{folder}/movies.db"
    _deploy(url, folder, model, dataset, switches + 2)
    with (folder / "requests.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "--serve", url, "--warm-seconds", str(warm_seconds)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()
            assert process.wait(30) == 0


def _deploy(url: str, folder: Path, model: str, dataset: Dataset, versions: int) -> None:
    """Write versions of one fit: what they answer is the same, what it costs to load each is not spared."""
    engine = connect(url)
    prepare(engine)
    ground = Ground(Problem(dataset, split_ratings(dataset, PerUserTimeline())), {"name": "per_user"})
    review: Review = reviewed(None, ground, ANY, MODELS[model]())
    workplace = Workplace(folder / "outputs", "benchmark", lambda process: False)
    for _ in range(versions):
        deployed(engine, review, Order(who="benchmark", why="to serve", activate=False), workplace)
    activate(engine, 1, who="benchmark", why="to serve")
    engine.dispose()


def serve(url: str, warm_seconds: float) -> None:
    """Serve as serve_app does, with a route beside its own that answers a constant."""
    engine, settings = connect(url), Serve(warm_seconds=warm_seconds)
    opened = listening("127.0.0.1", 0)
    open_log(None)
    holder = Holder(engine, settings)
    holder.refresh()
    app = make_app(engine, holder, Policy(), TOKEN)

    @app.get(CONSTANT)
    async def constant() -> dict[str, str]:
        return {"a": "constant"}

    print(url_of(opened).rpartition(":")[2], flush=True)
    run(app, opened, settings.stop_seconds)


def _paths(dataset: Dataset, n: int, seed: int) -> list[str]:
    """Draw who asks: users of the data, and now and then somebody new."""
    rng = np.random.default_rng(seed)
    users = rng.choice(dataset.user_ids, n)
    new = rng.random(n) < NEWCOMERS
    ids = [f"new{number}" if new[number] else str(user) for number, user in enumerate(users)]
    return [f"/api/recommendations/{user_id}?n=10" for user_id in ids]


def _everybody(dataset: Dataset) -> list[str]:
    """Ask for each user of the data once, in an order that is drawn."""
    shuffled = np.random.default_rng(3).permutation(dataset.user_ids)
    return [f"/api/recommendations/{user_id}?n=10" for user_id in shuffled]


def _megabytes(pid: int) -> float:
    """Read the resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


COLUMNS = (
    "model",
    "requests",
    "errors",
    "p50",
    "p99",
    "longest",
    "switches, each",
    "memory after the first, the last, at most",
    "recommendations a second",
    "a constant a second",
    "ratio",
)


def table(results: Sequence[Measured], seconds: float) -> str:
    """Write what was measured as Markdown."""
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(_row(found, seconds) for found in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(found: Measured, seconds: float) -> list[str]:
    times, memory = np.array(found.load.milliseconds), found.megabytes
    p50, p99 = np.quantile(times, [0.5, 0.99])
    return [
        found.model,
        f"{len(times)} in {seconds:g} s",
        _errors(found.load.errors),
        f"{p50:.1f} ms",
        f"{p99:.1f} ms",
        f"{times.max():.1f} ms",
        f"{len(found.switch_seconds)}, {np.median(found.switch_seconds):.1f} s",
        f"{memory[0]:.0f}, {memory[-1]:.0f}, {max(memory):.0f} MB",
        f"{found.per_second:.0f}",
        f"{found.constant_per_second:.0f}",
        f"{found.per_second / found.constant_per_second:.2f}",
    ]


def _errors(errors: Sequence[str]) -> str:
    """Count errors by kind."""
    return ", ".join(f"{n} {kind}" for kind, n in Counter(errors).most_common()) or "0"


def main() -> None:
    parser = argparse.ArgumentParser(description="The service under load.")
    parser.add_argument("--model", nargs="+", choices=list(MODELS), default=["phase1"])
    parser.add_argument("--data", choices=list(SOURCES), default="movielens_100k")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--switches", type=int, default=10)
    parser.add_argument("--warm-seconds", type=float, default=Serve().warm_seconds)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.warm_seconds)
        return
    dataset = load(SOURCES[asked.data]())
    results = [
        measured(model, dataset, asked.seconds, asked.switches, asked.warm_seconds) for model in asked.model
    ]
    print(table(results, asked.seconds))


if __name__ == "__main__":
    main()
