"""How far long work is: told to whoever listens, and free of charge where nobody does."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
# Takes what is being done, in a word, and the share of it that is done, 0 to 1.
Listener = Callable[[str, float], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell a listener of all steps that are taken inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def steps(work: str, items: Iterable[T], total: int) -> Iterator[T]:
    """Hand out the items of a piece of work, and tell after each how far it is.

    Args:
        work: what is being done, in a word.
        items: its steps, which take about as long as each other.
        total: how many they are, at least one where there are items.

    """
    listener = _listener.get()
    for done, item in enumerate(items, start=1):
        yield item
        if listener is not None:
            listener(work, done / total)
