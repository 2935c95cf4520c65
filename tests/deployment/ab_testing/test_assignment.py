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


def in_another_process(salt: str, n_users: int, hash_seed: str) -> str:
    """Digest the arms of users 0, 1, … as a process that was started anew sees them."""
    program = (
        "import hashlib; from deployment.ab_testing.assignment import arm_of; "
        f"arms = ''.join(arm_of(str(user), {salt!r}, 0.3)[2] for user in range({n_users})); "
        "print(hashlib.sha256(arms.encode()).hexdigest())"
    )
    environment = {"PYTHONPATH": str(SRC), "PYTHONHASHSEED": hash_seed}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def check_other_processes(n_users: int) -> None:
    here = "".join(arm_of(str(user), "a salt", 0.3)[2] for user in range(n_users))
    expected = hashlib.sha256(here.encode()).hexdigest()
    assert {in_another_process("a salt", n_users, seed) for seed in ("0", "1", "2")} == {expected}


def check_split(n_users: int, split: float) -> None:
    challengers = shares("another salt", n_users, split).sum()
    assert abs(challengers - n_users * split) < 4 * np.sqrt(n_users * split * (1 - split))


def check_independence(n_salts: int, n_users: int) -> None:
    arms = [shares(f"salt {number}", n_users) for number in range(n_salts)]
    tables = [np.histogram2d(one, other, bins=2)[0] for one, other in combinations(arms, 2)]
    dependent = sum(stats.chi2_contingency(table).pvalue < 0.001 for table in tables)
    # Of so many independent pairs more than this are below 0.001 in one of ten thousand cases.
    assert dependent <= stats.binom.ppf(0.9999, len(tables), 0.001)


def test_other_processes_assign_alike() -> None:
    check_other_processes(2_000)


@pytest.mark.parametrize("split", [0.05, 0.5])
def test_arms_have_the_share_of_the_split(split: float) -> None:
    check_split(20_000, split)


def test_tests_with_other_salts_divide_users_independently() -> None:
    check_independence(10, 5_000)


@pytest.mark.slow
def test_a_million_users_stay_put_and_are_divided_evenly_and_independently() -> None:
    check_other_processes(1_000_000)
    check_split(1_000_000, 0.5)
    check_independence(30, 30_000)
