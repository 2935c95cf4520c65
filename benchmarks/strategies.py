"""The strategies against each other: the same budget, several seeds, what they maximise on validation.

python benchmarks/strategies.py                             all of it, into docs/strategies.md
python benchmarks/strategies.py --data synthetic --seeds 3  a quicker look, into the terminal

Proposals come from the presets of conf/search through the code of the sweep itself; trials are measured
without Hydra and without a record, on validation alone. gp takes part where torch is installed.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from presets import Preset, preset, search, value_of
from project import ROOT
from sweep.searches.warm_start import Ancestor

BUDGET = 50
STRATEGIES = ("grid", "random", "qmc", "cmaes", "gp", "bayesian", "refine")
# The grid draws nothing, so that one seed stands for all; a search of the Gaussian process takes minutes.
SEEDS_OF = {"grid": 1, "gp": 3}
MARKS = (10, 20, 30, 40, 50)
WARM_TRIALS = 20
DATA = {"movielens_100k": "MovieLens-100K", "synthetic": "Synthetic"}
OBJECTIVES = {"accuracy": "validation accuracy", "quality": "validation NDCG@10"}
DOCUMENT = ROOT / "docs" / "strategies.md"


@dataclass(frozen=True)
class Race:
    """One strategy's search with one seed."""

    data: str
    objective: str
    strategy: str
    seed: int
    warm: bool = False  # begins with the trials of a random search with the same seed


def run(race: Race) -> NDArray[np.float64]:
    """Return the objective of each trial, in their order."""
    if not race.warm:
        return values_of(race, BUDGET)[1]
    known, _ = values_of(replace(race, strategy="random", warm=False), BUDGET)
    return values_of(race, WARM_TRIALS, known)[1]


def values_of(
    race: Race, budget: int, known: Sequence[Ancestor] = ()
) -> tuple[list[Ancestor], NDArray[np.float64]]:
    chosen = preset_of(race, budget)
    found, ranges = search(chosen, known), chosen.ranges
    values = [value_of(one, chosen.settings.objective.metric) for one in found]
    ancestors = [
        Ancestor(f"race_{number}", ranges.place(vars(one.hyperparameters)) or {}, (value,))
        for number, (one, value) in enumerate(zip(found, values, strict=True))
    ]
    return ancestors, np.array(values)


def preset_of(race: Race, budget: int) -> Preset:
    overrides = [f"data={race.data}", f"objective={race.objective}", f"search={race.strategy}"]
    if race.strategy != "grid":
        overrides.append(f"hydra.sweeper.n_trials={budget}")
    chosen = preset(*overrides)
    general = replace(chosen.settings.general, seed=race.seed)
    return replace(chosen, settings=replace(chosen.settings, general=general))


def best_so_far(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """(n_seeds, n_trials) best value up to each trial; a search that ended early keeps its best."""
    longest = max(len(curve) for curve in curves)
    rising = [np.maximum.accumulate(curve) for curve in curves]
    return np.array([np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in rising])


def band(values: NDArray[np.float64]) -> str:
    low, high = np.quantile(values, [0.1, 0.9])
    return f"{values.mean():.4f} [{low:.4f}, {high:.4f}]"


def table(results: dict[Race, NDArray[np.float64]], data: str, objective: str) -> Iterator[str]:
    yield "| strategy | " + " | ".join(f"{mark} trials" for mark in MARKS) + " | ahead of random at 50 |"
    yield "| --- |" + " --: |" * (len(MARKS) + 1)
    curves = {
        strategy: best_so_far(found)
        for strategy in STRATEGIES
        if (found := of(results, data, objective, strategy))
    }
    for strategy, curve in curves.items():
        shown = [band(curve[:, min(mark, curve.shape[1]) - 1]) for mark in MARKS]
        random = curves["random"][:, BUDGET - 1]
        rivals = random if len(curve) == 1 else random[: len(curve)]
        ahead = int((curve[:, BUDGET - 1] > rivals).sum())
        versus = "–" if strategy == "random" else f"in {ahead} of {len(rivals)} seeds"
        yield f"| {strategy} | " + " | ".join(shown) + f" | {versus} |"
    yield ""
    yield from warm_lines(results, data, objective)


def warm_lines(results: dict[Race, NDArray[np.float64]], data: str, objective: str) -> Iterator[str]:
    warm = np.array([curve.max() for curve in of(results, data, objective, "bayesian", warm=True)])
    cold = best_so_far(of(results, data, objective, "bayesian"))[: len(warm), WARM_TRIALS - 1]
    yield (
        f"Warm start: {WARM_TRIALS} bayesian trials after {BUDGET} random ones find {band(warm)}, "
        f"{WARM_TRIALS} cold ones {band(cold)}; the warm ones are ahead in {int((warm > cold).sum())} "
        f"of {len(warm)} seeds."
    )


def of(
    results: dict[Race, NDArray[np.float64]], data: str, objective: str, strategy: str, *, warm: bool = False
) -> list[NDArray[np.float64]]:
    asked = (data, objective, strategy, warm)
    return [v for r, v in results.items() if (r.data, r.objective, r.strategy, r.warm) == asked]


def races(data: Sequence[str], objectives: Sequence[str], seeds: int) -> Iterator[Race]:
    seeds_of = SEEDS_OF | ({} if find_spec("torch") else {"gp": 0})
    for one in data:
        for objective in objectives:
            for seed in range(seeds):
                for strategy in STRATEGIES:
                    if seed < seeds_of.get(strategy, seeds):
                        yield Race(one, objective, strategy, seed)
                yield Race(one, objective, "bayesian", seed, warm=True)


def report(results: dict[Race, NDArray[np.float64]], seeds: int) -> Iterator[str]:
    yield "# The strategies against each other"
    yield ""
    yield (
        f"Best so far on validation, mean over {seeds} seeds [10% to 90% of them], of gp over "
        f"{SEEDS_OF['gp']}; written by this command:"
    )
    yield ""
    yield f"    {' '.join(['python', 'benchmarks/strategies.py', *sys.argv[1:]])}"
    for data in dict.fromkeys(race.data for race in results):
        for objective in dict.fromkeys(race.objective for race in results):
            yield ""
            yield f"## {DATA[data]}, {OBJECTIVES[objective]}"
            yield ""
            yield from table(results, data, objective)


def main() -> None:
    parser = argparse.ArgumentParser(description="The strategies against each other.")
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--objective", nargs="+", choices=OBJECTIVES, default=list(OBJECTIVES))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    todo = list(races(asked.data, asked.objective, asked.seeds))
    started, results = time.monotonic(), {}
    with ProcessPoolExecutor(asked.workers) as pool:
        for done, (race, values) in enumerate(zip(todo, pool.map(run, todo), strict=True), start=1):
            results[race] = values
            left = (time.monotonic() - started) / done * (len(todo) - done)
            print(f"\r{done}/{len(todo)} searches, {left:.0f} s left ", end="", file=sys.stderr, flush=True)
    text = "\n".join(report(results, asked.seeds)) + "\n"
    print(f"\n{text}")
    if len(sys.argv) == 1:
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
