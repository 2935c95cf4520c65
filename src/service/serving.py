"""What answers at one moment: the active version, and in a test its challenger; a request keeps to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.deployment.answers import AbTest, Active
from db.deployment.tables import Arm
from deployment.ab_testing.assignment import arm_of
from deployment.served import ServedModel
from service.recent import Recent

NOTHING_ACTIVE = "no version is active yet; this deploys one: python src/deploy_app.py experiment=best"


class Unable(RuntimeError):
    """There is no version that could answer; the message says why."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """A version that was verified, loaded and tried."""

    version: int
    model: ServedModel


@dataclass(frozen=True, eq=False)
class LiveTest:
    """The test that runs, as this process takes part in it."""

    test: AbTest
    challenger: Loaded | None  # None where it could not be loaded
    exposed: Recent  # users whom the record has among the exposed

    def arm_of(self, user_id: str) -> Arm:
        return arm_of(user_id, self.test.salt, self.test.split)


@dataclass(frozen=True, eq=False)
class Answering:
    """The version that answers one user, and as which arm of which test."""

    version: int
    model: ServedModel
    test: LiveTest | None = None
    arm: Arm | None = None
    fell_back: bool = False  # the arm's own version could not be loaded

    @property
    def ab_test_id(self) -> int | None:
        return None if self.test is None else self.test.test.ab_test_id


@dataclass(frozen=True, eq=False)
class Serving:
    """All that answers, never changed: a switch puts another one in its place."""

    active: Active | None  # as the record has it
    champion: Loaded | None  # the active version, or the nearest earlier one that could be loaded
    live_test: LiveTest | None = None
    problems: Sequence[str] = ()  # why it is not as the record has it

    @property
    def version(self) -> int | None:
        """The version that answers whoever is in no test."""
        return None if self.champion is None else self.champion.version

    @property
    def why_not(self) -> str:
        """Say why there is nothing that could answer."""
        return "; ".join(self.problems) or NOTHING_ACTIVE

    def answering(self, user_id: str) -> Answering:
        """Choose the version that answers a user.

        Raises:
            Unable: there is none.

        """
        if self.champion is None:
            raise Unable(self.why_not)
        if self.live_test is None:
            return Answering(self.champion.version, self.champion.model)
        arm = self.live_test.arm_of(user_id)
        return self._as_arm(self.live_test, arm, self.champion)

    def _as_arm(self, test: LiveTest, arm: Arm, champion: Loaded) -> Answering:
        """Give an arm its version; where that cannot be loaded the champion answers and the arm stays."""
        own = test.challenger if arm == "challenger" else champion
        planned = test.test.challenger_version if arm == "challenger" else test.test.champion_version
        answers = own or champion
        return Answering(answers.version, answers.model, test, arm, fell_back=answers.version != planned)
