"""Kernels of `phase3`, `ease` and `sequences`: sums over histories, and what follows what."""

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
def stretch(rows: NDArray[np.float32], lowest: NDArray[np.float32], width: NDArray[np.float32]) -> None:
    """Take from rows (m, n) their lowest (m,) and divide what is left by the width (m,), in place."""
    for i in range(len(rows)):
        row, low, divisor = rows[i], lowest[i], width[i]
        for k in range(len(row)):
            row[k] = (row[k] - low) / divisor


@kernel
def mixed_scores(
    hybrid: NDArray[np.float32],
    models: tuple[NDArray[np.float32], NDArray[np.float32]],
    parts: tuple[np.float32, np.float32],
    shares: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Do what `phase3._mixed` does: (n_users, n_movies)."""
    mixed = np.empty_like(hybrid)
    for i in range(len(hybrid)):
        out, plain, one, other = mixed[i], hybrid[i], models[0][i], models[1][i]
        share, rest = shares[i, 0], np.float32(1) - shares[i, 0]
        for k in range(len(out)):
            out[k] = plain[k] * rest + (parts[0] * one[k] + parts[1] * other[k]) * share
    return mixed


@kernel
def followed(
    raters: Csr,
    likes: NDArray[np.uint32],
    liked: NDArray[np.int32],
    ends: NDArray[np.int64],
    later: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Count what was liked after what, one movie's row after the other: (n_movies, n_movies).

    Args:
        raters: of each movie the places (n,) of its ratings, among all, as columns; and as values how many
            of all ratings until there are liked.
        likes: (n_liked,) places of the liked ratings.
        liked: (n_liked,) movies of the liked ratings.
        ends: (n,) how many of all ratings are liked until the last one of the same user.
        later: what a step of this many ratings counts.

    """
    n_movies = len(raters[0]) - 1
    counts = np.zeros((n_movies, n_movies), dtype=np.float32)
    for movie in range(n_movies):
        row = counts[movie]
        for k in range(raters[0][movie], raters[0][movie + 1]):
            place = np.uint32(raters[1][k])
            for i in range(np.uint32(raters[2][k]), np.uint32(ends[place])):
                row[np.uint32(liked[i])] += later[likes[i] - place]
    return counts


@kernel
def divided(
    counts: NDArray[np.float32], totals: NDArray[np.float32], popular: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Divide rows by their totals (n, 1), and columns by how popular they are (n,): (n, n)."""
    shares = np.empty_like(counts)
    for i in range(len(counts)):
        out, row, total = shares[i], counts[i], totals[i, 0]
        for k in range(len(row)):
            out[k] = row[k] / total / popular[k]
    return shares


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
    loud = np.empty(len(gram), dtype=np.float32)
    for i in range(len(gram)):
        row, told, least = weights[movies[i]], gram[i], quiet[i]
        for j in range(len(gram)):
            share = told[j] / rest[j]
            loud[j] = share if abs(told[j]) >= least * length[j] else np.float32(0)
        loud[i] = 0
        for j in range(len(gram)):
            row[np.uint32(movies[j])] = loud[j]
