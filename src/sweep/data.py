"""The ratings that a config asks for: of its source, with what came in through the service if asked for."""

from pathlib import Path

from db.engine import connect, is_there
from db.source_tables import open_tables
from deployment.live_data import with_live_ratings
from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput, nearest
from pipeline.sources import intake_of, load, snapshot_of
from pipeline.sources.intake import Tally
from pipeline.sources.section import Data
from pipeline.store import default_cache, kept, opened


def dataset_of(data: Data, db_url: str, snapshot: str | None = None) -> Dataset:
    """Load a dataset.

    Args:
        data: what is asked for.
        db_url: of the record, which has the ratings that came in through the service.
        snapshot: as `pipeline.sources.snapshot_of` names the dataset of an earlier call. A run keeps it, so
            that all of its trials, whenever and wherever they run, are measured on the same ratings. Where
            the cache has lost it, the data is read again.

    Raises:
        InvalidInput: where the data is not as it must be, the snapshot that was typed is not there, or the
            run's is lost and the data has changed since.

    """
    cache = default_cache() if data.cache is None else data.cache
    if data.snapshot is not None:
        return _typed(data.snapshot, cache)
    found = None if snapshot is None else opened(snapshot, cache)
    if found is not None:
        return found
    dataset = load(data.source, cache, open_tables=open_tables)
    if data.include_feedback:
        dataset = _with_feedback(dataset, db_url, cache)
    if snapshot is not None and data.is_live and snapshot_of(dataset) != snapshot:
        raise InvalidInput(
            f"data must be what the run was begun on, {snapshot}, but it has changed since and the cache "
            f"{cache} does not have it; put data.cache where it stays, and where all machines of a run see it"
        )
    return dataset


def _typed(snapshot: str, cache: Path) -> Dataset:
    dataset = opened(snapshot, cache)
    if dataset is None:
        there = [folder.name for folder in cache.iterdir()] if cache.is_dir() else []
        meant = nearest(snapshot, there, "data.snapshot=")
        raise InvalidInput(f"data.snapshot must be a dataset of the cache {cache}, got {snapshot!r}{meant}")
    return dataset


def _with_feedback(dataset: Dataset, db_url: str, cache: Path) -> Dataset:
    if not is_there(db_url):
        return dataset
    joined = with_live_ratings(connect(db_url), dataset)
    came_in = int(joined.came_in.sum())
    if not came_in and not joined.n_left_out:
        return dataset
    tally = Tally.of(intake_of(dataset))
    tally.read("ratings", came_in)
    tally.note(f"ratings that came in through the service: {came_in:,}")
    why = "that came in through the service, of movies that are not there"
    tally.drop("ratings", why, count=joined.n_left_out)
    folder = cache / f"{dataset.name}-joined-{joined.dataset.fingerprint}"
    return kept(joined.dataset, tally.closed().values(), folder)
