"""When what a sweep records is waited for on the disk: a second or 20 results after the last time.

Rows are committed one trial at a time, so that all who read see them and no death of a process takes any. To
wait for the disk each time can take as long as a trial; what a power failure takes, a resume measures again.
"""

import time
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

SECONDS = 1.0
RESULTS = 20

_last: WeakKeyDictionary[Engine, tuple[float, int]] = WeakKeyDictionary()


def may_hurry(engine: Engine) -> bool:
    """Count a result, and say whether it may wait for a later one to be synced."""
    now = time.monotonic()
    synced, results = _last.get(engine, (-SECONDS, 0))
    if now - synced >= SECONDS or results + 1 >= RESULTS:
        _last[engine] = (now, 0)
        return False
    _last[engine] = (synced, results + 1)
    return True
