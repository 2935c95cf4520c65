"""The ids and names of a version: taken from the data, kept in a file, and who is new."""

import re
from pathlib import Path

import numpy as np
import pytest
from gate_samples import ground
from tiny_data import tiny

from deployment.catalogue import Catalogue, load_catalogue, with_newcomer
from pipeline.hyperparameters import MODELS
from pipeline.parameters import InvalidInput
from pipeline.recommender import Recommender


def test_a_catalogue_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    catalogue = Catalogue.of(ground().problem.dataset)
    catalogue.save(tmp_path / "c.npz")
    found = load_catalogue(tmp_path / "c.npz")
    assert found.movies == catalogue.movies
    assert found.users == catalogue.users
    assert found.titles.tolist() == catalogue.titles.tolist()
    assert found.years.tolist() == catalogue.years.tolist()
    assert found.stars == catalogue.stars == 5.0


def test_the_newcomer_is_the_last_user_of_a_model_and_none_of_the_catalogue() -> None:
    dataset = ground().problem.dataset
    asked = with_newcomer(dataset)
    assert asked.n_users == dataset.n_users + 1
    assert Catalogue.of(asked).users == Catalogue.of(dataset).users
    assert Catalogue.of(asked).newcomer == dataset.n_users


@pytest.mark.parametrize("model", MODELS)
def test_the_newcomer_changes_nobody_elses_recommendations(model: str) -> None:
    """Two users of like taste, and what they are told with a third beside them who has none."""
    dataset = tiny([(0, 0, 4, 0), (0, 1, 5, 1), (1, 1, 5, 0), (1, 2, 4, 1)], genres=["a", "ab", "b"])
    recipe, all_ratings = Recommender(MODELS[model]()), np.ones(4, dtype=bool)
    alone, beside = (recipe.fit(data, all_ratings) for data in (dataset, with_newcomer(dataset)))
    for user in (0, 1):
        assert [r.movie for r in beside.recommend(user)] == [r.movie for r in alone.recommend(user)]


def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    for content in (b"", b"not a zip", b"PK\x03\x04 cut off"):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match=re.escape(f"{path} is not a catalogue")) as refused:
            load_catalogue(path)
        assert len(refused.value.problems) == 1


def test_a_catalogue_of_unequal_lists_is_refused(tmp_path: Path) -> None:
    dataset = ground().problem.dataset
    short = Catalogue(dataset.user_ids, dataset.movie_ids, dataset.titles[:-1], dataset.years, 5.0)
    short.save(tmp_path / "c.npz")
    with pytest.raises(InvalidInput, match="equally many"):
        load_catalogue(tmp_path / "c.npz")
