"""Kernels in numba for what numpy does in many passes; each adds in numpy's order and so gives its bits.

No kernel has threads of its own: workers are what fills the cores. A sparse matrix comes in three parts
(`kernels.csr`). Columns are read as unsigned: then numba need not ask whether they count from the end.
"""

from pipeline.compiled.histories import (
    divided,
    followed,
    history_product,
    mixed_scores,
    place_weights,
    stretch,
)
from pipeline.compiled.hybrid import cast_of_pairs, genre_parts, hybrid_sums, mixed_kinds
from pipeline.compiled.movies import leverages, movie_posteriors, products_at
from pipeline.compiled.preferences import taste_sums, tastes_left_out
from pipeline.compiled.processes import covariance, mixed_likeness, product_of_pairs, sums_left
from pipeline.compiled.ranking import rank
from pipeline.compiled.regression import left_by_users, products

__all__ = [
    "cast_of_pairs",
    "covariance",
    "divided",
    "followed",
    "genre_parts",
    "history_product",
    "hybrid_sums",
    "left_by_users",
    "leverages",
    "mixed_kinds",
    "mixed_likeness",
    "mixed_scores",
    "movie_posteriors",
    "place_weights",
    "product_of_pairs",
    "products",
    "products_at",
    "rank",
    "stretch",
    "sums_left",
    "taste_sums",
    "tastes_left_out",
]
