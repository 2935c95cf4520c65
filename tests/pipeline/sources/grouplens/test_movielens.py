"""Each layout of a GroupLens release, written by hand, becomes the dataset that can be seen in it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from releases import KEYS, STYLES, Movie, Rating, as_released, rows_of, write_release, zipped
from same_bits import assert_same_bits

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput
from pipeline.sources import MovieLens, Synthetic, content, load, readers
from pipeline.sources.grouplens import movielens
from pipeline.sources.section import read_section
from pipeline.split import PerUserTimeline, split_ratings

RATINGS: list[Rating] = [(10, 2, 5, 30), (9, 10, 1, 20), (10, 1, 3, 30), (10, 10, 4, 5)]
MOVIES: list[Movie] = [
    (2, "Misérables, Les (1995)", ["Drama", "Musical"]),
    (10, "Seven (a.k.a. Se7en) (1995)", ["Thriller"]),
    (1, "Nobody Knows", []),
]
QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing


def imported(path: Path, cache: Path, **asked: Any) -> Dataset:
    return load(MovieLens(path=str(path), **asked), cache, QUIET)


@pytest.mark.parametrize("pack", [lambda folder: folder, zipped], ids=["folder", "zip"])
@pytest.mark.parametrize("style", STYLES)
def test_a_release_in_each_layout_is_the_same_dataset(
    style: str, pack: Callable[[Path], Path], tmp_path: Path
) -> None:
    d = imported(pack(write_release(tmp_path / style, style, RATINGS, MOVIES)), tmp_path / "cache")
    assert d.user_ids.tolist() == ["9", "10"], "by value"
    assert d.movie_ids.tolist() == ["1", "2", "10"]
    assert d.users.tolist() == [0, 1, 1, 1]
    assert d.timestamps.tolist() == [20, 5, 30, 30]
    assert d.movies.tolist() == [2, 2, 0, 1]
    assert d.ratings.tolist() == [0.2, 0.8, 0.6, 1.0]
    assert d.stars == 5
    assert d.titles.tolist() == ["Nobody Knows", "Misérables, Les", "Seven (a.k.a. Se7en)"]
    assert d.years.tolist() == [0, 1995, 1995]
    assert d.genre_names.tolist() == ["Drama", "Musical", "Thriller"]
    assert d.genres.toarray().tolist() == [[0, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert d.billing.shape == (3, 0)
    assert d.franchises.tolist() == [-1, -1, -1]


@pytest.mark.parametrize("style", ["ml-10m", "ml-25m"])
def test_half_stars_are_tenths_of_the_scale(style: str, tmp_path: Path) -> None:
    steps: list[Rating] = [(1, movie, movie / 2, movie) for movie in range(1, 11)]
    folder = write_release(tmp_path / "ml", style, steps, [(movie, "x", []) for movie in range(1, 11)])
    assert imported(folder, tmp_path / "cache").ratings.tolist() == [n / 2 / 5.0 for n in range(1, 11)]


def test_lines_may_end_as_windows_ends_them_and_the_last_one_not_at_all(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)
    plain = imported(folder, tmp_path / "cache").fingerprint
    for name in ("ratings.csv", "movies.csv"):
        text = (folder / name).read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text)
    assert imported(folder, tmp_path / "cache").fingerprint == plain


@st.composite
def synthetic(draw: st.DrawFn) -> Synthetic:
    users, movies = draw(st.integers(1, 12)), draw(st.integers(5, 20))
    ratings = draw(st.integers(users * 5, users * movies))
    return Synthetic(users=users, movies=movies, ratings=ratings, seed=draw(st.integers(0, 99)))


@given(asked=synthetic(), style=st.sampled_from(STYLES), share=st.integers(1, 60), block=st.integers(64, 900))
@settings(max_examples=15, deadline=None)
def test_what_is_written_from_a_dataset_is_read_as_it_whatever_the_blocks(
    asked: Synthetic, style: str, share: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("release")
    dataset = as_released(load(asked, home / "cache"))
    folder = write_release(home / "ml", style, *rows_of(dataset, seed=share))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.sources.grouplens.delimited.BLOCK", block)
        patch.setattr("pipeline.sources.assemble.CHUNK", share)
        found = imported(folder, home / "cache", franchises_from_titles=False)
    assert found.fingerprint == dataset.fingerprint


@pytest.mark.parametrize("style", ["ml-100k", "ml-25m"])
def test_movielens_100k_written_as_a_release_has_the_same_ratings_and_numbers(
    style: str, movielens: Dataset, tmp_path: Path
) -> None:
    known = as_released(movielens)
    folder = write_release(tmp_path / style, style, *rows_of(known))
    found = imported(folder, tmp_path / "cache", franchises_from_titles=False)
    assert_same_bits(
        [found.users, found.movies, found.ratings, found.timestamps],
        [known.users, known.movies, known.ratings, known.timestamps],
    )
    assert found.fingerprint == known.fingerprint


@pytest.mark.parametrize("model", MODELS)
def test_every_model_runs_without_casts_and_franchises(model: str, tmp_path: Path) -> None:
    small = load(Synthetic(users=30, movies=25, ratings=300), tmp_path / "cache")
    found = imported(write_release(tmp_path / "ml", "ml-25m", *rows_of(small)), tmp_path / "cache")
    problem = Problem(found, split_ratings(found, PerUserTimeline()))
    assert 0 < evaluate(problem, MODELS[model]()).validation.metrics["accuracy"] < 1


CSV = "userId,movieId,rating,timestamp\n"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("1,2,5,30\n1,1,x,30\n", "row 3, column rating: must be 0.5 to 5 in half stars, got 'x'"),
        ("1,2,0.0,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got '0.0'"),
        ("1,2,5.5,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got '5.5'"),
        ("1,2,3.7,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got '3.7'"),
        ("1,2,nan,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got 'nan'"),
        ("1,2,,30\n", "row 2, column rating: must be 0.5 to 5 in half stars, got ''"),
        ("-1,2,5,30\n", "row 2, column userId: must be a whole number from 0 to 2147483647, got '-1'"),
        ("1,2.0,5,30\n", "row 2, column movieId: must be a whole number from 0 to 2147483647, got '2.0'"),
        ('"1",2,5,30\n', "row 2, column userId: must be a whole number from 0 to 2147483647, got '\"1\"'"),
        ("9999999999,2,5,30\n", "row 2, column userId: must be a whole number from 0 to 2147483647, got '9"),
        (
            "1,2,5,today\n",
            "row 2, column timestamp: must be whole seconds since 1970, 0 to 4294967295, got 't",
        ),
        ("1,2,5,1700000000000\n", "row 2, column timestamp: must be whole seconds since 1970, 0 to 42949672"),
        ("1,2,5\n", "row 2: must have 4 columns, got 3"),
        ("1,2,5,30\n\n1,1,5,30\n", "row 3: must have 4 columns, got 1"),
        ("1,2,5,30,6\n", "row 2: must have 4 columns, got 5"),
        ("1,3,5,30\n", "row 2, column movieId: must be a movie of movies.csv, got '3'"),
        ("1,11,5,30\n", "row 2, column movieId: must be a movie of movies.csv, got '11'"),
        (
            "1,2,5,30\n1,1,5,30\n1,2,4,31\n",
            "row 4: must be a user's only rating of a movie, got user 1 and movie 2 as in row 2",
        ),
        ("", " must hold ratings, got none"),
    ],
)
def test_a_rating_that_is_none_is_told_with_its_row_and_column(
    rows: str, problem: str, tmp_path: Path
) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", [], MOVIES)
    (folder / "ratings.csv").write_text(CSV + rows)
    with pytest.raises(InvalidInput) as refused:
        imported(folder, tmp_path / "cache")
    (line,) = refused.value.problems
    assert line.startswith("ratings.csv")
    assert line.removeprefix("ratings.csv, ").removeprefix("ratings.csv").startswith(problem)
    assert list((tmp_path / "cache").rglob("*.npy")) == [], "nothing half-made stays behind"


def test_the_row_is_that_of_the_file_in_whichever_block_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.grouplens.delimited.BLOCK", 64)
    rows: list[Rating] = [(user, 1, 5, 1) for user in range(100)]
    folder = write_release(tmp_path / "ml", "ml-25m", [*rows, ("x", 1, 5, 1)], MOVIES)
    with pytest.raises(InvalidInput, match=r"^ratings.csv, row 102, column userId: .* got 'x'$"):
        imported(folder, tmp_path / "cache")
    folder = write_release(tmp_path / "old", "ml-1m", [*rows, (7, 1, 5, 1)], MOVIES)
    with pytest.raises(InvalidInput, match=r"^ratings.dat, row 101: .* user 7 and movie 1 as in row 8$"):
        imported(folder, tmp_path / "cache")


@pytest.mark.parametrize("style", ["ml-100k", "ml-1m"])
def test_the_columns_are_called_as_the_release_calls_them(style: str, tmp_path: Path) -> None:
    folder = write_release(tmp_path / "ml", style, [("x", 1, 5, 1)], MOVIES)
    with pytest.raises(InvalidInput, match=r"^(u\.data|ratings\.dat), row 1, column (user id|UserID): must"):
        imported(folder, tmp_path / "cache")


def test_a_file_without_its_header_is_refused(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", [], MOVIES)
    (folder / "ratings.csv").write_text("1,2,5,30\n")
    with pytest.raises(
        InvalidInput, match=r"^ratings\.csv, row 1: must be userId,movieId,rating,timestamp, got '1,2,5,30'$"
    ):
        imported(folder, tmp_path / "cache")


def test_a_file_without_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.grouplens.delimited.BLOCK", 64)
    folder = write_release(tmp_path / "ml", "ml-1m", [], MOVIES)
    (folder / "ratings.dat").write_bytes(b"\x00" * 1000)
    with pytest.raises(InvalidInput, match=r"^ratings\.dat must be lines of text, got 64 bytes without an"):
        imported(folder, tmp_path / "cache")


def test_without_polars_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)
    monkeypatch.setattr(readers, "find_spec", lambda _name: None)
    with pytest.raises(InvalidInput) as refused:
        imported(folder, tmp_path / "cache")
    assert str(refused.value) == (
        "data=movielens needs polars: run python -m pip install -c constraints.txt -e '.[readers]'"
    )
    monkeypatch.undo()
    imported(folder, tmp_path / "cache")
    monkeypatch.setattr(readers, "find_spec", lambda _name: None)
    assert imported(folder, tmp_path / "cache").n_ratings == 4, "a cache is opened without"


def fail(*_: Any) -> Any:
    pytest.fail("must not be read again")


def test_the_same_content_is_read_once_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = imported(write_release(tmp_path / "here", "ml-25m", RATINGS, MOVIES), tmp_path / "cache")
    monkeypatch.setattr(movielens, "reader_for", fail)
    again = imported(write_release(tmp_path / "there", "ml-25m", RATINGS, MOVIES), tmp_path / "cache")
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize("settled", [0.0, content.SETTLED])
def test_a_changed_file_is_read_anew_even_where_its_size_and_date_are_kept(
    settled: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "SETTLED", settled)
    folder = write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)
    file = folder / "ratings.csv"
    before = file.stat()
    assert imported(folder, tmp_path / "cache").ratings[0] == 0.2
    file.write_text(file.read_text().replace("9,10,1.0,20", "9,10,5.0,20"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert imported(folder, tmp_path / "cache").ratings[0] == 1.0


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)
    settings = MovieLens(path=str(folder))

    def change(_line: str) -> None:
        with (folder / "ratings.csv").open("a") as file:
            file.write("9,2,5.0,40\n")

    with pytest.raises(InvalidInput, match=r"data\.path must stay as it is while it is read"):
        load(settings, tmp_path / "cache", change)
    assert list((tmp_path / "cache").rglob("*.npy")) == []
    assert load(settings, tmp_path / "cache", QUIET).n_ratings == 5


@given(place=st.floats(0, 1, exclude_max=True), value=st.binary(min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_damaged_zip_file_is_told_in_one_line_or_does_not_matter(
    place: float, value: bytes, packed: Path
) -> None:
    content = packed.read_bytes()
    begin = int(place * (len(content) - len(value)))
    damaged = packed.with_name("damaged.zip")
    damaged.write_bytes(content[:begin] + value + content[begin + len(value) :])
    try:
        found = imported(damaged, packed.parent / "cache")
    except InvalidInput as error:
        (line,) = error.problems
        assert line.startswith(("data.path must ", "ratings.csv", "movies.csv"))
    else:
        assert found.fingerprint == imported(packed, packed.parent / "cache").fingerprint


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zipped(write_release(tmp_path_factory.mktemp("packed") / "ml", "ml-25m", RATINGS, MOVIES))


def test_an_encrypted_zip_file_is_told_in_one_line(packed: Path, tmp_path: Path) -> None:
    content = bytearray(packed.read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = content.find(mark)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(mark, place + 1)
    (tmp_path / "ml.zip").write_bytes(content)
    with pytest.raises(
        InvalidInput, match=r"^data\.path must hold files that can be read, movies\.csv in .*encr"
    ):
        imported(tmp_path / "ml.zip", tmp_path / "cache")


def test_files_that_may_not_be_read_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)

    def refuse(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied", "ratings.csv")

    monkeypatch.setattr(movielens, "digest_of", refuse)
    with pytest.raises(
        InvalidInput, match=r"^data\.path must hold files that can be read, .*Permission denied"
    ):
        imported(folder, tmp_path / "cache")
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(
        InvalidInput, match=r"^data\.path must be a folder or zip file that can be read, .*Perm"
    ):
        imported(folder, tmp_path / "cache")


def test_a_path_must_be_given() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_section({**KEYS, "name": "movielens", "path": None, "cache": None})
    assert str(refused.value) == "data.path must be the folder or zip file of a GroupLens release, got None"
