"""A user's own MovieLens release, from the command line to the record."""

from pathlib import Path

import pytest
from app_runs import run_app
from releases import rows_of, write_release, zipped

from pipeline.sources import Synthetic, load

TWO = ("-m", "search=random", "hydra.sweeper.n_trials=2")


def release(home: Path) -> Path:
    small = load(Synthetic(users=30, movies=25, ratings=400), home / "cache")
    return write_release(home / "ml-latest-small", "ml-25m", *rows_of(small))


def test_a_release_is_read_once_and_its_run_resumed_wherever_it_lies(tmp_path: Path) -> None:
    here = zipped(release(tmp_path))
    there = tmp_path / "moved.zip"
    first = run_app(tmp_path, "run", *TWO, data=["data=movielens", f"data.path={here}"])
    assert first.code == 0, first.stderr
    assert first.stderr.count("reading ratings.csv of") == 1
    assert set(first.statuses.values()) == {"completed"}
    told = first.metrics_of(1)["data"]
    assert (told["name"], told["path"], told["include_feedback"]) == ("movielens", str(here), False)
    assert (tmp_path / "cache" / told["snapshot"]).is_dir()
    keys = first.values("config_key")

    here.rename(there)
    more = [*TWO[:2], "hydra.sweeper.n_trials=3"]
    resumed = run_app(tmp_path, "run", *more, data=["data=movielens", f"data.path={there}"])
    assert resumed.code == 0, resumed.stderr
    assert "reading" not in resumed.stderr
    assert len(resumed.rows) == 3
    assert resumed.values("config_key")[:2] == keys


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("null", "data.path must be the folder or zip file of a GroupLens release, got None"),
        ("/there/is/none.zip", "data.path must be a folder or zip file that exists, got /there/is/none.zip"),
    ],
)
def test_a_path_without_a_release_is_refused_in_one_line(path: str, problem: str, tmp_path: Path) -> None:
    run = run_app(tmp_path, "run", data=["data=movielens", f"data.path={path}"])
    assert (run.code, run.stderr) == (2, f"reeltune: {problem}\n")


def test_a_bad_row_ends_the_command_with_one_line(tmp_path: Path) -> None:
    folder = release(tmp_path)
    with (folder / "ratings.csv").open("a") as file:
        file.write("1,1,6.0,30\n")
    run = run_app(tmp_path, "run", data=["data=movielens", f"data.path={folder}"])
    assert run.code == 2
    announced, line = run.stderr.splitlines()
    assert announced.startswith(f"reading ratings.csv of {folder}")
    must = "must be 0.5 to 5 in half stars, got '6.0'"
    assert line == f"reeltune: ratings.csv, row 402, column rating: {must}"
    assert not run.folder.exists()


def test_keys_that_need_a_file_the_release_lacks_are_refused_in_one_line_each(tmp_path: Path) -> None:
    asked = ["data=movielens", f"data.path={release(tmp_path)}", "data.tag_users=5", "data.credits=films"]
    run = run_app(tmp_path, "run", data=asked)
    later = "ml-latest-small, ml-20m, ml-25m, ml-32m have one"
    assert run.code == 2
    assert run.stderr.splitlines() == [
        f"reeltune: data.credits must be null without links.csv ({later}), got 'films'",
        f"reeltune: data.tag_users must be null without tags.csv ({later}), got 5",
    ]
