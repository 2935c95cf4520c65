"""Kernels of `phase1` and `phase2`: what is known of casts, and the sum of all addends."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr

ONE = np.float32(1)


@kernel
def _know(known: NDArray[np.float32], user: int, brought: Csr, rated: Csr) -> None:
    """Add up what a user's movies bring along of every movie's cast: known (n_movies,) is overwritten."""
    known[:] = 0
    for k in range(rated[0][user], rated[0][user + 1]):
        movie, y = rated[1][k], rated[2][k]
        others = brought[1][brought[0][movie] : brought[0][movie + 1]]
        shares = brought[2][brought[0][movie] : brought[0][movie + 1]]
        for i in range(len(others)):
            known[np.uint32(others[i])] += shares[i] * y


@kernel
def hybrid_sums(
    users: NDArray[np.integer],
    kind: NDArray[np.int32],
    of_kind: NDArray[np.float32],
    of_movie: NDArray[np.float32],
    of_user: NDArray[np.float32],
    of_cast: np.float32,
    brought: Csr,
    rated: Csr,
    franchise: Csr,
) -> NDArray[np.float32]:
    """Do what `FittedPhase1.sums` does: (len(users), n_movies)."""
    scores = np.empty((len(users), len(kind)), dtype=np.float32)
    known = np.empty(len(kind), dtype=np.float32)
    for row in range(len(users)):
        user, out = users[row], scores[row]
        taste, level = of_kind[row], of_user[user]
        _know(known, user, brought, rated)
        for movie in range(len(kind)):
            plain = taste[np.uint32(kind[movie])] + of_movie[movie] + level
            out[movie] = plain + min(known[movie], ONE) * of_cast
        for k in range(franchise[0][user], franchise[0][user + 1]):
            out[franchise[1][k]] += franchise[2][k]
    return scores


@kernel
def mixed_kinds(
    genre_part: NDArray[np.float64],
    similarity: NDArray[np.float64],
    preference: NDArray[np.float64],
    weight: float,
    coefficients: tuple[float, float],
    share: float,
) -> NDArray[np.float32]:
    """Do what `FittedPhase2._of_kind` does, with the coefficients of both: (n_users, n_kinds)."""
    mixed = np.empty(similarity.shape, dtype=np.float32)
    for user in range(len(similarity)):
        out, part, fit, liked = mixed[user], genre_part[user], similarity[user], preference[user]
        for kind in range(len(out)):
            hybrid = part[kind] + weight * liked[kind]
            predicted = coefficients[0] * fit[kind] + coefficients[1] * liked[kind]
            out[kind] = np.float32((1 - share) * hybrid + share * predicted)
    return mixed
