import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rating_model import COMPONENTS, LANES, RatingModel, fit_rating_model


class Drawn:
    """Ratings of some users, and components of chance; the last user has no ratings."""

    def __init__(self, seed: int, n: int) -> None:
        rng = np.random.default_rng(seed)
        self.components = dict(zip(COMPONENTS, rng.normal(size=(len(COMPONENTS), n)), strict=True))
        self.users = np.sort(rng.integers(0, 4, size=n)).astype(np.int32)
        self.y = rng.random(n)

    def fitted(self, alpha: float) -> RatingModel:
        return fit_rating_model(self.components, self.users, self.y, n_users=5, alpha=alpha)


drawn = st.builds(Drawn, st.integers(0, 10**6), st.integers(1, 3 * LANES))


@given(drawn, st.floats(0.1, 100))
@settings(max_examples=80, deadline=None)
def test_no_other_coefficients_have_less_error_and_penalty(case: Drawn, alpha: float) -> None:
    a = np.stack([case.components[name] for name in COMPONENTS], axis=1)
    a -= a.mean(axis=0)
    penalty = np.sqrt(alpha) * np.eye(len(COMPONENTS))
    target = np.append(case.y - case.y.mean(), np.zeros(len(COMPONENTS)))
    expected = np.linalg.lstsq(np.vstack([a, penalty]), target, rcond=None)[0]
    np.testing.assert_allclose(case.fitted(alpha).coefficients, expected, rtol=0, atol=1e-9)


@given(drawn, st.floats(0.1, 100))
@settings(max_examples=40, deadline=None)
def test_a_user_is_moved_by_what_is_left_of_the_own_ratings(case: Drawn, alpha: float) -> None:
    found = case.fitted(alpha)
    a = np.stack([case.components[name] for name in COMPONENTS], axis=1)
    everybody = case.y.mean() - a.mean(axis=0) @ found.coefficients
    rest = case.y - everybody - a @ found.coefficients
    for user in range(5):
        own = rest[case.users == user]
        assert found.user_constant[user] == pytest.approx(
            everybody + own.sum() / (len(own) + alpha), abs=1e-9
        )


def test_what_says_nothing_has_no_coefficient() -> None:
    n = LANES + 1
    components = {name: np.zeros(n) for name in COMPONENTS} | {"mean_rating": np.arange(n) / n}
    y = 0.2 + 0.5 * components["mean_rating"]
    found = fit_rating_model(components, np.zeros(n, dtype=np.int32), y, n_users=1, alpha=1e-9)
    size = dict(zip(COMPONENTS, found.coefficients, strict=True))
    assert size.pop("mean_rating") == pytest.approx(0.5)
    assert set(size.values()) == {0}
    assert found.user_constant.tolist() == pytest.approx([0.2])
