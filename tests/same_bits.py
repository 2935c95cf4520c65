"""Are two values the same to the last bit, whatever they are made of?"""

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse


def bits(value: Any) -> Iterator[object]:
    """Take a value apart, down to the bytes of its arrays; their hash keeps a failure readable."""
    if dataclasses.is_dataclass(value):
        yield from bits({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    elif isinstance(value, dict):
        yield from (bit for key, item in value.items() for bit in (key, *bits(item)))
    elif isinstance(value, sparse.csr_array):
        yield from (bit for array in (value.indptr, value.indices, value.data) for bit in bits(array))
    elif isinstance(value, np.ndarray):
        yield from (value.dtype, value.shape, hashlib.sha256(value.tobytes()).hexdigest())
    else:
        yield repr(value)


def assert_same_bits(one: Any, other: Any) -> None:
    assert list(bits(one)) == list(bits(other))
