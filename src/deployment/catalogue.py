"""What a served model knows of users and movies beside its numbers: their ids, titles and years."""

import dataclasses
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput

# The user without ratings whom a served model is fitted with, the last of them; no source writes an empty id.
NEWCOMER = ""
# What reading a file raises that is damaged, or that somebody else wrote.
UNREADABLE = (OSError, EOFError, LookupError, TypeError, ValueError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Ids and names, by the indices of the model; the user behind the last one is the newcomer."""

    user_ids: NDArray[np.str_]  # (n_users,) as the source writes them, without the newcomer
    movie_ids: NDArray[np.str_]  # (n_movies,)
    titles: NDArray[np.str_]  # (n_movies,) empty where unknown
    years: NDArray[np.int32]  # (n_movies,) 0 where unknown
    stars: float  # the scale's maximum: turns y into stars

    @staticmethod
    def of(dataset: Dataset) -> "Catalogue":
        """Take it from the data that a model is fitted on, with the newcomer or without."""
        known = dataset.user_ids[dataset.user_ids != NEWCOMER]
        return Catalogue(known, dataset.movie_ids, dataset.titles, dataset.years, dataset.stars)

    @cached_property
    def movies(self) -> Mapping[str, int]:
        """Index of each movie by its id."""
        return {str(movie_id): index for index, movie_id in enumerate(self.movie_ids)}

    @cached_property
    def users(self) -> Mapping[str, int]:
        """Index of each user by the id; the newcomer is not among them."""
        return {str(user_id): index for index, user_id in enumerate(self.user_ids)}

    @property
    def newcomer(self) -> int:
        """Index of the user without ratings."""
        return len(self.user_ids)

    def save(self, path: Path) -> None:
        """Write it to one .npz file, without pickle."""
        arrays = {field.name: np.asarray(getattr(self, field.name)) for field in dataclasses.fields(self)}
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def load_catalogue(path: Path) -> Catalogue:
    """Read back a catalogue.

    Raises:
        InvalidInput: in one line, where the file is not one that `save` wrote.

    """
    try:
        # Not np.load: it takes any file for a pickle.
        with path.open("rb") as file, NpzFile(file, allow_pickle=False) as arrays:
            read: dict[str, Any] = {field.name: arrays[field.name] for field in dataclasses.fields(Catalogue)}
        catalogue = Catalogue(**{**read, "stars": float(read["stars"])})
        if not len(catalogue.movie_ids) == len(catalogue.titles) == len(catalogue.years):
            raise InvalidInput("ids, titles and years must be equally many")
    except UNREADABLE as error:
        raise InvalidInput(f"{path} is not a catalogue: {' '.join(str(error).split())}") from error
    return catalogue


def with_newcomer(dataset: Dataset) -> Dataset:
    """Add one user without any ratings at the end: whoever is unknown is answered as this one."""
    return dataclasses.replace(dataset, user_ids=np.append(dataset.user_ids, NEWCOMER))
