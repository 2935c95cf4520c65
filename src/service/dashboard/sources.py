"""What the dashboard asks of the service that shows it; what lies in the record it asks for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db.deployment.answers import AbTest
from db.deployment.tables import Arm
from deployment.ab_testing.judgement import Judgement
from deployment.revalidation import Revalidation
from deployment.served import Recommended


@dataclass(frozen=True)
class Shown:
    """What a user would be recommended now, and by which version."""

    version: int
    known: bool  # False: the version has no ratings of the user, and answers as for any newcomer
    movies: Sequence[Recommended]  # the best first
    arm: Arm | None = None  # of the running test; None where none runs
    fell_back: bool = False  # the champion answers, as the arm's own version cannot


@dataclass(frozen=True)
class Sources:
    """The record, and questions that only the running service can answer."""

    engine: Engine
    # Recommends n movies to the user of an id, for being looked at: nobody is exposed to a test by it. None
    # where no version answers.
    recommend: Callable[[str, int], Shown | None]
    judge: Callable[[AbTest], Judgement]  # of a live test, now
    revalidate: Callable[[], Revalidation]  # of the active version, today
    problems: Callable[[], Sequence[str]]  # why the service is degraded; none where it is healthy
    database: Sequence[str] = ()  # the overrides that lead to the record, for commands
