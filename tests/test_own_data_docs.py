"""What docs/own_data.md tells users to type is typed, beside files that are called as it calls them."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from command import report_here, run_here
from documents import REPORT, TUNE
from movies_dataset_folders import write_movies_dataset
from own_tables import write_csv, write_sqlite
from releases import rows_of, write_links, write_release, zipped

from pipeline.sources import Synthetic, load
from project import ROOT

PAGE = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in PAGE.splitlines() if line.startswith((f"    {TUNE}", f"    {REPORT}"))]
SHOP = ("customer", "movie_id", "thumbs", "timestamp")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the page reads."""
    home = tmp_path_factory.mktemp("own")
    small = load(Synthetic(users=30, movies=25, ratings=400), home / "cache")
    release = write_release(home / "ml-latest-small", "ml-25m", *rows_of(small))
    write_links(release, [(movie, movie, movie) for movie in small.movie_ids.tolist()])
    zipped(release)
    write_movies_dataset(home / "the-movies-dataset", small)
    write_csv(home / "my_ratings", small)
    write_sqlite(home / "shop.db", small)
    write_csv(home / "shop", small)
    ratings, movies = home / "shop" / "ratings.csv", home / "shop" / "movies.csv"
    rows = [line.split(",") for line in ratings.read_text().splitlines()[1:]]
    thumbs = [",".join([user, movie, "01"[float(y) >= 4], time]) for user, movie, y, time in rows]
    ratings.write_text("\n".join([",".join(SHOP), *thumbs]) + "\n")
    movies.write_text(movies.read_text().replace("movie_id,title", "movie_id,name", 1))
    return home


def test_the_page_holds_commands() -> None:
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_does_what_it_says(
    line: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    arguments = [one.replace("sqlite:///", f"sqlite:///{home}/") for one in shlex.split(line)[2:]]
    if "data=synthetic" in arguments:
        arguments += ["data.users=30", "data.movies=25", "data.ratings=400"]
    record = [f"data.cache={home}/cache", f"db.url=sqlite:///{tmp_path}/movies.db"]
    if line.startswith(REPORT):
        answer = report_here(*arguments, *record)
    else:
        answer = run_here(*arguments, *record, f"outputs={tmp_path}/outputs")
    assert answer.code == 0, answer.stderr


def test_the_preset_of_the_page_says_only_what_differs_and_names_keys_that_are_there() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    preset = yaml.safe_load(block)
    (base, _) = preset.pop("defaults")
    shipped = yaml.safe_load((ROOT / "conf" / "data" / f"{base}.yaml").read_text(encoding="utf-8"))
    for key, value in preset.items():
        if isinstance(value, dict):
            assert value.keys() <= shipped[key].keys()
        else:
            assert key in shipped
