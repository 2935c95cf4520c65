"""Which data a run is measured on: named in its folder, so that all of its trials open the same."""

import json
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine

from db.queries import recorded_experiments
from db.runs import tuning_runs
from pipeline.sources.section import Data
from project import ROOT

IDENTITY_FILE = "run.json"


@lru_cache(maxsize=8)  # it is asked for several times a trial
def pinned(run_folder: Path, rerun: str | None, data: Data) -> str | None:
    """Name the dataset that a run was begun on, or the run whose trial it measures again; else None.

    Args:
        run_folder: of the run, which may be new.
        rerun: folder of the trial that is measured again, as typed.
        data: what is asked for now; a run on other data holds nothing still.

    """
    again = () if rerun is None else (Path(rerun).absolute().parent, (ROOT / rerun).parent)
    return next(filter(None, (_snapshot(folder, data) for folder in (run_folder, *again))), None)


def pinned_of(engine: Engine | None, experiment: str, data: Data) -> str | None:
    """Name the dataset that an experiment was measured on, the latest run's of these data for the best.

    None for data that stays as it is, and where no run's folder tells.
    """
    if engine is None or not data.is_live:
        return None
    run_of = {one.experiment_id: one.tuning_run_id for one in recorded_experiments(engine)}
    for run in tuning_runs(engine):
        folder = ROOT / run.output_dir
        is_asked = experiment not in run_of or run_of[experiment] == run.tuning_run_id
        found = _snapshot(folder, data) if is_asked else None
        if found is not None:
            return found
    return None


def _snapshot(run_folder: Path, data: Data) -> str | None:
    try:
        kept = json.loads((run_folder / IDENTITY_FILE).read_text(encoding="utf-8"))
        found = kept["data_snapshot"] if kept["data"] == json.loads(json.dumps(data.what)) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, str) else None
