"""What a GroupLens release tells beside ratings, titles and genres: links, credits, franchises, tags."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movies_dataset_folders import credit, film, write_folder
from releases import KEYS, Movie, Rating, Tag, write_links, write_release, write_tags, zipped

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources import MovieLens, intake_of, load, what
from pipeline.sources.intake import Finding, Intake
from pipeline.sources.section import read_section

MOVIES: list[Movie] = [
    (1, "Toy Story (1995)", ["Animation", "Comedy"]),
    (2, "Heat (1995)", ["Action"]),
    (10, "Toy Story 2 (1999)", ["Animation"]),
]
RATINGS: list[Rating] = [(7, 1, 5, 30), (7, 2, 4, 31), (8, 10, 3, 32)]
ID = "be a whole number from 0 to 2147483647"
QUIET = lambda _line: None  # noqa: E731 - an Announce that says nothing


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_release(tmp_path / "ml", "ml-25m", RATINGS, MOVIES)
    return tmp_path


def imported(home: Path, path: Path | None = None, **asked: Any) -> Dataset:
    return load(MovieLens(path=str(path or home / "ml"), **asked), home / "cache", QUIET)


def account(dataset: Dataset) -> Intake:
    found = intake_of(dataset)
    assert found is not None
    return found


def refused(home: Path, **asked: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        imported(home, **asked)
    (line,) = error.value.problems
    assert list((home / "cache").rglob("*.npy")) == [], "nothing half-made stays behind"
    return line


def refused_keys(home: Path, **asked: Any) -> Sequence[str]:
    with pytest.raises(InvalidInput) as error:
        read_section({**KEYS, "name": "movielens", "path": str(home / "ml"), **asked})
    return error.value.problems


def names_of(dataset: Dataset) -> list[list[str]]:
    rows = dataset.genres
    return [dataset.genre_names[rows[[row]].indices].tolist() for row in range(dataset.n_movies)]


class TestFranchises:
    def test_titles_tell_them_unless_they_are_not_asked(self, home: Path) -> None:
        found = imported(home)
        assert found.franchises.tolist() == [0, -1, 0]
        assert account(found).notes == ("2 movies in 1 franchise by their titles",)
        without = imported(home, franchises_from_titles=False)
        assert without.franchises.tolist() == [-1, -1, -1]
        assert account(without) == Intake({"movies": 3, "ratings": 3})


class TestLinks:
    def test_two_movies_with_one_tmdb_id_are_noted(self, home: Path) -> None:
        write_links(home / "ml", [(1, 114709, 862), (2, 113277, ""), (10, 120363, 862)])
        found = account(imported(home, franchises_from_titles=False))
        assert found.read == {"movies": 3, "links": 3, "ratings": 3}
        assert found.notes == (
            "2 movies share 1 TMDB ids in links.csv, likely films listed twice: 1 and 10 are 862",
        )

    def test_a_link_of_a_movie_that_is_not_there_is_dropped(self, home: Path) -> None:
        write_links(home / "ml", [(1, 1, 862), (99, 1, 862), (98, 1, 863)])
        found = account(imported(home, franchises_from_titles=False))
        examples = ("links.csv, row 3: movie 99", "links.csv, row 4: movie 98")
        assert found.dropped == (Finding("links", "of movies that are not there", 2, examples),)
        assert found.notes == ()

    @pytest.mark.parametrize(
        ("rows", "problem"),
        [
            ("movieId,tmdbId\n", "row 1: must be movieId,imdbId,tmdbId, got 'movieId,tmdbId'"),
            ("", "row 1: must be movieId,imdbId,tmdbId, got ''"),
            ("movieId,imdbId,tmdbId\n1,2\n", "row 2: must have 3 columns, got 2"),
            ("movieId,imdbId,tmdbId\n1,2,3\n\n", "row 3: must have 3 columns, got 0"),
            (
                "movieId,imdbId,tmdbId\n1,2,3\n-1,2,3\n",
                "row 3, column movieId: must be a whole number from 0 to 2147483647, got '-1'",
            ),
            (
                "movieId,imdbId,tmdbId\n1,tt2,3\n",
                "row 2, column imdbId: must be a whole number from 0 to 2147483647, or empty, got 'tt2'",
            ),
            (
                "movieId,imdbId,tmdbId\n1,2,3.0\n",
                "row 2, column tmdbId: must be a whole number from 0 to 2147483647, or empty, got '3.0'",
            ),
            (
                "movieId,imdbId,tmdbId\n1,2,3\n2,2,4\n1,2,3\n",
                "row 4, column movieId: must be there once, as in row 2, got '1'",
            ),
            (
                'movieId,imdbId,tmdbId\n1,"2"x,3\n',
                "row 2: must be comma-separated values, ',' expected after '\"'",
            ),
        ],
    )  # fmt: skip
    def test_a_link_that_is_none_is_told_with_its_row_and_column(
        self, rows: str, problem: str, home: Path
    ) -> None:
        (home / "ml" / "links.csv").write_text(rows)
        assert refused(home) == f"links.csv, {problem}"

    def test_early_releases_have_none(self, tmp_path: Path) -> None:
        write_release(tmp_path / "ml", "ml-1m", RATINGS, MOVIES)
        (tmp_path / "ml" / "links.csv").write_text("something else")
        assert imported(tmp_path).n_ratings == 3


def with_credits(home: Path, **asked: Any) -> dict[str, Any]:
    """Link two movies to films, one of them in a collection, and write the films' folder."""
    write_links(home / "ml", [(1, 1, 862), (2, 2, 949), (10, 3, "")])
    films = [film(862, "Toy Story", collection=10194), film(949, "Heat"), film(5, "Another", collection=3)]
    casts = [credit(949, [1158, 380]), credit(862, [31, 12898, 31]), credit(5, [31])]
    folder = write_folder(home / "films", films, casts)
    return {"credits": str(folder), **asked}


class TestCredits:
    @pytest.mark.parametrize("pack", [lambda folder: folder, zipped], ids=["folder", "zip"])
    def test_casts_and_collections_come_through_the_links(
        self, pack: Callable[[Path], Path], home: Path
    ) -> None:
        asked = with_credits(home, franchises_from_titles=False)
        d = imported(home, pack(home / "ml"), **asked | {"credits": str(pack(home / "films"))})
        assert d.billing.toarray().tolist() == [[1, 0, 0, 2], [0, 2, 1, 0], [0, 0, 0, 0]]
        assert d.franchises.tolist() == [-1, -1, -1], "a collection of one is none"
        found = account(d)
        assert found.read == {
            "movies": 3,
            "links": 3,
            "films": 3,
            "credits": 3,
            "cast members": 5,
            "ratings": 3,
        }
        (finding,) = found.dropped
        assert (finding.what, finding.why, finding.count) == ("credits", "of movies that are not there", 1)
        assert found.notes == ("2 of 3 movies have a cast in data.credits, 1 a collection",)

    def test_a_sequel_without_a_link_joins_the_collection_of_its_first_part(self, home: Path) -> None:
        d = imported(home, **with_credits(home))
        assert d.franchises.tolist() == [0, -1, 0]
        assert account(d).notes[-1] == "1 movie in 1 franchise by their titles"

    def test_titles_and_genres_stay_those_of_the_release(self, home: Path) -> None:
        plain = imported(home)
        d = imported(home, **with_credits(home))
        assert d.titles.tolist() == plain.titles.tolist()
        assert names_of(d) == names_of(plain)

    def test_changed_credits_are_read_anew(self, home: Path) -> None:
        asked = with_credits(home)
        first = imported(home, **asked)
        write_folder(home / "films", [film(862), film(949)], [credit(862, [5])])
        assert imported(home, **asked).billing.shape == (3, 1) != first.billing.shape

    def test_where_they_lie_is_not_what_the_data_is(self, home: Path) -> None:
        asked = MovieLens(path=str(home / "ml"), **with_credits(home))
        assert what(asked) == what(dataclasses.replace(asked, path="elsewhere", credits="elsewhere"))
        first = load(asked, home / "cache", QUIET)
        (home / "films").rename(home / "moved")
        again = load(dataclasses.replace(asked, credits=str(home / "moved")), home / "cache", fail)
        assert again.fingerprint == first.fingerprint

    def test_they_must_be_there(self, home: Path) -> None:
        with_credits(home)
        (line,) = refused_keys(home, credits=str(home / "filmz"))
        there = f"got {home}/filmz; did you mean {home}/films?"
        assert line == f"data.credits must be a folder or zip file that exists, {there}"
        (home / "films" / "credits.csv").rename(home / "films" / "credit.csv")
        must = "data.credits must hold movies_metadata.csv and credits.csv of The Movies Dataset once;"
        assert refused_keys(home, credits=str(home / "films")) == (
            f"{must} {home}/films lacks credits.csv; did you mean credit.csv?",
        )

    def test_a_release_without_links_cannot_have_them(self, home: Path) -> None:
        asked = with_credits(home)
        (home / "ml" / "links.csv").unlink()
        (line,) = refused_keys(home, **asked)
        later = "ml-latest-small, ml-20m, ml-25m, ml-32m"
        assert (
            line
            == f"data.credits must be null without links.csv ({later} have one), got {asked['credits']!r}"
        )

    def test_a_file_that_is_another_is_told_with_its_row(self, home: Path) -> None:
        asked = with_credits(home)
        (home / "films" / "credits.csv").write_text("cast,crew\n")
        assert refused(home, **asked) == "credits.csv, row 1: must name the columns id, cast, got 'cast,crew'"


def fail(line: str) -> None:
    pytest.fail(f"must not be read again: {line}")


TAGS: list[Tag] = [
    (7, 1, "Pixar", 1), (8, 1, " pixar ", 2), (8, 1, "PIXAR", 3), (7, 2, "pixar", 4), (7, 2, "pixar", 5),
    (7, 10, "comedy", 6), (8, 10, "Comedy", 7),
    (7, 1, 'so "good",\nsee it', 8), (9, 1, 'So  "good", see it', 9),
]  # fmt: skip


class TestTags:
    @pytest.mark.parametrize("pack", [lambda folder: folder, zipped], ids=["folder", "zip"])
    def test_a_tag_that_enough_users_gave_a_movie_is_a_genre_of_it(
        self, pack: Callable[[Path], Path], home: Path
    ) -> None:
        write_tags(home / "ml", TAGS)
        d = imported(home, pack(home / "ml"), tag_users=2)
        assert names_of(d) == [
            ["Animation", "Comedy", "pixar", 'so "good", see it'],
            ["Action"],
            ["Animation", "Comedy"],
        ]
        assert account(d).read == {"movies": 3, "tags": 9, "ratings": 3}
        assert account(d).notes[-1] == "3 tags of 2 users or more count as genres, of 2 movies"

    def test_one_user_may_be_enough_and_all_too_few(self, home: Path) -> None:
        write_tags(home / "ml", TAGS)
        assert "pixar" in names_of(imported(home, tag_users=1))[1]
        assert names_of(imported(home, tag_users=3)) == names_of(imported(home))

    def test_tags_do_not_keep_films_of_one_franchise_apart(self, home: Path) -> None:
        movies: list[Movie] = [(1, "Alien (1979)", ["Horror"]), (2, "Alien: Resurrection (1997)", ["Horror"])]
        write_release(home / "ml", "ml-25m", [(7, 1, 5, 30)], movies)
        write_tags(home / "ml", [(7, 1, "a", 1), (7, 1, "b", 1), (7, 2, "c", 1)])
        assert imported(home, tag_users=1).franchises.tolist() == [0, 0]

    def test_tags_are_not_looked_at_unless_asked_for(self, home: Path) -> None:
        (home / "ml" / "tags.csv").write_text("something else")
        first = imported(home)
        (home / "ml" / "tags.csv").write_text("changed")
        assert load(MovieLens(path=str(home / "ml")), home / "cache", fail).fingerprint == first.fingerprint

    def test_tags_of_movies_that_are_not_there_and_empty_ones_are_dropped(self, home: Path) -> None:
        write_tags(home / "ml", [(7, 99, "x", 1), (7, 1, "  ", 2), (7, 1, "y", 3), (7, 98, "", 4)])
        found = account(imported(home, tag_users=1))
        assert found.read["tags"] == 4
        strangers = ("tags.csv, row 2: movie 99", "tags.csv, row 5: movie 98")
        assert found.dropped == (
            Finding("tags", "of movies that are not there", 2, strangers),
            Finding("tags", "without text", 1, ("tags.csv, row 3: '  '",)),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("rows", "problem"),
        [
            ("userId,movieId,tag\n", "row 1: must be userId,movieId,tag,timestamp, got 'userId,movieId,tag'"),
            ("7,1,x\n", "row 2: must have 4 columns, got 3"),
            ("7,1,a,b,5\n", "row 2: must have 4 columns, got 5"),
            ('7,1,"two\nlines",3\nx,1,x,1\n', f"row 4, column userId: must {ID}, got 'x'"),
            ("7,1.0,x,1\n", f"row 2, column movieId: must {ID}, got '1.0'"),
            (
                "7,1,x,soon\n",
                "row 2, column timestamp: must be whole seconds since 1970, 0 to 4294967295, got 'soon'",
            ),
            ('7,1,"x,1\n', "row 2: must be comma-separated values, unexpected end of data"),
        ],
    )  # fmt: skip
    def test_a_tag_that_is_none_is_told_with_its_row_and_column(
        self, rows: str, problem: str, home: Path
    ) -> None:
        header = "" if rows.startswith("userId") else "userId,movieId,tag,timestamp\n"
        (home / "ml" / "tags.csv").write_text(header + rows)
        assert refused(home, tag_users=1) == f"tags.csv, {problem}"

    @pytest.mark.parametrize("style", ["ml-100k", "ml-1m", "ml-25m"])
    def test_a_release_without_tags_cannot_have_them(self, style: str, tmp_path: Path) -> None:
        write_release(tmp_path / "ml", style, RATINGS, MOVIES)
        (line,) = refused_keys(tmp_path, tag_users=5)
        later = "ml-latest-small, ml-20m, ml-25m, ml-32m"
        assert line == f"data.tag_users must be null without tags.csv ({later} have one), got 5"

    def test_the_number_of_users_is_part_of_what_the_data_is(self, home: Path) -> None:
        write_tags(home / "ml", TAGS)
        assert imported(home, tag_users=2).fingerprint != imported(home, tag_users=1).fingerprint
        assert refused_keys(home, tag_users=0) == ("data.tag_users must be in [1, 1e+06], got 0",)

    @given(
        tags=st.lists(
            st.tuples(
                st.integers(1, 4),
                st.sampled_from([1, 2, 10]),
                st.sampled_from(["a", "A", "b  c", "B c", "x,y"]),
                st.integers(0, 9),
            ),
            max_size=20,
        ),
        users=st.integers(1, 3),
    )
    @settings(max_examples=40, deadline=None)
    def test_a_tag_counts_where_a_count_by_hand_says_so(
        self, tags: list[Tag], users: int, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        home = tmp_path_factory.mktemp("tags")
        write_release(home / "ml", "ml-25m", RATINGS, [(number, title, []) for number, title, _ in MOVIES])
        write_tags(home / "ml", tags)
        gave: dict[tuple[object, str], set[object]] = {}
        for user, movie, tag, _ in tags:
            gave.setdefault((movie, " ".join(tag.lower().split())), set()).add(user)
        expected = [
            sorted(tag for (movie, tag), who in gave.items() if movie == number and len(who) >= users)
            for number, _, _ in MOVIES
        ]
        assert names_of(imported(home, tag_users=users)) == expected
