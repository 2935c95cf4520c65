"""Which trials a plot shows where there are too many: the best ones, and an even sample of the rest."""

from collections.abc import Sequence
from typing import TypeVar

from db.answers import RecordedExperiment
from report.outcome import value_of

PLOTTED = 1000  # points that a phone still draws in a moment
T = TypeVar("T")


def plotted(completed: Sequence[RecordedExperiment], limit: int = PLOTTED) -> list[RecordedExperiment]:
    """Take the better half of the places for the best, the other half for an even sample; in their order."""
    if len(completed) <= limit:
        return list(completed)
    best = sorted(completed, key=value_of, reverse=True)[: limit // 2]
    chosen = {one.experiment_id for one in (*best, *evenly(completed, limit // 2))}
    return [one for one in completed if one.experiment_id in chosen]


def evenly(items: Sequence[T], limit: int) -> list[T]:
    """Take items at equal steps, all where there are few enough."""
    step = max(len(items) / limit, 1)
    return [items[int(i * step)] for i in range(min(limit, len(items)))]


def sampling_note(completed: Sequence[RecordedExperiment], shown: Sequence[RecordedExperiment]) -> str:
    """Say what is not shown; empty where all is."""
    if len(shown) == len(completed):
        return ""
    return f" Of {len(completed):,} trials {len(shown):,} are shown: the best, and a sample of the rest."
