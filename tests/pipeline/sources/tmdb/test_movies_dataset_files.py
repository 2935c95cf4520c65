"""The Movies Dataset is found where it lies, and what is missing is named."""

import shutil
from pathlib import Path

import pytest
from movies_dataset_folders import write_folder
from releases import zipped

from pipeline.sources.grouplens.release import NotARelease
from pipeline.sources.tmdb.files import find_files

MUST = (
    "must hold the files of The Movies Dataset once: movies_metadata.csv, credits.csv, "
    "links.csv or links_small.csv, ratings.csv or ratings_small.csv; "
)


def refusal(path: Path) -> str:
    with pytest.raises(NotARelease) as refused:
        find_files(str(path), small=False)
    return str(refused.value)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (["credits.csv"], "credits.csv"),
        (["links.csv"], "links.csv or links_small.csv"),
        (["movies_metadata.csv", "ratings.csv"], "movies_metadata.csv, ratings.csv or ratings_small.csv"),
    ],
)
def test_what_is_missing_is_named(missing: list[str], told: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", [])
    for name in missing:
        (folder / name).unlink()
    assert refusal(folder) == f"{MUST}{folder} lacks {told}"


def test_a_name_that_is_nearly_right_is_pointed_at(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", [])
    (folder / "credits.csv").rename(folder / "credit.csv")
    assert refusal(folder) == f"{MUST}{folder} lacks credits.csv; did you mean credit.csv?"


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{MUST}{tmp_path} lacks movies_metadata.csv, credits.csv, links.csv or links_small.csv, "
        "ratings.csv or ratings_small.csv"
    )


def test_a_path_that_is_not_there_or_no_folder_points_at_what_was_meant(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "films", [])
    meant = f"must be a folder or zip file that exists, got {tmp_path}/film; did you mean {tmp_path}/films?"
    assert refusal(tmp_path / "film") == meant
    file = folder / "credits.csv"
    assert refusal(file) == f"must be a folder or zip file, {file} is neither; did you mean {folder}?"


def test_a_zip_file_may_hold_it_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "both" / "films", [])
    path = zipped(folder)
    files = find_files(str(path), small=False)
    assert files.paths == [path]
    with files.open("links.csv") as file:
        assert file.read() == b"movieId,imdbId,tmdbId\n"
    shutil.copytree(folder, folder.parent / "again")
    twice = Path(shutil.make_archive(str(tmp_path / "twice"), "zip", folder.parent))
    assert refusal(twice) in {
        f"{MUST}{twice} has them in {one} and {other}"
        for one, other in (("films/", "again/"), ("again/", "films/"))
    }


@pytest.mark.parametrize(
    ("there", "small", "taken"),
    [
        (
            {"links.csv", "links_small.csv", "ratings.csv", "ratings_small.csv"},
            False,
            ("links.csv", "ratings.csv"),
        ),
        (
            {"links.csv", "links_small.csv", "ratings.csv", "ratings_small.csv"},
            True,
            ("links_small.csv", "ratings_small.csv"),
        ),
        ({"links.csv", "ratings_small.csv"}, False, ("links.csv", "ratings_small.csv")),
        ({"links.csv", "ratings_small.csv"}, True, ("links.csv", "ratings_small.csv")),
        ({"links.csv", "links_small.csv", "ratings_small.csv"}, False, ("links.csv", "ratings_small.csv")),
    ],
)
def test_the_size_asked_for_is_taken_where_it_is_there(
    there: set[str], small: bool, taken: tuple[str, str], tmp_path: Path
) -> None:
    for name in ("movies_metadata.csv", "credits.csv", *there):
        (tmp_path / name).touch()
    files = find_files(str(tmp_path), small=small)
    assert files.names == ("movies_metadata.csv", "credits.csv", *taken)
    assert files.paths == [tmp_path / name for name in files.names]
