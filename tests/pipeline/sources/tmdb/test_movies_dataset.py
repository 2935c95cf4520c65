"""A folder of The Movies Dataset, written by hand, becomes the dataset that can be seen in it."""

import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movies_dataset_dirt import DROPPED, MENDED, write_dirty_movies_dataset
from movies_dataset_folders import (
    LINKS,
    RATINGS,
    Line,
    credit,
    film,
    write_folder,
    write_movies_dataset,
    write_table,
)
from own_tables import as_told
from releases import zipped

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput
from pipeline.sources import MoviesDataset, Synthetic, intake_of, load, readers
from pipeline.sources.intake import Intake
from pipeline.sources.section import read_section
from pipeline.sources.tmdb import movies_dataset
from pipeline.split import PerUserTimeline, split_ratings

FILMS: list[Line] = [
    film(862, "Toy Story", 1995, ["Animation", "Comedy"], collection=10194),
    film(863, "Toy Story 2", 1999, ["Comedy"], collection=10194),
    film(9, "Nobody's Film"),
    film(15602, "Grumpier Old Men", 1995, ["Romance"], collection=119050),
]
CASTS: list[Line] = [credit(862, [31, 12898]), credit(863, [12898, 31, 7]), credit(15602, [6837])]
MOVIES: list[Line] = [(1, "0114709", 862), (3114, "0120363", 863), (3, "0113228", 15602)]
STARS: list[Line] = [(7, 1, 4.0, 100), (7, 3114, 4.5, 50), (10, 1, 0.5, 20), (9, 3, 5.0, 20)]
QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing


def imported(path: Path, cache: Path, **others: Any) -> Dataset:
    return load(MoviesDataset(path=str(path), **others), cache, QUIET)


def account(dataset: Dataset) -> Intake:
    intake = intake_of(dataset)
    assert intake is not None
    return intake


@pytest.mark.parametrize("pack", [lambda folder: folder, zipped], ids=["folder", "zip"])
def test_a_folder_or_zip_file_is_read_as_it_stands(pack: Callable[[Path], Path], tmp_path: Path) -> None:
    d = imported(pack(write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS)), tmp_path / "cache")
    assert d.name == "movies_dataset"
    assert d.movie_ids.tolist() == ["9", "862", "863", "15602"], "TMDB's, by value"
    assert d.titles.tolist() == ["Nobody's Film", "Toy Story", "Toy Story 2", "Grumpier Old Men"]
    assert d.years.tolist() == [0, 1995, 1999, 1995]
    assert d.genre_names.tolist() == ["Animation", "Comedy", "Romance"]
    assert d.genres.toarray().tolist() == [[0, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert d.franchises.tolist() == [-1, 0, 0, -1], "a collection with one film there is none"
    assert d.billing.toarray().tolist() == [[0, 0, 0, 0], [0, 1, 0, 2], [3, 2, 0, 1], [0, 0, 1, 0]]
    assert d.user_ids.tolist() == ["7", "9", "10"]
    assert d.users.tolist() == [0, 0, 1, 2]
    assert d.movies.tolist() == [2, 1, 3, 1], "in the order of time"
    assert d.ratings.tolist() == [0.9, 0.8, 1.0, 0.1]
    assert d.timestamps.tolist() == [50, 100, 20, 20]
    assert d.stars == 5


def test_the_account_tells_what_was_read_and_what_movies_lack(tmp_path: Path) -> None:
    d = imported(write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS), tmp_path / "cache")
    assert account(d) == Intake(
        {"movies": 4, "credits": 3, "cast members": 6, "links": 3, "ratings": 4},
        notes=(
            "read movies_metadata.csv, credits.csv, links.csv, ratings.csv",
            "1 of 4 movies are without ratings; they are kept",
            "1 of 4 movies are without a cast; they are kept",
            "1 of 4 movies are without genres; they are kept",
            "1 of 4 movies are without a release year; they are kept",
        ),
    )


@st.composite
def synthetic(draw: st.DrawFn) -> Synthetic:
    users, movies = draw(st.integers(1, 12)), draw(st.integers(5, 20))
    ratings = draw(st.integers(users * 5, users * movies))
    return Synthetic(users=users, movies=movies, ratings=ratings, seed=draw(st.integers(0, 99)))


@given(asked=synthetic(), share=st.integers(1, 60), block=st.integers(64, 900))
@settings(max_examples=15, deadline=None)
def test_what_is_written_from_a_dataset_is_read_as_it_with_dirt_and_without(
    asked: Synthetic, share: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("films")
    dataset = as_told(load(asked, home / "cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.sources.grouplens.delimited.BLOCK", block)
        patch.setattr("pipeline.sources.assemble.CHUNK", share)
        clean = imported(write_movies_dataset(home / "clean", dataset, seed=share), home / "cache")
        dirty = imported(write_dirty_movies_dataset(home / "dirty", dataset, seed=share), home / "cache")
    assert clean.fingerprint == dataset.fingerprint
    assert (account(clean).dropped, account(clean).mended) == ((), ())
    assert dirty.fingerprint == dataset.fingerprint
    assert {(one.what, one.why): one.count for one in account(dirty).dropped} == DROPPED
    assert {(one.what, one.why): one.count for one in account(dirty).mended} == MENDED


@pytest.mark.parametrize("model", MODELS)
def test_every_model_runs_on_it(model: str, tmp_path: Path) -> None:
    small = load(Synthetic(users=30, movies=25, ratings=300), tmp_path / "cache")
    found = imported(write_dirty_movies_dataset(tmp_path / "films", small), tmp_path / "cache")
    problem = Problem(found, split_ratings(found, PerUserTimeline()))
    assert 0 < evaluate(problem, MODELS[model]()).validation.metrics["accuracy"] < 1


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ((1, 4.0, 10), (99, 2.0, 20), (0.4, 20)),
        ((1, 4.0, 20), (99, 2.0, 10), (0.8, 20)),
        ((1, 2.0, 10), (99, 4.0, 10), (0.8, 10)),
        ((1, 4.0, 10), (1, 3.0, 30), (0.6, 30)),
    ],
    ids=["later", "earlier", "higher of one moment", "same id"],
)
def test_of_two_ratings_of_one_movie_by_a_user_the_latest_counts(
    first: tuple[int, float, int], second: tuple[int, float, int], kept: tuple[float, int], tmp_path: Path
) -> None:
    links = [*MOVIES, (99, "", 862)]
    folder = write_folder(tmp_path / "films", FILMS, CASTS, links, [(7, *first), (8, 3, 5, 1), (7, *second)])
    d = imported(folder, tmp_path / "cache")
    assert [(d.ratings[0], d.timestamps[0])] == [kept]
    assert d.movies.tolist() == [1, 3]
    (finding,) = account(d).dropped
    assert (finding.what, finding.why, finding.count) == (
        "ratings",
        "of a movie that the user rated again later",
        1,
    )


def test_ratings_without_link_or_movie_are_dropped_with_the_users_who_gave_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.grouplens.delimited.BLOCK", 64)
    links = [*MOVIES, (50, "", 77), (51, "", "")]
    lost: list[Line] = [(1, 50, 3.0, 1), (2, 51, 3.0, 1), *((user, 4000, 3.0, 1) for user in range(20, 40))]
    d = imported(write_folder(tmp_path / "films", FILMS, CASTS, links, [*lost, *STARS]), tmp_path / "cache")
    assert d.user_ids.tolist() == ["7", "9", "10"]
    assert d.n_ratings == 4
    (dropped,) = [one for one in account(d).dropped if one.what == "ratings"]
    assert (dropped.why, dropped.count) == ("of movies that are not there", 22)
    assert dropped.examples[0] == "ratings.csv, row 2: movieId 50"
    assert account(d).read["ratings"] == 26


def test_without_any_rating_of_a_movie_that_is_there_it_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, [(1, 4000, 3.0, 1)])
    with pytest.raises(
        InvalidInput, match=r"^ratings\.csv must hold ratings of movies that are there, got none$"
    ):
        imported(folder, tmp_path / "cache")


def write_both(folder: Path) -> Path:
    """Write both sizes, told apart by their number of ratings: 4 and 1."""
    write_folder(folder, FILMS, CASTS, MOVIES, STARS)
    write_table(folder / "links_small.csv", LINKS, MOVIES)
    write_table(folder / "ratings_small.csv", RATINGS, STARS[:1])
    return folder


def test_small_takes_the_small_files_where_both_are_there(tmp_path: Path) -> None:
    folder = write_both(tmp_path / "films")
    assert imported(folder, tmp_path / "cache").n_ratings == 4
    small = imported(folder, tmp_path / "cache", small=True)
    assert small.n_ratings == 1
    assert (
        account(small).notes[0] == "read movies_metadata.csv, credits.csv, links_small.csv, ratings_small.csv"
    )


@pytest.mark.parametrize("small", [False, True])
def test_files_of_one_size_are_taken_whichever_is_asked_for(small: bool, tmp_path: Path) -> None:
    for name, is_small in (("large", False), ("little", True)):
        folder = write_folder(tmp_path / name, FILMS, CASTS, MOVIES, STARS, small=is_small)
        assert imported(folder, tmp_path / "cache", small=small).n_ratings == 4


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("1,1,x,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got 'x'"),
        ("1,4000,3,1\n1,1,6,30\n", "row 3, column rating: must be 0.5 to 5 in half stars, got '6'"),
        ("u,1,5,30\n", "row 2, column userId: must be a whole number from 0 to 2147483647, got 'u'"),
        ("1,1.5,5,30\n", "row 2, column movieId: must be a whole number from 0 to 2147483647, got '1.5'"),
        ("1,1,5,1e9\n", "row 2, column timestamp: must be whole seconds since 1970, 0 to 4294967295, got '1"),
        ("1,1,5\n", "row 2: must have 4 columns, got 3"),
    ],
)
def test_a_rating_that_is_none_is_told_with_its_row_and_column(
    rows: str, problem: str, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "films", FILMS, CASTS, MOVIES)
    with (folder / "ratings.csv").open("a") as file:
        file.write(rows)
    with pytest.raises(InvalidInput) as refused:
        imported(folder, tmp_path / "cache")
    (line,) = refused.value.problems
    assert line.startswith(f"ratings.csv, {problem}")
    assert list((tmp_path / "cache").rglob("*.npy")) == [], "nothing half-made stays behind"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("movies_metadata.csv", "belongs_to_collection"),
        ("movies_metadata.csv", "id"),
        ("credits.csv", "cast"),
        ("links.csv", "tmdbId"),
        ("ratings.csv", "rating"),
    ],
)
def test_a_file_without_a_column_that_is_needed_is_refused(name: str, column: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS)
    text = (folder / name).read_text()
    (folder / name).write_text(text.replace(column, "other", 1))
    with pytest.raises(
        InvalidInput, match=rf"^{name}, row 1: must (name the columns|be) .*{column}.*, got '"
    ):
        imported(folder, tmp_path / "cache")


@pytest.mark.parametrize("name", ["movies_metadata.csv", "credits.csv", "links.csv", "ratings.csv"])
def test_a_file_without_its_header_is_refused(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS)
    rest = (folder / name).read_text().split("\n", 1)[1]
    for text in (rest, ""):
        (folder / name).write_text(text)
        with pytest.raises(InvalidInput, match=rf"^{name}, row 1: must (name the columns|be) "):
            imported(folder, tmp_path / "cache")


def test_without_polars_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS)
    monkeypatch.setattr(readers, "find_spec", lambda _name: None)
    with pytest.raises(InvalidInput) as refused:
        imported(folder, tmp_path / "cache")
    assert str(refused.value) == (
        "data=movies_dataset needs polars: run python -m pip install -c constraints.txt -e '.[readers]'"
    )


def test_the_same_content_is_read_once_wherever_it_lies_and_other_content_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = write_folder(tmp_path / "here", FILMS, CASTS, MOVIES, STARS)
    there = write_folder(tmp_path / "there", FILMS, CASTS, MOVIES, STARS)
    (there / "keywords.csv").write_text("not read")
    first = imported(here, tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(movies_dataset, "reader_for", lambda *_: pytest.fail("must not be read again"))
        assert imported(there, tmp_path / "cache").fingerprint == first.fingerprint
    write_folder(there, FILMS, CASTS[:1], MOVIES, STARS)
    assert imported(there, tmp_path / "cache").billing.nnz == 2


def test_a_damaged_zip_file_is_told_in_one_line(tmp_path: Path) -> None:
    path = zipped(write_folder(tmp_path / "films", FILMS, CASTS, MOVIES, STARS))
    with zipfile.ZipFile(path) as archive:
        begin = archive.getinfo("films/credits.csv").header_offset + 60
    content = bytearray(path.read_bytes())
    content[begin : begin + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"^data\.path must hold files that can be read, credits\.csv in"):
        imported(path, tmp_path / "cache")


def test_a_path_must_be_given() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_section({"name": "movies_dataset", **asdict(MoviesDataset())})
    assert str(refused.value) == "data.path must be the folder or zip file of The Movies Dataset, got None"
