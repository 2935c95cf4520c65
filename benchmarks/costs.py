"""What everything costs, in one table: trials, sweeps, workers, memory, the database.

python benchmarks/costs.py                  all of it
python benchmarks/costs.py --of trial sweeps

Prints the rows of the benchmarks below, each measured in a process of its own, one after the other.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from cost_rows import Row, markdown

COSTS = {
    "trial": "one trial of each model, in a warm process",
    "sweeps": "a sweep beside one of Hydra's that does nothing, and what it leaves on the disk",
    "cores": "one worker and two: rate and memory",
}


def measured(name: str) -> list[Row]:
    """Run one benchmark as it is by default."""
    rows: list[Row] = list(import_module(name).rows())
    return rows


def all_rows(names: Sequence[str]) -> Iterator[Row]:
    """Measure in turn; what one leaves in memory is not the next one's."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as alone:
        for name in names:
            yield from alone.submit(measured, name).result()


def main() -> None:
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in COSTS.items())
    parser = argparse.ArgumentParser(description="What everything costs.")
    parser.add_argument("--of", nargs="+", choices=list(COSTS), default=list(COSTS), help=meanings)
    for line in markdown(all_rows(parser.parse_args().of)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
