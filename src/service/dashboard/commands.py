"""What to do next, as commands that can be typed as they stand; shown where there is nothing to show yet."""

import json
from collections.abc import Mapping, Sequence
from shlex import join, quote
from typing import Any

from report.next_steps import Step, first_search
from service.settings import TOKEN


def to_search(database: Sequence[str]) -> list[Step]:
    return [first_search("tries configurations, and records what each is worth", database)]


def to_deploy(database: Sequence[str]) -> list[Step]:
    return [
        Step(
            "shows what would be deployed, and what the gate says; changes nothing",
            deploy_command("experiment=best", "dry_run=true", database=database),
        ),
        Step("deploys the best experiment", deploy_command("experiment=best", database=database)),
    ]


def to_rate(base_url: str) -> list[Step]:
    rating = {"user_id": "1", "movie_id": "50", "rating": 4}
    return [Step("sends a rating, which is held against its forecast", _post(base_url, "ratings", rating))]


def to_retrain(database: Sequence[str]) -> list[Step]:
    command = deploy_command("action=retrain", database=database)
    return [Step("fits the active version anew, and takes it through the gate", command)]


def to_roll_back(database: Sequence[str]) -> list[Step]:
    return [Step("goes back to the version before", deploy_command("action=rollback", database=database))]


def to_test(base_url: str, database: Sequence[str], challenger: int | None) -> list[Step]:
    """Start a test of a version that is ready; where there is none make one first, to be looked for here."""
    if challenger is None:
        ready = deploy_command("experiment=best", "activate=false", database=database)
        return [Step("leaves a second version ready, of which a test can be started then", ready)]
    test = {"name": f"version {challenger} beside the active one", "challenger_version": challenger}
    return [Step("starts the test", _post(base_url, "ab-tests", test))]


def deploy_command(*arguments: str, database: Sequence[str]) -> str:
    return join(["python", "src/deploy_app.py", *arguments, *database])


def _post(base_url: str, route: str, body: Mapping[str, Any]) -> str:
    """Write a request with curl; double quotes let the shell put the token in."""
    heads = f'-H "Authorization: Bearer ${TOKEN}" -H "Content-Type: application/json"'
    return f"curl -X POST {quote(f'{base_url}api/{route}')} {heads} -d {quote(json.dumps(body))}"
