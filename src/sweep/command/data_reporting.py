"""What report_app does with report=data: look at ratings before anything is tuned on them."""

import re
import time
from collections.abc import Iterator, Sequence

from pipeline.audit import audited
from pipeline.audit.counted import Counted
from pipeline.audit.oddities import oddities
from pipeline.hyperparameters import COMPONENT_WEIGHTS
from pipeline.reach import BY_NUMBER, CANNOT, SCALES, Reach, reaches
from pipeline.sources import intake_of
from report.data_found import DataFound
from report.next_steps import Step, first_search
from sweep.command.report_settings import DataReportSettings
from sweep.data import dataset_of

# What a search is to be on, as it was typed.
OF_SEARCH = re.compile(r"[+~]*(data[.=]|split[.=]|db[.=]|model=)")


def looked_at(settings: DataReportSettings, typed: Sequence[str]) -> DataFound:
    """Load the data that are asked for, and find out what they hold.

    Args:
        settings: of the report.
        typed: arguments of the command, those of which that say what is looked at go on to the next.

    Raises:
        InvalidInput: where the data cannot be found, or are not as they must be.

    """
    dataset = dataset_of(settings.data, settings.db_url)
    counted, intake = Counted(dataset), intake_of(dataset)
    audit = audited(counted, settings.split)
    reached = reaches(counted, settings.hyperparameters)
    words = [word for word in typed if OF_SEARCH.match(word)]
    return DataFound(
        audit=audit,
        split=settings.split_name,
        model=settings.model,
        oddities=oddities(counted, audit, intake, int(time.time())),
        reaches=reached,
        intake=intake,
        steps=[] if audit.undivided is not None else list(_steps(words, reached)),
    )


def _steps(words: Sequence[str], reached: Sequence[Reach]) -> Iterator[Step]:
    """Search in the whole space, or in that of what can matter alone."""
    yield first_search("searches on these data", words)
    lost = (CANNOT, SCALES, BY_NUMBER)
    fixed = [f"model.{one.name}={_kept(one)}" for one in reached if one.verdict in lost]
    if fixed:
        yield first_search("searches only what can matter on them", [*words, *fixed])


def _kept(reach: Reach) -> str:
    """Give a weight of nothing to what only scales the others; anything else stays as it is."""
    return "0" if reach.verdict == SCALES and reach.name in COMPONENT_WEIGHTS else f"{reach.value}"
