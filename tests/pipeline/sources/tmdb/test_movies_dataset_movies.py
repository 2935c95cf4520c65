"""Movies, casts and links are read from rows as they are, whatever is wrong with them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movies_dataset_folders import CREDITS, LINKS, METADATA, Line, broken, credit, csv_line, film, member

from pipeline.parameters import InvalidInput
from pipeline.sources.catalogue import Movie
from pipeline.sources.intake import Tally
from pipeline.sources.tmdb.casts import read_casts
from pipeline.sources.tmdb.links import read_links
from pipeline.sources.tmdb.movies import read_metadata
from pipeline.sources.tmdb.rows import number_of, read_rows

Counts = dict[tuple[str, str], int]


def file_of(header: Sequence[str], lines: Sequence[Line], end: str = "\n") -> io.BytesIO:
    written = [line if isinstance(line, str) else csv_line(line) for line in (header, *lines)]
    return io.BytesIO("".join(f"{line}{end}" for line in written).encode())


def movies_of(*lines: Line) -> tuple[dict[str, Movie], Counts, Counts]:
    tally = Tally()
    found = read_metadata(file_of(METADATA, lines), "movies_metadata.csv", tally)
    return found, *counts_of(tally)


def counts_of(tally: Tally) -> tuple[Counts, Counts]:
    intake = tally.closed()
    dropped, mended = (
        {(one.what, one.why): one.count for one in some} for some in (intake.dropped, intake.mended)
    )
    return dropped, mended


def casts_of(*lines: Line, wanted: Any = None) -> tuple[dict[str, tuple[str, ...]], Counts, Counts]:
    tally = Tally()
    return read_casts(file_of(CREDITS, lines), "credits.csv", tally, wanted), *counts_of(tally)


def links_of(*lines: Line, wanted: Any = None) -> tuple[dict[int, str], Counts, Counts]:
    tally = Tally()
    return read_links(file_of(LINKS, lines), "links.csv", tally, wanted), *counts_of(tally)


@pytest.mark.parametrize(
    ("text", "number"),
    [("862", "862"), ("862.0", "862"), (" 0862 ", "862"), ("862.", "862"), ("0", "0"), ("00", "0")]
    + [(text, None) for text in ("", "1997-08-20", "8.5", "-1", "tt0114709", "nan", "٣", "1e3", "1" * 19)],
)
def test_an_id_is_a_whole_number_however_it_is_written(text: str, number: str | None) -> None:
    assert number_of(text) == number


def test_a_movie_is_read_as_it_stands() -> None:
    found, dropped, mended = movies_of(film(862, "Toy Story", 1995, ["Animation", "Comedy"], 10194))
    assert found == {
        "862": Movie(
            id="862", title="Toy Story", year=1995, genres=("Animation", "Comedy"), collection="10194"
        )
    }
    assert (dropped, mended) == ({}, {})


@pytest.mark.parametrize("column", ["original_title", "overview", "popularity", "status", "title"])
def test_a_row_that_a_line_break_took_apart_is_whole_again(column: str) -> None:
    cells = _with(film(82663, "Midnight Man", 1997, ["Action"], 5), column, "Behind bars")
    found, dropped, mended = movies_of(film(1, "One"), broken(cells, column), film(2, "Two"))
    title = "Behind bars\n - Written by Ørnås" if column == "title" else "Midnight Man"
    movie = Movie(id="82663", title=title, year=1997, genres=("Action",), collection="5")
    assert (list(found), found["82663"]) == (["1", "82663", "2"], movie)
    assert (dropped, mended) == ({}, {("movies", "broken over lines"): 1})


def test_a_row_in_three_lines_is_whole_again() -> None:
    cells = film(5, "Five", 1990, overview="and")
    place = METADATA.index("overview")
    lines = [csv_line(cells[: place + 1]), "", "so on", f"to its end,{csv_line(cells[place + 1 :])}"]
    found, dropped, mended = movies_of("\n".join(lines))
    assert found == {"5": Movie(id="5", title="Five", year=1990)}
    assert (dropped, mended) == ({}, {("movies", "broken over lines"): 1})


def test_a_quoted_line_break_breaks_nothing_and_counts_as_a_line() -> None:
    tally = Tally()
    lines = [film(1, "One", overview="a\nb\n\nc"), film("2012-09-29", "Shifted")]
    found = read_metadata(file_of(METADATA, lines), "m.csv", tally)
    assert list(found) == ["1"]
    assert tally.closed().dropped[0].examples == ("m.csv, row 6: '2012-09-29'",)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_that_do_not_fit_together_stay_as_they_are(end: str) -> None:
    """Two cut rows with ids of their own, then what is left of a third."""
    cut = [film(1, "One")[:10], film(2, "Two")[:10], ["rest", "of", "something"], film(3, "Three")]
    tally = Tally()
    found = read_metadata(file_of(METADATA, cut, end), "m.csv", tally)
    assert {movie.id: movie.title for movie in found.values()} == {"1": "One", "2": "Two", "3": "Three"}
    assert counts_of(tally) == (
        {("movies", "whose id is no number"): 1},
        {
            ("movies", "with fewer fields than the header"): 2,
            ("movies", "without a title, the original one taken"): 2,
        },
    )


def test_shifted_rows_are_dropped() -> None:
    found, dropped, mended = movies_of(
        film("1997-08-20"), film(""), [*film(3), "one more"], film(4, "Four"), ["a", "b"]
    )
    assert list(found) == ["4"]
    assert dropped == {
        ("movies", "whose id is no number"): 3,
        ("movies", "with more fields than the header"): 1,
    }
    assert mended == {}


def test_a_line_of_rubbish_takes_nothing_with_it() -> None:
    found, dropped, mended = movies_of("rubbish", film(1, "One"), "rubbish", film(2, "Two"), "rubbish")
    assert [movie.title for movie in found.values()] == ["One", "Two"]
    assert (dropped, mended) == ({("movies", "whose id is no number"): 3}, {})


def test_of_a_movie_that_is_listed_again_the_first_complete_row_counts() -> None:
    whole, dropped, mended = movies_of(film(1, "First"), film(1, "Second"), film("1.0", "Third"))
    assert [movie.title for movie in whole.values()] == ["First"]
    assert (dropped, mended) == ({("movies", "listed again under one id"): 2}, {})
    found, dropped, mended = movies_of(
        film(1, "", original_title="Cut"), film(1, ""), film(1, "Whole"), film(1, "Other")
    )
    assert found["1"].title == "Whole"
    assert (dropped, mended) == ({("movies", "listed again under one id"): 3}, {})


def test_a_title_that_is_missing_is_the_original_one_or_none() -> None:
    found, dropped, mended = movies_of(film(1, "", original_title="Le Titre"), film(2, " "), film(3, "Nan"))
    assert [movie.title for movie in found.values()] == ["Le Titre", "", "Nan"]
    assert dropped == {}
    assert mended == {
        ("movies", "without a title, the original one taken"): 1,
        ("movies", "without a title, none taken"): 1,
    }


@pytest.mark.parametrize(
    ("date", "year", "is_mended"),
    [
        ("1995-10-30", 1995, False),
        ("1995", 1995, False),
        ("1995-10-30T00:00:00", 1995, False),
        ("", 0, False),
        ("nan", 0, False),
        ("1", 0, True),
        ("30/10/1995", 0, True),
        ("19951030", 0, True),
    ],
)
def test_the_year_is_that_of_the_release_date(date: str, year: int, is_mended: bool) -> None:
    found, _, mended = movies_of(film(1, "One", release_date=date))
    assert found["1"].year == year
    assert mended == ({("movies", "whose release date cannot be read, none taken"): 1} if is_mended else {})


@pytest.mark.parametrize(
    ("text", "names", "is_mended"),
    [
        (
            "[{'id': 16, 'name': 'Animation'}, {'id': 1, 'name': \"Children's\"}]",
            ("Animation", "Children's"),
            0,
        ),
        ('[{"id": 16, "name": "Animation"}]', ("Animation",), 0),
        ("[]", (), 0),
        ("", (), 0),
        ("nan", (), 0),
        ("[{'id': 16, 'na", (), 1),
        ("[{'id': 16}]", (), 1),
        ("['Animation']", (), 1),
        ("16", (), 1),
        ("{'name': 'Animation'}", (), 1),
    ],
)
def test_genres_are_the_names_of_a_list(text: str, names: tuple[str, ...], is_mended: int) -> None:
    found, _, mended = movies_of(_with(film(1, "One"), "genres", text))
    assert found["1"].genres == names
    assert sum(mended.values()) == is_mended


def _with(cells: Sequence[str], column: str, text: str) -> list[str]:
    return [text if name == column else cell for name, cell in zip(METADATA, cells, strict=True)]


@pytest.mark.parametrize(
    ("text", "collection", "is_mended"),
    [
        ("{'id': 10194, 'name': 'Toy Story Collection', 'poster_path': None}", "10194", 0),
        ("{'id': '10194'}", "10194", 0),
        ("{'name': 'Toy Story Collection'}", "Toy Story Collection", 0),
        ("", None, 0),
        ("None", None, 0),
        ("0.065736", None, 1),
        ("False", None, 1),
        ("{'id': None}", None, 1),
        ("{'id': nan, 'name': nan}", None, 1),
        ("{'id': 10194, 'name'", None, 1),
    ],
)
def test_the_franchise_is_the_collection(text: str, collection: str | None, is_mended: int) -> None:
    found, _, mended = movies_of(_with(film(1, "One"), "belongs_to_collection", text))
    assert found["1"].collection == collection
    assert mended == ({("movies", "whose collection cannot be read, none taken"): 1} if is_mended else {})


def test_movies_that_nobody_voted_for_are_kept_and_noted() -> None:
    tally = Tally()
    lines = [film(number, "x", vote_count=votes) for number, votes in enumerate(("0", "0.0", "12", ""))]
    assert len(read_metadata(file_of(METADATA, lines), "m.csv", tally)) == 4
    assert tally.closed().notes == ("2 movies have no vote on TMDB (vote_count is 0); they are kept",)


def test_a_cast_stands_in_billing_order_whatever_the_order_of_its_list() -> None:
    found, dropped, mended = casts_of(credit(862, [member(5, 2), member(7, 0), member(6, 1)]))
    assert found == {"862": ("7", "6", "5")}
    assert (dropped, mended) == ({}, {})


@pytest.mark.parametrize("order", [None, float("nan"), "first", True])
def test_who_has_no_place_in_the_billing_stands_last(order: object) -> None:
    unordered = {"id": 4, "name": "X"}
    found, dropped, mended = casts_of(credit(1, [member(5, order), unordered, member(7, 9), member(6, 1.0)]))
    assert found == {"1": ("6", "7", "5", "4")}
    assert dropped == {}
    assert mended == {("cast members", "without a billing order, put last"): 2}


def test_who_has_no_id_is_dropped() -> None:
    odd: list[object] = [member(None, 0), member(float("nan"), 1), member("31", 2), {"order": 3}]
    found, dropped, mended = casts_of(credit(1, [*odd, member(32.0, 4), member(True, 5), member(-1, 6)]))
    assert found == {"1": ("31", "32")}
    assert (dropped, mended) == ({("cast members", "without an id"): 5}, {})


@pytest.mark.parametrize("text", ["[]", "", "nan"])
def test_a_movie_may_have_an_empty_cast(text: str) -> None:
    assert casts_of([text, "[]", 1]) == ({"1": ()}, {}, {})


def test_credits_that_cannot_be_used_are_dropped() -> None:
    found, dropped, mended = casts_of(
        ["[{'id': 1, 'or", "[]", 1],
        ["{'id': 1}", "[]", 1],
        credit(1, [31]),
        credit(1, [32]),
        credit(2, [33]),
        credit("1997-08-20", [34]),
        [*credit(3, [34]), "more"],
        wanted={"1", "3"},
    )
    assert found == {"1": ("31",)}
    assert dropped == {
        ("credits", "whose cast cannot be read"): 2,
        ("credits", "of a movie that has credits already"): 1,
        ("credits", "of movies that are not there"): 1,
        ("credits", "whose id is no number"): 1,
        ("credits", "with more or fewer fields than the header"): 1,
    }
    assert mended == {}


def test_a_cast_may_be_longer_than_csv_allows_unasked() -> None:
    before = csv.field_size_limit()
    cast = list(range(1, 2000))
    assert casts_of(credit(1, cast))[0] == {"1": tuple(map(str, cast))}
    assert csv.field_size_limit() == before


def test_links_lead_from_movielens_to_tmdb() -> None:
    found, dropped, mended = links_of(
        (1, "0114709", 862),
        (2, "", "8844.0"),
        (3, "0113228", ""),
        "4,0114885",
        (5, "", 99),
        (1, "", 8844),
        (6, "", 862),
        ("x", "", 862),
        (2**31, "", 862),
        (7, "", 862, ""),
        wanted={"862", "8844"},
    )
    assert found == {1: "862", 2: "8844", 6: "862"}
    assert dropped == {
        ("links", "without a TMDB id"): 2,
        ("links", "to movies that are not there"): 1,
        ("links", "of a MovieLens id that is linked already"): 1,
        ("links", "whose movieId is no number"): 2,
        ("links", "with more fields than the header"): 1,
    }
    assert mended == {("links", "of several MovieLens ids to one movie"): 1}


def test_columns_may_stand_in_any_order_and_the_file_begin_with_a_mark() -> None:
    file = io.BytesIO(b"\xef\xbb\xbfid, cast ,extra\r\n7,\"[{'id': 3}]\",x\r\n")
    assert read_casts(file, "credits.csv", Tally()) == {"7": ("3",)}
    assert not file.closed


def test_a_title_that_is_not_utf_8_is_kept_and_counted() -> None:
    content = file_of(METADATA, [film(1, "Am\xe9lie")]).getvalue().replace("é".encode(), b"\xe9")
    tally = Tally()
    found = read_metadata(io.BytesIO(content), "m.csv", tally)
    assert found["1"].title == "Am\ufffdlie"
    assert counts_of(tally) == ({}, {("movies", "whose title is not UTF-8"): 1})


def test_what_is_no_csv_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.sources.tmdb.rows.LONGEST", 50)
    content = b'id,cast\n1,[]\n2,"' + b"x" * 99 + b"\n"
    with pytest.raises(InvalidInput, match=r"^c\.csv, row 3: must be comma-separated values, field larger"):
        list(read_rows(io.BytesIO(content), "c.csv", "id", ("cast",)))


@given(st.binary(max_size=200) | st.text(",\"'\n[]{}1a").map(str.encode))
def test_no_content_stops_the_reading_of_what_has_its_header(content: bytes) -> None:
    for read, header in ((read_metadata, METADATA), (read_casts, CREDITS), (read_links, LINKS)):
        tally = Tally()
        found = read(io.BytesIO(",".join(header).encode() + b"\n" + content), "x.csv", tally)
        intake = tally.closed()
        rows = sum(intake.read.get(kind, 0) for kind in ("movies", "credits", "links"))
        dropped = sum(one.count for one in intake.dropped if one.what != "cast members")
        assert len(found) + dropped == rows, "no row is lost"
