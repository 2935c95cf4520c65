"""What users have rated through the service: of those who asked lately it is in memory."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import Engine

from db.deployment.live_ratings import movies_rated, raters_since

# Another service's rating may be seen after one with a higher number: so far back they are looked at again.
LOOK_BACK = 100


class RatedSince:
    """Movies by user. Ratings by way of this process are seen at once, others' when it looks again."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine, self._most = engine, most
        self._rated: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._changing = Lock()
        self._changes = 0
        self._latest: int | None = None

    def known(self, user_id: str) -> frozenset[str] | None:
        """Give what a user has rated if it is in memory."""
        return self._rated.get(user_id)

    def of(self, user_id: str) -> frozenset[str]:
        """Give what a user has rated, from memory or the record."""
        known = self._rated.get(user_id)
        if known is not None:
            return known
        changes = self._changes
        found = movies_rated(self._engine, user_id)
        with self._changing:
            # What was rated while the record was read may not be in it.
            if changes == self._changes:
                self._rated[user_id] = found
                if len(self._rated) > self._most:
                    self._rated.popitem(last=False)
        return found

    def forget(self, user_id: str) -> None:
        """Have the record asked again, as the user has rated."""
        with self._changing:
            self._changes += 1
            self._rated.pop(user_id, None)

    def follow(self) -> None:
        """Forget whoever has rated by way of another process since the last look."""
        since = None if self._latest is None else self._latest - LOOK_BACK
        self._latest, users = raters_since(self._engine, since)
        for user_id in users:
            self.forget(user_id)
