"""Assignment stays put, is even, and is independent between tests: bar A1 of the project."""

import hashlib
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deployment.ab_testing.assignment import arm_of, new_salt

SRC = Path(__file__).parents[3] / "src"

# salt, user, and what `printf '%s' "salt:user" | sha256sum | head -c 16` says of them
VECTORS = (
    ("", "1", "882e0dabc11b4d21"),
    ("a", "1", "2b2c40a6706d9e5f"),
    ("a", "943", "71e1d581bc2e839b"),
    ("b", "943", "745a9fccf8e6fe7f"),
    ("5f0c", "user@example.org", "570c64a2a1f599db"),
    ("5f0c", "ünïcode", "f4928c0e357f424f"),
    ("salt", "", "e7732745bfeae4fb"),
)


def shares(salt: str, n_users: int, split: float = 0.5) -> np.ndarray:
    """Tell of users 0, 1, … who is given the challenger: (n_users,)."""
    return np.array([arm_of(str(user), salt, split) == "challenger" for user in range(n_users)])


@pytest.mark.parametrize(("salt", "user", "digits"), VECTORS)
def test_a_user_s_place_is_the_hash_of_salt_and_user(salt: str, user: str, digits: str) -> None:
    place = int(digits, 16) / 2**64
    assert arm_of(user, salt, place) == "champion"
    assert arm_of(user, salt, np.nextafter(place, 1)) == "challenger"


@given(st.text(), st.text())
def test_nobody_is_given_the_challenger_at_a_split_of_0_and_everybody_at_1(user: str, salt: str) -> None:
    assert arm_of(user, salt, 0.0) == "champion"
    assert arm_of(user, salt, 1.0) == "challenger"


@given(st.text(), st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_greater_split_takes_users_from_the_champion_alone(
    user: str, salt: str, one: float, other: float
) -> None:
    if arm_of(user, salt, min(one, other)) == "challenger":
        assert arm_of(user, salt, max(one, other)) == "challenger"


def test_salts_are_never_the_same() -> None:
    drawn = {new_salt() for _ in range(1000)}
    assert len(drawn) == 1000
    assert {len(salt) for salt in drawn} == {32}


def digest(is_challenger: np.ndarray) -> str:
    return hashlib.sha256(is_challenger.tobytes()).hexdigest()


def in_another_process(salt: str, n_users: int, hash_seed: str) -> str:
    """Digest the arms of users 0, 1, … as a process that was started anew sees them."""
    program = (
        "import hashlib; from deployment.ab_testing.assignment import arm_of; "
        f"arms = bytes(arm_of(str(user), {salt!r}, 0.5) == 'challenger' for user in range({n_users})); "
        "print(hashlib.sha256(arms).hexdigest())"
    )
    environment = {"PYTHONPATH": str(SRC), "PYTHONHASHSEED": hash_seed}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def check_users(n_users: int) -> None:
    """Assign users here and in three other processes; half of them are challengers, within four sigma."""
    here = shares("a salt", n_users)
    assert {in_another_process("a salt", n_users, seed) for seed in ("0", "1", "2")} == {digest(here)}
    assert abs(here.sum() - n_users / 2) < 4 * np.sqrt(n_users / 4)


def check_independence(n_salts: int, n_users: int) -> None:
    arms = np.array([shares(f"salt {number}", n_users) for number in range(n_salts)], dtype=float)
    both, sizes = arms @ arms.T, arms.sum(axis=1)
    dependent = 0
    for one, other in combinations(range(n_salts), 2):
        row = both[one, other], sizes[one] - both[one, other]
        table = [row, (sizes[other] - row[0], n_users - sizes[other] - row[1])]
        dependent += stats.chi2_contingency(table).pvalue < 0.001
    # Of so many independent pairs more than this are below 0.001 in one of ten thousand cases.
    assert dependent <= stats.binom.ppf(0.9999, n_salts * (n_salts - 1) / 2, 0.001)


def test_other_processes_assign_alike_and_evenly() -> None:
    check_users(5_000)


def test_a_small_split_is_kept() -> None:
    challengers = shares("another salt", 20_000, 0.05).sum()
    assert abs(challengers - 1_000) < 4 * np.sqrt(20_000 * 0.05 * 0.95)


def test_tests_with_other_salts_divide_users_independently() -> None:
    check_independence(10, 5_000)


@pytest.mark.slow
def test_a_million_users_stay_put_and_are_divided_evenly() -> None:
    check_users(1_000_000)


@pytest.mark.slow
def test_thirty_tests_divide_users_independently() -> None:
    check_independence(30, 20_000)
