"""What to do after a run, as commands that can be typed as they stand."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from db.answers import TuningRun
from report.findings import Findings
from report.judgement import Judgement
from report.outcome import SENSITIVITY
from report.verdict import WORDS

# Explored already: exploit next. Exploited: tune finely.
AFTER = {"bayesian": "grid", "gp": "grid", "cmaes": "grid"}
PLACES = re.compile(r"(db(\.url)?|outputs)=")
# What belongs to one strategy or to one run, and is no part of the next; confirming chooses its own ratings.
OF_ONE_SEARCH = re.compile(r"[+~]*(search|hydra|run_id|rerun|reuse|parent|phase|model\.)")
OF_ONE_SPLIT = re.compile(r"[+~]*split")
# What an experiment was measured on, and where it is kept: it is deployed on the same.
DEPLOYED_ON = re.compile(r"[+~]*(data|split|db|outputs)[.=]")


class Step(NamedTuple):
    """A thing to do and its command."""

    purpose: str
    command: str


def deploy_line(findings: Findings, judgement: Judgement) -> str:
    """Say whether the winner may go live, and what speaks against it."""
    if not judgement.holds:
        return f"Do not deploy it: {_objection(judgement)}."
    where = "where it was measured again" if findings.confirmation else "on ratings that did not pick it"
    return f"It may be deployed: it holds {where}."


def next_steps(findings: Findings, judgement: Judgement) -> list[Step]:
    """Name what comes next: confirm and deploy what holds, search on where nothing does."""
    words = _words(findings.run)
    again, search = list(_measured_again(findings, words)), [_next_search(findings, words)]
    shown = Step(
        "shows it in the browser", report_command(findings.run_id, findings.database, "report.format=html")
    )
    if findings.method == SENSITIVITY:
        return [*search, shown]
    if not judgement.holds:
        return [*search, *again, shown]
    confirm = [_confirmed(findings, words)] if findings.confirmation is None else []
    return [*confirm, _deployed(findings, words), *again, shown]


def first_search(purpose: str, database: Sequence[str]) -> Step:
    """Give the command of a search where none can be gone on from, with arguments that lead to the record."""
    return Step(purpose, _tune("-m", "search=random", *database))


def report_command(run_id: str, database: Sequence[str], *arguments: str) -> str:
    """Give the command that reports on a run."""
    return shlex.join(["python", "src/report_app.py", f"report.run={run_id}", *arguments, *database])


def _objection(judgement: Judgement) -> str:
    if judgement.missing:
        return "what it has to be compared with was not measured"
    if judgement.unseen is None:
        return "without figures of its users no interval can be given"
    if judgement.too_few_users:
        return "too few users were measured for a verdict"
    return f"on {judgement.fresh} it is {WORDS[judgement.unseen.verdict]}"


def _words(run: TuningRun | None) -> list[str]:
    """Take the overrides out of a run's command."""
    typed = [] if run is None else shlex.split(run.command)
    return [word for word in typed if "=" in word and not word.startswith("-")]


def _measured_again(findings: Findings, words: Sequence[str]) -> Iterator[Step]:
    folder = findings.winner.output_dir
    if folder is not None:
        places = [word for word in words if PLACES.match(word)]
        yield Step("measures it again", _tune(f"rerun={folder}", *places))


def _confirmed(findings: Findings, words: Sequence[str]) -> Step:
    kept = [word for word in words if not (OF_ONE_SEARCH.match(word) or OF_ONE_SPLIT.match(word))]
    of = f"search.of={findings.run_id}"
    return Step("confirms it on ratings that did not pick it", _tune("-m", "search=confirm", of, *kept))


def _deployed(findings: Findings, words: Sequence[str]) -> Step:
    experiment = f"experiment={findings.winner.experiment_id}"
    on = [word for word in words if DEPLOYED_ON.match(word)]
    command = shlex.join(["python", "src/deploy_app.py", experiment, "dry_run=true", *on])
    return Step("shows what deploying it would change", command)


def _next_search(findings: Findings, words: Sequence[str]) -> Step:
    if findings.run is None:
        return first_search("measures anew, with all that has to stand beside it", findings.database)
    method = AFTER.get(findings.run.tuning_method, "bayesian")
    kept = [word for word in words if not OF_ONE_SEARCH.match(word)]
    return Step("searches on", _tune("-m", f"search={method}", *kept))


def _tune(*arguments: str) -> str:
    return shlex.join(["python", "src/tune_app.py", *arguments])
