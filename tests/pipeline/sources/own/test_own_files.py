"""Somebody's own files: what a file may look like, and the one line that says what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from own_tables import asked

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources import intake_of, load, readers
from pipeline.sources.intake import Finding, Intake

RATINGS = "user_id,movie_id,rating,timestamp\n1,10,5,100\n2,10,3,50\n2,20,4,7\n"
MOVIES = "movie_id,title,genres\n10,Heat (1995),Crime|Drama\n20,Ronin,\n"
QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path


def read(home: Path, *overrides: str, **files: str | bytes) -> Dataset:
    """Write the files, endings after a double underscore, and read them."""
    content: dict[str, str | bytes] = {"ratings__csv": RATINGS, "movies__csv": MOVIES, **files}
    for name, text in content.items():
        raw = text.encode() if isinstance(text, str) else text
        (home / "own" / name.replace("__", ".")).write_bytes(raw)
    data = asked(["data=csv", f"data.path={home / 'own'}", *overrides])
    return load(data.source, home / "cache", QUIET)


def account(dataset: Dataset) -> Intake:
    intake = intake_of(dataset)
    assert intake is not None
    return intake


def test_three_ratings_of_two_movies_are_what_can_be_seen_in_the_files(home: Path) -> None:
    d = read(home)
    assert d.user_ids.tolist() == ["1", "2"]
    assert (d.users.tolist(), d.movies.tolist()) == ([0, 1, 1], [0, 1, 0])
    assert (d.ratings.tolist(), d.stars) == ([1.0, 0.8, 0.6], 5)
    assert d.timestamps.tolist() == [100, 7, 50]
    assert (d.titles.tolist(), d.years.tolist()) == (["Heat", "Ronin"], [1995, 0])
    assert d.genres.toarray().tolist() == [[1, 1], [0, 0]]
    assert account(d) == Intake(
        {"movies": 2, "ratings": 3},
        notes=("ratings are on a scale up to 5, the smallest usual one that holds them",),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.removesuffix(b"\n"),
        lambda text: text + b"\n\n",
        lambda text: text.replace(b"\n", b"\n\n"),
        lambda text: text.replace(b",", b";"),
        lambda text: text.replace(b",", b"\t"),
        lambda text: b"\n".join(b'"' + line.replace(b",", b'","') + b'"' for line in text.splitlines()),
    ],
    ids=["crlf", "bom", "no end", "blank end", "blank lines", "semicolons", "tabs", "quotes"],
)
def test_a_csv_file_may_be_written_in_many_ways(home: Path, change: Any) -> None:
    known = read(home).fingerprint
    changed = {"ratings__csv": change(RATINGS.encode()), "movies__csv": change(MOVIES.encode())}
    assert read(home, **changed).fingerprint == known


def test_titles_may_hold_commas_quotes_and_ends_of_lines(home: Path) -> None:
    movies = 'movie_id,title,genres\n10,"The ""Heat"", again\nand again (1995)",Crime\n20,A "b" c,\n'
    assert read(home, movies__csv=movies).titles.tolist() == ['The "Heat", again\nand again', 'A "b" c']


def test_files_are_opened_from_the_cache_until_their_content_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = read(home).fingerprint
    monkeypatch.setattr(readers, "find_spec", lambda _name: None)  # whoever opens a cache needs no polars
    assert read(home).fingerprint == known
    with pytest.raises(InvalidInput) as refused:
        read(home, ratings__csv=RATINGS + "1,20,2,8\n")
    assert str(refused.value).startswith("data=csv needs polars: run python -m pip install")


def test_what_is_left_out_and_mended_is_counted(home: Path) -> None:
    rows = "3,20,,9\n3,99,1,9\n3,10,2,\n3,10,1,8\n1,10,5,100\n"
    d = read(home, ratings__csv=RATINGS + rows)
    assert account(d).read == {"movies": 2, "ratings": 8}
    assert account(d).dropped == (
        Finding("ratings", "without a rating", 1, ("ratings.csv, row 5: movie '20'",)),
        Finding("ratings", "of movies that are not there", 1, ("ratings.csv, row 6: movie '99'",)),
        Finding("ratings", "of a movie that the user rated again later", 2),
    )
    assert account(d).mended == (
        Finding("ratings", "without a time: taken for the earliest", 1, ("ratings.csv, row 7",)),
    )
    assert d.ratings[d.users == 2].tolist() == [0.2], "the one with a time is the later one"


def test_all_ratings_may_be_of_one_user_without_times(home: Path) -> None:
    d = read(
        home,
        "data.ratings.user=null",
        "data.ratings.timestamp=null",
        ratings__csv="movie_id,rating\n20,up\n10,down\n",
    )
    assert (d.user_ids.tolist(), d.timestamps.tolist()) == (["1"], [0, 0])
    assert (d.ratings.tolist(), d.stars) == ([0.0, 1.0], 1)
    assert any("there are no times" in note for note in account(d).notes)


def test_nothing_may_be_known_of_a_movie_but_its_id(home: Path) -> None:
    d = read(home, "data.movies.title=null", "data.movies.genres=null", movies__csv="movie_id\n10\n20\n")
    assert (d.titles.tolist(), d.years.tolist()) == (["", ""], [0, 0])
    assert d.genres.shape == (2, 0)


def test_a_cast_stands_as_the_rows_of_its_file_or_by_position_or_in_the_file_of_movies(home: Path) -> None:
    cast = "movie_id,actor_id,place\n20,b,1\n10,b,2\n10,a,2\n10,c,1\n99,a,1\n10,a,9\n20,d,\n"
    by_row = read(home, "data.cast.file=cast.csv", cast__csv=cast)
    assert by_row.billing.toarray().tolist() == [[2, 1, 3, 0], [0, 1, 0, 2]]
    assert account(by_row).read == {"movies": 2, "credits": 7, "ratings": 3}
    assert account(by_row).dropped == (
        Finding("credits", "of movies that are not there", 1, ("cast.csv, row 6: movie '99'",)),
    )
    by_place = read(home, "data.cast.file=cast.csv", "data.cast.position=place", cast__csv=cast)
    assert by_place.billing.toarray().tolist() == [[2, 3, 1, 0], [0, 1, 0, 2]]
    movies = 'movie_id,title,genres,who\n10,Heat,,"c, a, b"\n20,Ronin,,b|d\n'
    inside = read(home, "data.movies.cast=who", movies__csv=movies)
    assert inside.billing.toarray().tolist() == by_place.billing.toarray().tolist()


def lines(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


RATED = {"user_id": 1, "movie_id": 10, "rating": 4.5, "timestamp": "2020-01-01"}
JSONL = ("data.ratings.file=ratings.jsonl",)


@pytest.mark.parametrize(
    ("overrides", "files", "problem"),
    [
        (
            (),
            {"ratings__csv": RATINGS + "1,20,good,1\n"},
            "ratings.csv, row 5, column rating: must be a number",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "\n,20,3,1\n"},
            "ratings.csv, row 6, column user_id: must be text or a",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "1,,3,1\n"},
            "ratings.csv, row 5, column movie_id: must be text or a",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "1,20.0,3,1\n"},
            "ratings.csv, row 5, column movie_id: must be text or a",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "1,20,3,x\n"},
            "ratings.csv, row 5, column timestamp: must be whole sec",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "1,20,3,-1\n"},
            "ratings.csv, row 5, column timestamp: must be whole sec",
        ),
        (
            (),
            {"ratings__csv": RATINGS + "1,20,3,1700000000000\n"},
            "ratings.csv, row 5, column timestamp: must be seconds since 1970, 0 to 4294967295, not "
            "milliseconds, got '1700000000000'",
        ),
        ((), {"ratings__csv": RATINGS + "1,20\n"}, "ratings.csv, row 5: must have 4 columns, got 2"),
        ((), {"ratings__csv": RATINGS + "1,20,3,4,5\n"}, "ratings.csv, row 5: must have 4 columns, got 5"),
        (
            (),
            {"ratings__csv": RATINGS + "1,20,3\n1,20,3,4,5\n"},
            "ratings.csv, row 5: must have 4 columns, got 3",
        ),
        ((), {"ratings__csv": RATINGS + '1,"20,3,4\n'}, "ratings.csv, row 5: must be values between ','"),
        ((), {"ratings__csv": RATINGS.encode() + b"1,\xe9,3,4\n"}, "ratings.csv, row 5: must be UTF-8 text"),
        (
            ("data.scale=5",),
            {"ratings__csv": RATINGS + "1,20,7,1\n"},
            "ratings.csv, row 5: ratings must be 0 to 5",
        ),
        (
            (),
            {"ratings__csv": RATINGS[:34]},
            "ratings.csv must hold ratings of movies that are there, got none",
        ),
        ((), {"ratings__csv": b""}, "ratings.csv, row 1: must name the columns, got nothing"),
        ((), {"movies__csv": MOVIES[:22]}, "movies.csv must hold movies, got none"),
        (
            (),
            {"movies__csv": MOVIES + "10,X,\n"},
            "movies.csv, row 4, column movie_id: must be there once, as in r",
        ),
        (
            (),
            {"movies__csv": MOVIES + "30,X,[1]\n"},
            "movies.csv, row 4, column genres: must be names between",
        ),
        (("data.movies.year=title",), {}, "movies.csv, row 2, column title: must be a year, or empty"),
        (
            ("data.ratings.user=uid", "data.movies.id=id"),
            {"ratings__csv": RATINGS.replace("user_id", "u_id")},
            "data.ratings.user must be a column of ratings.csv, got 'uid'; did you mean u_id?\n"
            "data.movies.id must be a column of movies.csv, got 'id'; there are movie_id, title, genres",
        ),
        (
            (),
            {"ratings__csv": RATINGS.replace("timestamp", "rating")},
            "data.ratings.rating must be a column that is there once in ratings.csv, got 'rating'\n"
            "data.ratings.timestamp must be a column of ratings.csv",
        ),
        (("data.ratings.file=rating.csv",), {}, "data.ratings.file must be a file in "),
        (JSONL, {"ratings__jsonl": lines(RATED, "", "x")}, "ratings.jsonl, row 3: must be a JSON object"),
        (
            JSONL,
            {"ratings__jsonl": lines(RATED, [1])},
            "ratings.jsonl, row 2: must be a JSON object, got '[1]'",
        ),
        (
            JSONL,
            {"ratings__jsonl": lines(RATED, "", {**RATED, "rating": [1]})},
            "ratings.jsonl, row 3, column rating: must be a number",
        ),
        (
            JSONL,
            {"ratings__jsonl": lines(RATED, {**RATED, "user_id": None})},
            "ratings.jsonl, row 2, column user_id: must be text or a whole number, got nothing",
        ),
        (
            ("data.ratings.file=r.parquet",),
            {"r__parquet": b"x"},
            "r.parquet must be a Parquet file that can be read",
        ),
    ],
)
def test_a_malformed_file_is_told_in_one_line_each(
    home: Path, overrides: tuple[str, ...], files: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(home, *overrides, **files)
    assert str(refused.value).startswith(problem)
    assert all("\n" not in line and line for line in refused.value.problems)


def test_a_row_that_a_later_block_holds_is_counted_from_the_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.sources.own.text_blocks.BLOCK", 64)
    rows = "".join(f"{user},10,3,1\n" for user in range(100, 200))
    with pytest.raises(InvalidInput, match=r"^ratings\.csv, row 105, column rating: must be a number"):
        read(home, ratings__csv=f"{RATINGS}{rows}1,20,bad,1\n")
    quoted = rows.replace(",10,", ',"10",')
    with pytest.raises(InvalidInput, match=r"^ratings\.csv, row 106, column rating: must be a number"):
        read(home, ratings__csv=f'{RATINGS}"x\ny",20,3,1\n{quoted[: quoted.rindex("199")]}1,20,bad,1\n')


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ([], "data.path must be the folder of your files, got None"),
        (["data.path=/there/is/none"], "data.path must be the folder of your files, got /there/is/none"),
        (
            ["data.ratings.file=r.xlsx"],
            "data.ratings.file must end in one of .csv, .tsv, .txt, .jsonl, .ndjson",
        ),
        (["data.ratings.user=' '"], "data.ratings.user must be a name, got ''"),
        (["data.ratings.usr=x"], "data.ratings.usr does not exist; did you mean data.ratings.user?"),
        (["data.movies.separator=''"], "data.movies.separator must be a name, got ''"),
        (
            ["data.movies.cast=a", "data.cast.file=c.csv", "data.path=/"],
            "data.movies.cast must be null where cast",
        ),
        (["data.scale=0"], "data.scale must be in [1e-06, 1e+06], got 0"),
        (["data.ratings=3"], "data.ratings must be a section, got 3"),
    ],
)
def test_settings_that_cannot_be_are_refused(overrides: list[str], problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(["data=csv", *overrides])
    assert str(refused.value).splitlines()[0].startswith(problem)
