import zipfile
from pathlib import Path

import pytest
from releases import KEYS, STYLES, write_release, zipped

from pipeline.parameters import InvalidInput
from pipeline.sources.grouplens.release import LAYOUTS, recognised
from pipeline.sources.section import read_section

PAIRS = (
    "u.data and u.item (ml-100k), or ratings.dat and movies.dat (ml-1m, ml-10m), or ratings.csv and "
    "movies.csv (ml-latest-small, ml-20m, ml-25m, ml-32m)"
)


def refused(path: Path | str) -> str:
    """Return what the settings say of a path: one line."""
    with pytest.raises(InvalidInput) as error:
        read_section(
            {
                **KEYS,
                "name": "movielens",
                "path": str(path),
                "include_feedback": False,
                "snapshot": None,
                "cache": None,
            }
        )
    (line,) = error.value.problems
    return line


@pytest.mark.parametrize("style", STYLES)
def test_a_layout_is_recognised_by_its_files(style: str, tmp_path: Path) -> None:
    folder = write_release(tmp_path / "any name", style, [], [])
    layout = recognised(str(folder)).layout
    assert style in layout.name
    assert recognised(str(zipped(folder))).layout is layout


def test_a_zip_file_may_hold_its_files_without_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ml.zip", "w") as archive:
        for name in ("movies.csv", "ratings.csv", "tags.csv"):
            archive.writestr(name, name)
    with recognised(str(tmp_path / "ml.zip")).open("ratings.csv") as file:
        assert file.read() == b"ratings.csv"


def test_the_home_folder_may_be_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_release(tmp_path / "ml", "ml-25m", [], [])
    assert recognised("~/ml").path == tmp_path / "ml"


def test_a_relative_path_begins_where_the_command_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_release(tmp_path / "ml", "ml-25m", [], [])
    monkeypatch.chdir(tmp_path)
    assert recognised("ml").path == tmp_path / "ml"


def test_what_is_not_there_is_told_with_what_probably_was_meant(tmp_path: Path) -> None:
    (tmp_path / "data" / "ml-25m").mkdir(parents=True)
    must = "data.path must be a folder or zip file that exists, got"
    meant = f"; did you mean {tmp_path}/data"
    assert refused(tmp_path / "data" / "ml25m") == f"{must} {tmp_path}/data/ml25m{meant}/ml-25m?"
    assert refused(tmp_path / "dta" / "ml-25m") == f"{must} {tmp_path}/dta/ml-25m{meant}?"
    assert refused(tmp_path / "x" / "y") == f"{must} {tmp_path}/x/y"


def test_a_folder_without_a_release_is_told_with_what_it_holds_and_what_it_must(tmp_path: Path) -> None:
    must = f"data.path must hold the files of one GroupLens release: {PAIRS}; {tmp_path} holds"
    assert refused(tmp_path) == f"{must} nothing"
    (tmp_path / "ml-25m").mkdir()
    assert refused(tmp_path) == f"{must} ml-25m/"
    for name in ("rating.csv", "movies.csv"):
        (tmp_path / name).write_text("")
    assert refused(tmp_path) == f"{must} ml-25m/, movies.csv, rating.csv; did you mean ratings.csv?"


def test_of_many_files_the_first_are_told(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}").write_text("")
    assert refused(tmp_path).endswith("holds 00, 01, 02, 03, 04, 05, 06, 07, …")


def test_two_releases_in_one_place_are_not_chosen_between(tmp_path: Path) -> None:
    for style in ("ml-1m", "ml-25m"):
        write_release(tmp_path / "both", style, [], [])
    assert refused(tmp_path / "both").endswith("both holds ratings.dat and ratings.csv")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for folder in ("a", "b"):
            for name in ("movies.csv", "ratings.csv"):
                archive.writestr(f"{folder}/{name}", "")
    assert refused(tmp_path / "two.zip").endswith("two.zip holds a/ratings.csv and b/ratings.csv")


def test_a_file_that_is_no_zip_file_is_refused(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "ml", "ml-25m", [], [])
    (folder / "notes").write_text("text")
    must = "data.path must be a folder or zip file,"
    assert refused(folder / "notes") == f"{must} {folder}/notes is neither"
    assert (
        refused(folder / "ratings.csv") == f"{must} {folder}/ratings.csv is neither; did you mean {folder}?"
    )


def test_a_path_must_be_text() -> None:
    with pytest.raises(InvalidInput, match=r"^data\.path must be text, got 25$"):
        read_section({**KEYS, "name": "movielens", "path": 25, "cache": None})


def test_no_two_layouts_share_a_file() -> None:
    names = [name for layout in LAYOUTS for name in (layout.ratings, layout.movies)]
    assert len(names) == len(set(names)) == 2 * len(LAYOUTS)
