"""Who a split measures, and who of them is unknown to the model that is measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem


@dataclass(frozen=True)
class Presence:
    """Users, or movies, of a dataset as one part finds them."""

    held_out: int  # with a rating in the part
    cold: int  # of these, without any rating that the model was fitted on
    cold_share: float  # of the part's ratings, those by cold users or of cold movies, 0 to 1
    absent: int  # without a rating in the part: nothing is measured on them


@dataclass(frozen=True)
class PartAttendance:
    """One held-out part beside the ratings that its model was fitted on."""

    begins: str | None  # day (UTC, ISO) of its first rating; None where fitted ratings are as late as that
    users: Presence
    movies: Presence


@dataclass(frozen=True)
class Attendance:
    """Cold users and movies are counted, never dropped: the model answers for them, too."""

    validation: PartAttendance  # model fitted on train
    test: PartAttendance  # model fitted on train + validation


def attendance(problem: Problem) -> Attendance:
    """Count whom validation and test measure; both have ratings."""
    dataset, split = problem.dataset, problem.split
    return Attendance(
        validation=_of_part(dataset, problem.train, split.validation),
        test=_of_part(dataset, problem.train_and_validation, split.test),
    )


def _of_part(dataset: Dataset, fit: NDArray[np.bool_], part: NDArray[np.bool_]) -> PartAttendance:
    return PartAttendance(
        begins=_begin(dataset.timestamps, fit, part),
        users=_presence(dataset.users, dataset.n_users, fit, part),
        movies=_presence(dataset.movies, dataset.n_movies, fit, part),
    )


def _presence(
    index: NDArray[np.int32], size: int, fit: NDArray[np.bool_], part: NDArray[np.bool_]
) -> Presence:
    """Count the indices below `size` that are met in the ratings of two masks, each (n_ratings,)."""
    fitted, held_out = (np.bincount(index[mask], minlength=size) for mask in (fit, part))
    cold = fitted == 0
    return Presence(
        held_out=int((held_out > 0).sum()),
        cold=int((held_out[cold] > 0).sum()),
        cold_share=float(held_out[cold].sum() / held_out.sum()),
        absent=int((held_out == 0).sum()),
    )


def _begin(timestamps: NDArray[np.int64], fit: NDArray[np.bool_], part: NDArray[np.bool_]) -> str | None:
    """Date a part's first rating, if everything that was fitted lies before it."""
    begins = timestamps[part].min()
    if timestamps[fit].max() >= begins:
        return None
    return str(begins.astype("datetime64[s]").astype("datetime64[D]"))
