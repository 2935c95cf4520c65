"""docs/peers.md: the table, what was chosen, and with what; every figure comes from the run itself."""

import os
import platform
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from peers.peer import Peer
from peers.reading import reading
from peers.record import INSTALL
from peers.rows import NAMES, Row, figure, row_of
from peers.tuning import SEED, STARTUP, Tuned
from pipeline.evaluation import Problem

WIDTH = 118
COLUMNS = ("accuracy", "snapped", "balanced accuracy", "snapped", "RMSE", "NDCG@10", "recall@10", "s a trial")


def document(peers: Mapping[str, Peer], found: Mapping[str, Tuned], problem: Problem, budget: int) -> str:
    """Write everything that is known of the peers found, in the order of all."""
    rows = [row_of(peers[name], found[name], problem) for name in peers if name in found]
    points = [paragraph(text, bullet="* ") for text in reading(rows)]
    sections = [
        *head(budget),
        "\n".join(table(rows)),
        "## How to read it",
        "\n".join(points),
        "## What was chosen",
        "\n".join(chosen(rows)),
        *reproduction(rows),
    ]
    return "\n\n".join(sections) + "\n"


def paragraph(text: str, bullet: str = "") -> str:
    """Break a text where it reaches the width, wherever it was broken in the source."""
    indent = " " * len(bullet)
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=bullet,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def head(budget: int) -> Iterator[str]:
    yield "# What users would pick instead"
    yield "MovieLens-100K, `split=per_user`, figures on test; written by the second of these commands:"
    yield f"    {INSTALL}\n    python benchmarks/peers"
    yield paragraph(f"""
        What has something to tune has {budget} configurations: the library's own values first, then draws
        by TPE (seed {SEED}; the first {STARTUP} trials know nothing) from the space below. They are fitted on
        train, and one is chosen on validation by the metric named: who predicts ratings by RMSE, who ranks by
        NDCG@10. Refitted on train + validation it is measured on test, by the code that measures
        reeltune's own trials. Rankings are of the full catalogue without what the user has rated; who
        predicts ratings ranks by them. – is what a peer does not do.
        """)


def table(rows: Sequence[Row]) -> Iterator[str]:
    yield f"| peer | chosen by | {' | '.join(COLUMNS)} |"
    yield f"| --- | --- |{' --: |' * len(COLUMNS)}"
    for row in rows:
        metrics = [
            row.metric("accuracy"),
            row.snapped["accuracy"],
            row.metric("balanced_accuracy"),
            row.snapped["balanced_accuracy"],
            *map(row.metric, ("rmse", "ndcg", "recall")),
        ]
        chosen_by = NAMES[row.peer.chosen_by] if row.peer.space else "–"
        cells = [row.peer.name, chosen_by, *map(figure, metrics), f"{row.tuned.seconds:.2f}"]
        yield f"| {' | '.join(cells)} |"


def chosen(rows: Sequence[Row]) -> Iterator[str]:
    """List what validation chose, and from where."""
    yield "| peer | on validation | trial | configuration | from |"
    yield "| --- | --: | --: | --- | --- |"
    for row in rows:
        if row.peer.space:
            best, place = row.tuned.best, f"{row.tuned.chosen + 1} of {len(row.tuned.trials)}"
            metric = f"{NAMES[row.peer.chosen_by]} {best.metric:.4f}"
            yield f"| {row.peer.name} | {metric} | {place} | {configuration(row)} | {space(row.peer)} |"


def is_own(peer: Peer) -> bool:
    """Tell our models, whose spaces are files with a line for each of many hyperparameters."""
    return all(name.startswith("model.") for name in peer.space)


def configuration(row: Row) -> str:
    if is_own(row.peer):
        return f"{len(row.peer.space)} hyperparameters"
    return ", ".join(f"{name} {short(value)}" for name, value in row.tuned.best.values.items())


def space(peer: Peer) -> str:
    if is_own(peer):
        return f"`conf/space/{peer.name.split()[0]}.yaml`"
    return "; ".join(f"{name} {extent(one)}" for name, one in peer.space.items())


def extent(distribution: Any) -> str:
    if hasattr(distribution, "choices"):
        return " / ".join(map(str, distribution.choices))
    powers = " (log)" if distribution.log else ""
    return f"{short(distribution.low)} to {short(distribution.high)}{powers}"


def short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def reproduction(rows: Sequence[Row]) -> Iterator[str]:
    yield "## With what"
    libraries = sorted({row.peer.library for row in rows if row.peer.library})
    versions = [f"{name} {version(name)}" for name in ["numpy", "scipy", "optuna", *libraries]]
    yield paragraph(f"""
        Python {platform.python_version()} on {platform.system()} {platform.machine()} with
        {os.cpu_count()} cores; {", ".join(versions)}; seed {SEED}.""")
    yield paragraph("""
        What is finished is kept in `outputs/peers` under a key of peer, space, budget, seed, data, split,
        code and versions: a command that was stopped goes on with what is missing, and a change of our
        models runs their rows again. `--peers NAME …` and `--trials N` run a part and leave this page
        alone; `--output FILE` writes what there is.""")
