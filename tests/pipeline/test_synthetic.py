from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources import SOURCES, MovieLens100K, Synthetic, assemble, load
from pipeline.sources.section import Data, OfAll, read_section
from pipeline.sources.synthetic import FAVOURITES, RATINGS_PER_USER, build, planted, planted_tastes

SHIPPED = Synthetic()
KNOWN = "movielens_100k, movielens, movies_dataset, csv, sql, synthetic"
CONF = Path(__file__).parents[2] / "conf" / "data"


def made(asked: Synthetic) -> Dataset:
    return build(asked)[0]


@st.composite
def sizes(draw: st.DrawFn) -> Synthetic:
    users, movies = draw(st.integers(1, 40)), draw(st.integers(RATINGS_PER_USER, 60))
    ratings = draw(st.integers(users * RATINGS_PER_USER, users * movies))
    return Synthetic(users=users, movies=movies, ratings=ratings, seed=draw(st.integers(0, 99)))


@given(sizes())
@settings(max_examples=60, deadline=None)
def test_every_size_makes_a_legal_dataset(asked: Synthetic) -> None:
    d = made(asked)
    assert (d.n_users, d.n_movies, d.n_ratings) == (asked.users, asked.movies, asked.ratings)
    np.testing.assert_array_equal(np.lexsort((d.movies, d.timestamps, d.users)), np.arange(d.n_ratings))
    assert len(np.unique(d.users * asked.movies + d.movies)) == d.n_ratings, "a user rates a movie once"
    assert np.bincount(d.users, minlength=d.n_users).min() >= RATINGS_PER_USER
    assert 0 <= d.movies.min() <= d.movies.max() < d.n_movies
    assert set(np.rint(d.ratings * 5)) <= {1, 2, 3, 4, 5}
    assert d.timestamps.min() > 0
    assert set(np.diff(d.genres.indptr)) <= {1, 2, 3}
    for movie in range(d.n_movies):
        cast = d.billing[[movie]].data
        assert sorted(cast) == list(range(1, len(cast) + 1)), "positions have no gap"
    numbers = d.franchises[d.franchises >= 0]
    assert (np.bincount(numbers) >= 2).all()
    dtypes = (d.users, d.movies, d.years, d.franchises, d.billing.indices, d.billing.indptr, d.genres.indices)
    assert {array.dtype for array in dtypes} == {np.dtype(np.int32)}


@given(asked=sizes(), share=st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_ratings_drawn_in_shares_of_users_are_legal_too(asked: Synthetic, share: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assemble, "CHUNK", share)
        d = made(asked)
    assert (d.n_users, d.n_movies, d.n_ratings) == (asked.users, asked.movies, asked.ratings)
    np.testing.assert_array_equal(np.lexsort((d.movies, d.timestamps, d.users)), np.arange(d.n_ratings))
    assert len(np.unique(d.users * asked.movies + d.movies)) == d.n_ratings, "a user rates a movie once"
    assert np.bincount(d.users, minlength=d.n_users).min() >= RATINGS_PER_USER
    for array, whole in ((d.users, np.int32), (d.movies, np.int32), (d.timestamps, np.int64)):
        assert array.dtype == whole


def test_shares_of_users_are_alike_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten shares: tastes are found in each of them, and none is the one before again."""
    asked = Synthetic(users=1000, movies=400, ratings=40_000)
    monkeypatch.setattr(assemble, "CHUNK", 4_000)
    d, truth = made(asked), planted(asked)
    error = np.clip(truth.stars(d.users, d.movies), 1, 5) - 5 * d.ratings
    for share in np.array_split(np.arange(d.n_ratings), 10):
        assert 0.5 < np.sqrt((error[share] ** 2).mean()) < 0.75
    firsts = [d.movies[d.users == user].tobytes() for user in range(d.n_users)]
    assert len(set(firsts)) == d.n_users


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    assert made(SHIPPED).fingerprint == made(SHIPPED).fingerprint
    assert made(SHIPPED).fingerprint != made(replace(SHIPPED, seed=8)).fingerprint


def test_users_rate_the_movies_of_their_planted_genres_higher() -> None:
    d, tastes = made(SHIPPED), planted_tastes(SHIPPED)
    assert tastes.shape == (d.n_users, len(d.genre_names))
    assert ((tastes > 0).sum(axis=1) == FAVOURITES).all()
    in_favourite = (d.genres.toarray()[d.movies] * (tastes[d.users] > 0)).any(axis=1)
    gap = d.ratings[in_favourite].mean() - d.ratings[~in_favourite].mean()
    assert gap > 0.1, "half a star and more"


def test_the_planted_truth_predicts_the_ratings_up_to_the_noise() -> None:
    d, truth = made(SHIPPED), planted(SHIPPED)
    error = np.clip(truth.stars(d.users, d.movies), 1, 5) - 5 * d.ratings
    assert 0.5 < np.sqrt((error**2).mean()) < 0.75
    assert np.std(5 * d.ratings) > 0.9


def test_few_movies_draw_most_of_the_ratings() -> None:
    asked = Synthetic(users=500, movies=2_000, ratings=20_000)
    counts = np.sort(np.bincount(made(asked).movies, minlength=asked.movies))[::-1]
    assert counts[:200].sum() > 0.35 * asked.ratings


def test_users_look_for_their_favourite_genres() -> None:
    d, tastes = made(SHIPPED), planted_tastes(SHIPPED)
    has = d.genres.toarray()
    liked = np.array([(has * (taste > 0)).any(axis=1).mean() for taste in tastes])
    seen = (has[d.movies] * (tastes[d.users] > 0)).any(axis=1).mean()
    assert seen > 1.2 * liked.mean()


def test_actors_return_above_all_in_sequels() -> None:
    d = made(SHIPPED)
    assert np.bincount(d.billing.indices).mean() > 3
    for number in range(d.franchises.max() + 1):
        films = np.flatnonzero(d.franchises == number)
        leads = [frozenset(d.billing[[film]].indices[d.billing[[film]].data == 1]) for film in films]
        assert len(set(leads)) == 1


def test_a_sequel_bears_its_title_and_a_number_and_comes_later() -> None:
    d = made(SHIPPED)
    assert d.franchises.max() + 1 == SHIPPED.movies // 12
    for number in range(d.franchises.max() + 1):
        films = np.flatnonzero(d.franchises == number)
        first, *later = films[np.argsort(d.years[films])]
        assert d.titles[later].tolist() == [f"{d.titles[first]} {part}" for part in range(2, 2 + len(later))]


def test_every_user_may_see_every_movie() -> None:
    d = made(Synthetic(users=20, movies=30, ratings=600))
    assert np.bincount(d.users).tolist() == [30] * 20


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ratings": 120_001}, "data.ratings must be at most users x movies (120000), got 120001"),
        ({"ratings": 1_499}, "data.ratings must be at least 5 x users (1500), got 1499"),
        ({"users": 0}, "data.users must be in [1, 1e+07], got 0"),
        ({"cache": 3}, "data.cache must be text, got 3"),
        (
            {"name": "sintetic"},
            f"data.name must be one of {KNOWN}, got 'sintetic'; did you mean synthetic?",
        ),
        (
            {"name": None},
            f"data.name must be one of {KNOWN}, got None",
        ),
        ({"rating": 3}, "data.rating does not exist; did you mean data.ratings?"),
    ],
)
def test_what_cannot_be_made_is_refused(change: dict[str, object], problem: str) -> None:
    shipped = yaml.safe_load((CONF / "synthetic.yaml").read_text())
    with pytest.raises(InvalidInput) as refused:
        read_section({**shipped, **change})
    assert str(refused.value) == problem


def test_the_yaml_files_are_the_defaults_of_every_source() -> None:
    shipped = {path.stem: yaml.safe_load(path.read_text()) for path in CONF.glob("*.yaml")}
    assert set(SOURCES) <= set(shipped)
    for name, source in SOURCES.items():
        assert shipped[name]["name"] == name
        of_all = asdict(OfAll())
        told = {key: value for key, value in shipped[name].items() if key not in ("name", *of_all)}
        assert told == asdict(source.settings())
        assert {key: shipped[name][key] for key in of_all} == of_all


def test_the_cache_says_where_and_not_what(tmp_path: Path) -> None:
    values = {"name": "movielens_100k", "cache": str(tmp_path)}
    assert read_section(values) == Data(MovieLens100K(), cache=tmp_path)


def test_loading_twice_builds_once_and_other_settings_apart(tmp_path: Path) -> None:
    asked = Synthetic(users=4, movies=10, ratings=30)
    assert load(asked, tmp_path).fingerprint == load(asked, tmp_path).fingerprint
    assert len(list(tmp_path.iterdir())) == 1
    load(replace(asked, seed=8), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
