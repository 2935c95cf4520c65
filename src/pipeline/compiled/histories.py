"""Kernels of `phase3` and `sequences`: sums over histories, and what follows what."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr


@kernel
def history_product(
    users: NDArray[np.integer], history: Csr, weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Multiply some sparse rows with a dense matrix, eight terms a pass: history[users] @ weights."""
    starts, columns, values = history
    product = np.zeros((len(users), weights.shape[1]), dtype=np.float32)
    for row in range(len(users)):
        out = product[row]
        k, end = starts[users[row]], starts[users[row] + 1]
        while k + 8 <= end:
            a, b, c, d = values[k], values[k + 1], values[k + 2], values[k + 3]
            e, f, g, h = values[k + 4], values[k + 5], values[k + 6], values[k + 7]
            of_a, of_b = weights[columns[k]], weights[columns[k + 1]]
            of_c, of_d = weights[columns[k + 2]], weights[columns[k + 3]]
            of_e, of_f = weights[columns[k + 4]], weights[columns[k + 5]]
            of_g, of_h = weights[columns[k + 6]], weights[columns[k + 7]]
            for m in range(len(out)):
                half = (((out[m] + a * of_a[m]) + b * of_b[m]) + c * of_c[m]) + d * of_d[m]
                out[m] = (((half + e * of_e[m]) + f * of_f[m]) + g * of_g[m]) + h * of_h[m]
            k += 8
        while k < end:
            a, of_a = values[k], weights[columns[k]]
            for m in range(len(out)):
                out[m] += a * of_a[m]
            k += 1
    return product


@kernel
def followed(
    raters: Csr,
    likes: NDArray[np.int64],
    ends: NDArray[np.int64],
    movies: NDArray[np.int32],
    later: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Count what was liked after what, one movie's row after the other: (n_movies, n_movies).

    Args:
        raters: of each movie the places (n,) of its ratings, among all, as columns; and as values how many
            of all ratings until there are liked.
        likes: (n_liked,) places of the liked ratings.
        ends: (n,) how many of all ratings are liked until the last one of the same user.
        movies: (n,) movie of each rating.
        later: what a step of this many ratings counts.

    """
    n_movies = len(raters[0]) - 1
    counts = np.zeros((n_movies, n_movies), dtype=np.float32)
    for movie in range(n_movies):
        row = counts[movie]
        for k in range(raters[0][movie], raters[0][movie + 1]):
            place = raters[1][k]
            for i in range(raters[2][k], ends[place]):
                row[np.uint32(movies[likes[i]])] += later[np.uint32(likes[i] - place)]
    return counts


@kernel
def place_weights(
    gram: NDArray[np.float32],
    quiet: NDArray[np.float32],
    length: NDArray[np.float32],
    rest: NDArray[np.float32],
    movies: NDArray[np.intp],
    weights: NDArray[np.float32],
) -> None:
    """Fill in gram (k, k) / rest off the diagonal where it is at least quiet * length of row and column."""
    for i in range(len(gram)):
        row, told = weights[movies[i]], gram[i]
        for j in range(len(gram)):
            if j != i and abs(told[j]) >= quiet[i] * length[j]:
                row[movies[j]] = told[j] / rest[j]
