import numpy as np
from tiny_data import tiny

from pipeline.dataset import Dataset
from pipeline.kept import KEPT, once_per_dataset, once_per_training_set


class Counted:
    """Computes something and counts how often it was asked to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(
        self, dataset: Dataset, train: np.ndarray, factor: float = 1.0, *, offset: float = 0.0
    ) -> float:
        self.times += 1
        return float(dataset.ratings[train].sum() * factor + offset)


DATASET = tiny([(0, 0, 5, 0), (0, 1, 2.5, 1), (1, 0, 5, 0)], genres=["a", "b"])
ALL, SOME = np.array([True, True, True]), np.array([True, True, False])


def test_the_same_question_is_answered_once() -> None:
    compute = Counted()
    remembered = once_per_training_set(compute)
    assert [remembered(DATASET, ALL, 2.0), remembered(DATASET, ALL.copy(), 2.0)] == [5.0, 5.0]
    assert compute.times == 1


def test_other_ratings_settings_or_data_are_another_question() -> None:
    compute = Counted()
    remembered = once_per_training_set(compute)
    other = tiny([(0, 0, 0, 0), (0, 1, 2.5, 1), (1, 0, 5, 0)], genres=["a", "b"])
    answers = [
        remembered(DATASET, ALL, 1.0),
        remembered(DATASET, SOME, 1.0),
        remembered(DATASET, ALL, 2.0),
        remembered(DATASET, ALL, 1.0, offset=1.0),
        remembered(other, ALL, 1.0),
    ]
    assert answers == [2.5, 1.5, 5.0, 3.5, 1.5]
    assert compute.times == 5


def test_the_last_few_answers_are_kept_and_the_oldest_is_forgotten() -> None:
    compute = Counted()
    remembered = once_per_training_set(compute)
    for factor in range(KEPT):
        remembered(DATASET, ALL, float(factor))
    remembered(DATASET, ALL, 0.0)  # asked again, and so not the oldest any more
    remembered(DATASET, ALL, float(KEPT))
    assert compute.times == KEPT + 1
    remembered(DATASET, ALL, 0.0)
    assert compute.times == KEPT + 1
    remembered(DATASET, ALL, 1.0)
    assert compute.times == KEPT + 2


def test_two_functions_do_not_take_each_others_answers() -> None:
    plain, negative = (
        once_per_training_set(lambda dataset, _, by=sign: by * dataset.n_ratings) for sign in (1, -1)
    )
    assert [plain(DATASET, ALL), negative(DATASET, ALL)] == [3, -3]


def test_what_needs_no_ratings_is_computed_once_for_all_training_sets() -> None:
    asked = []
    remembered = once_per_dataset(lambda dataset, factor: asked.append(factor) or dataset.n_users * factor)
    other = tiny([(0, 0, 5, 0)], genres=["a"])
    answers = [remembered(DATASET, 2), remembered(DATASET, 2), remembered(DATASET, 3), remembered(other, 2)]
    assert answers == [4, 4, 6, 2]
    assert asked == [2, 3, 2]
