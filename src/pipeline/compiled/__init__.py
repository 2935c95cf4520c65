"""Kernels in numba for what numpy does in many passes; each adds in numpy's order and so gives its bits.

No kernel has threads of its own: workers are what fills the cores. A sparse matrix comes in three parts
(`kernels.csr`). Columns are read as unsigned: then numba need not ask whether they count from the end.
"""

from pipeline.compiled.histories import followed, history_product, place_weights
from pipeline.compiled.hybrid import hybrid_sums, mixed_kinds
from pipeline.compiled.pairs import cast_at
from pipeline.compiled.preferences import genre_sums, tastes_left_out
from pipeline.compiled.processes import covariance, product_of_pairs
from pipeline.compiled.ranking import rank

__all__ = [
    "cast_at",
    "covariance",
    "followed",
    "genre_sums",
    "history_product",
    "hybrid_sums",
    "mixed_kinds",
    "place_weights",
    "product_of_pairs",
    "rank",
    "tastes_left_out",
]
