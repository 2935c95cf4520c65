"""How much memory a trial takes, told before it starts: what cannot fit is refused, not tried."""

from pipeline.dataset import Dataset

GIB = 2**30
# Python, numpy, scipy, the kernels, and blocks of users, whatever the data.
ALWAYS = 2**29
# Of a rating: what is mapped of it, its places in the features and among the held-out pairs, and what making
# those takes for a moment.
PER_RATING = {"phase1": 110, "phase2": 400, "phase3": 400}
# Dense matrices (n_movies, n_movies) of float32: item to item and what follows what, of two training sets.
DENSE = {"phase1": 0, "phase2": 0, "phase3": 4}


def memory_needed(dataset: Dataset, model: str) -> int:
    """Estimate the bytes that a trial of a model takes on a dataset, from above."""
    return ALWAYS + PER_RATING[model] * dataset.n_ratings + DENSE[model] * 4 * dataset.n_movies**2


def in_gib(size: int) -> str:
    """Write a size as the limit is written."""
    return f"{size / GIB:.1f}GiB"
