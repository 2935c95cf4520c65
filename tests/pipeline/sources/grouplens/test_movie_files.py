import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.parameters import InvalidInput
from pipeline.sources.grouplens.movie_files import READERS, read_movies

HEADER = "movieId,title,genres\n"
FLAGS = "|".join(["0"] * 19)


def refused(text: str, file: str) -> str:
    with pytest.raises(InvalidInput) as error:
        read_movies(text.encode(), file)
    (line,) = error.value.problems
    return line


def test_titles_in_quotes_may_hold_commas_quotes_and_ends_of_lines() -> None:
    text = HEADER + '1,"Movie, The ""Best"" (1999)",Drama|War\n2,"Two\nlines (2000)",(no genres listed)\n'
    found = read_movies(text.encode(), "movies.csv")
    assert found.titles == ['Movie, The "Best"', "Two\nlines"]
    assert found.years == [1999, 2000]
    assert found.genres == [["Drama", "War"], []]


def test_early_releases_are_latin_1_and_later_ones_utf_8() -> None:
    for encoding in ("latin-1", "utf-8"):
        assert read_movies("1::Amélie (2001)::Comedy\n".encode(encoding), "movies.dat").titles == ["Amélie"]


def test_movies_are_in_the_order_of_their_ids_by_value() -> None:
    found = read_movies(b"10::Ten::\n9::Nine::\n", "movies.dat")
    assert (found.ids.tolist(), found.titles) == ([9, 10], ["Nine", "Ten"])


def test_a_file_may_hold_no_movie_and_end_with_empty_lines() -> None:
    for file in ("u.item", "movies.dat"):
        assert read_movies(b"", file).titles == read_movies(b"\n\n", file).titles == []
    assert read_movies(b"7::Seven::\r\n\r\n", "movies.dat").ids.tolist() == [7]


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("movies.csv", "1,a,b\n", "row 1: must be movieId,title,genres, got '1,a,b'"),
        ("movies.csv", HEADER + "1,a\n", "row 2: must have 3 columns, got 2"),
        ("movies.csv", HEADER + "\n", "row 2: must have 3 columns, got 0"),
        (
            "movies.csv",
            HEADER + "x,a,b\n",
            "row 2, column movieId: must be a whole number from 0 to 2147483647, got 'x'",
        ),
        (
            "movies.csv",
            HEADER + "2147483648,a,b\n",
            "row 2, column movieId: must be a whole number from 0 to 2147483647, got '2147483648'",
        ),
        (
            "movies.csv",
            HEADER + "7,a,b\n8,a,b\n7,a,b\n",
            "row 4, column movieId: must be there once, as in row 2, got '7'",
        ),
        ("movies.csv", HEADER + f'7,"{"a" * 200_000}', "row 2: must be comma-separated values, field larger"),
        ("movies.dat", "7::a\n", "row 1: must have 3 columns, got 2"),
        (
            "movies.dat",
            "7::a::\n-7::a::\n",
            "row 2, column MovieID: must be a whole number from 0 to 2147483647, got '-7'",
        ),
        ("u.item", "1|a|b\n", "row 1: must have 24 columns, got 3"),
        ("u.item", f"1|a||||{FLAGS[:-1]}x\n", "row 1, column Western: must be 0 or 1, got 'x'"),
        (
            "u.item",
            f"|a||||{FLAGS}\n",
            "row 1, column movie id: must be a whole number from 0 to 2147483647, got ''",
        ),
    ],
)
def test_a_movie_that_is_none_is_told_with_its_row_and_column(file: str, text: str, problem: str) -> None:
    assert refused(text, file).startswith(f"{file}, {problem}")


@given(
    content=st.lists(
        st.sampled_from([b"7", b"8", b"::", b"|", b",", b'"', b"\n", b"\r", b"\0", b"\xe9", b"0"])
    )
)
@example(content=[HEADER.encode(), b'7,"\n'])
@settings(deadline=None)
def test_whatever_a_file_holds_its_movies_are_read_or_a_row_of_it_is_told(content: list[bytes]) -> None:
    for file in READERS:
        try:
            found = read_movies(b"".join(content), file)
        except InvalidInput as error:
            assert re.match(rf"{re.escape(file)}, row \d+(, column [\w' -]+)?: must ", str(error)), str(error)
        else:
            assert len(found.ids) == len(found.titles) == len(found.years) == len(found.genres)
