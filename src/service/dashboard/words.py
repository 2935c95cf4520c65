"""What the record writes in one word, as the dashboard says it."""

from collections.abc import Mapping
from datetime import datetime

from db.deployment.answers import Version
from deployment.ab_testing.verdict import Verdict

SOURCES = {"live": "live", "offline_replay": "offline replay"}
SWITCHES = {
    "deploy": "deployed",
    "activate": "activated",
    "rollback": "rolled back to",
    "promote": "promoted",
    "retrain": "retrained and deployed",
}
VERDICTS: Mapping[Verdict, str] = {
    "collecting": "Still collecting: nothing may be said yet",
    "blocked_srm": "Blocked: the arms do not have the users they should have",
    "guardrail_failed": "A guardrail failed: the challenger must not be promoted",
    "challenger_better": "The challenger is better",
    "champion_better": "The champion is better",
    "no_difference_shown": "No difference was shown",
}


def verdict_words(verdict: str | None) -> str:
    """Say a verdict in words; a dash where none was reached."""
    return next((words for name, words in VERDICTS.items() if name == verdict), verdict or "–")


def day_of(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d}"


def moment(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def gate_words(version: Version) -> str:
    return "passed" if version.passed else "forced" if version.forced else "refused"
