"""Kernels of pairs of a user and a movie, where no whole row of movies is asked for."""

import numpy as np
from numpy.typing import NDArray

from pipeline.compiled.kernel import kernel
from pipeline.kernels import Csr


@kernel
def cast_at(
    users: NDArray[np.integer], movies: NDArray[np.integer], overlap: Csr, rated: Csr
) -> NDArray[np.float32]:
    """Do what `cast.known_cast_at` does with pairs (n,) that are sorted by user: (n,)."""
    found = np.empty(len(users), dtype=np.float32)
    liking = np.zeros(len(overlap[0]) - 1, dtype=np.float32)
    for k in range(len(users)):
        if k == 0 or users[k] != users[k - 1]:
            if k > 0:
                for i in range(rated[0][users[k - 1]], rated[0][users[k - 1] + 1]):
                    liking[rated[1][i]] = 0
            for i in range(rated[0][users[k]], rated[0][users[k] + 1]):
                liking[rated[1][i]] = rated[2][i]
        others = overlap[1][overlap[0][movies[k]] : overlap[0][movies[k] + 1]]
        shares = overlap[2][overlap[0][movies[k]] : overlap[0][movies[k] + 1]]
        total = np.float32(0)
        for i in range(len(others)):
            total += shares[i] * liking[np.uint32(others[i])]
        found[k] = total
    return found
