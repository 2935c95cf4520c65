"""What a search would run, and for how long, without running it."""

from collections.abc import Iterator

from sqlalchemy import Engine

from db.engine import connect, is_there
from db.runs import comparable_runs, seconds_a_trial
from db.schema import prepare
from sweep.runs.plan import Proposer
from sweep.runs.problems import problem_key_of, problem_of
from sweep.settings import Settings

SHOWN = 10


def record_of(settings: Settings) -> Engine | None:
    """Open the record where there is one; a preview leaves no file behind."""
    if not is_there(settings.db_url):
        return None
    engine = connect(settings.db_url)
    prepare(engine)
    return engine


def show_preview(settings: Settings, engine: Engine | None, proposer: Proposer) -> None:
    """Print what would run."""
    for line in preview_lines(settings, engine, proposer):
        print(line)


def preview_lines(settings: Settings, engine: Engine | None, proposer: Proposer) -> Iterator[str]:
    """Say how many trials there would be, of what, the first of them, and how long all would take."""
    plan, data = proposer.plan, problem_of(settings).problem.dataset.name
    trials = "1 trial" if plan.total == 1 else f"{plan.total} trials"
    yield (
        f"Preview, nothing is run: {trials} of {settings.model} by {settings.search.method} "
        f"for {' and '.join(settings.metrics)} on {data}."
    )
    yield from (f"  {note}" for note in plan.notes)
    yield from _first_trials(proposer)
    yield _duration(settings, engine, plan.total)


def _first_trials(proposer: Proposer) -> Iterator[str]:
    """List the trials that are certain: all of a list, those proposed at once of what learns on the way."""
    total = proposer.plan.total
    certain = min(proposer.width, total)
    for number, proposal in enumerate(proposer.ask(min(certain, SHOWN)), start=1):
        yield f"  {number:03d}  {' '.join(proposal.overrides) or 'the current configuration'}"
    if certain > SHOWN:
        yield f"  …    {certain - SHOWN} more"
    if certain < total:
        yield f"  …    {total - certain} more, which depend on what these are worth"


def _duration(settings: Settings, engine: Engine | None, trials: int) -> str:
    """Estimate from the pace of the latest run that was measured on the same problem."""
    runs = [] if engine is None else comparable_runs(engine, problem_key_of(settings), settings.model)
    for run in runs:
        pace = None if engine is None else seconds_a_trial(engine, run.tuning_run_id)
        if pace is not None:
            return f"About {_span(pace * trials)} at {pace:.2f} s a trial, the pace of {run.tuning_run_id}."
    return f"How long is not known: no run of {settings.model} on this data and split is recorded yet."


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
