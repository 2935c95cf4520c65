"""Who was seen lately: as many as fit, the longest unseen forgotten first."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock


class Recent:
    """A set of texts of bounded size that several threads may use."""

    def __init__(self, most: int, seen: Iterable[str] = ()) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._changing = Lock()
        for one in seen:
            self.add(one)

    def add(self, one: str) -> None:
        """Remember one, as the latest."""
        with self._changing:
            self._seen[one] = None
            self._seen.move_to_end(one)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)

    def latest(self) -> tuple[str, ...]:
        """List them, the latest first."""
        with self._changing:
            return tuple(reversed(self._seen))

    def __contains__(self, one: str) -> bool:
        return one in self._seen

    def __len__(self) -> int:
        return len(self._seen)
