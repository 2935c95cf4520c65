"""A form gives, byte for byte, what OmegaConf writes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sweep.jobs.yaml_forms import Form, Forms, NotOneLine, listed, scalar

# An interpolation, or what stands for a missing value, is never a single value.
TEXT = st.text().filter(lambda text: "$" not in text and text != "???")
SINGLE = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
LINES = st.lists(st.from_regex(r"[a-z.]{1,9}=[\w.+-]{1,9}", fullmatch=True) | TEXT, max_size=4)


@given(SINGLE)
def test_a_single_value_is_written_as_omegaconf_writes_it(value: object) -> None:
    try:
        text = scalar(value)
    except NotOneLine:
        assert isinstance(value, str)
        return
    assert f"deep:\n  key: {text}\n" == OmegaConf.to_yaml({"deep": {"key": value}})


@given(LINES)
def test_a_list_of_texts_is_written_as_omegaconf_writes_it(lines: list[str]) -> None:
    assert listed(lines) == OmegaConf.to_yaml(OmegaConf.create(lines))


@settings(max_examples=30)
@given(st.lists(st.tuples(SINGLE, LINES), min_size=2, max_size=4))
def test_whatever_is_blank_the_document_is_the_same(jobs: list[tuple[object, list[str]]]) -> None:
    forms = Forms()
    for value, lines in jobs:
        blanks = {"a.b": value, "c.lines": lines}
        config = OmegaConf.create({"a": {"b": value, "other": "${c.d}"}, "c": {"d": 1.5, "lines": lines}})
        assert forms.written(config, blanks) == OmegaConf.to_yaml(config)


def test_a_form_is_filled_without_the_config() -> None:
    form = Form.of(OmegaConf.create({"a": {"b": 1, "texts": ["x"]}, "c": "text"}), ["a.b", "a.texts"])
    assert form.filled({"a.b": 1e-05, "a.texts": []}) == "a:\n  b: 1.0e-05\n  texts: []\nc: text\n"


def test_a_text_that_may_be_folded_is_not_filled_in() -> None:
    with pytest.raises(NotOneLine):
        scalar("two words")


@pytest.mark.parametrize(
    "text",
    ["/home/a.b/r-1/037", "/a", "tune_app_3", "a_", "e_5", "1_0", "/1", "_a", "no", "007", "7", "0x1_f"],
)
def test_paths_and_names_are_written_as_omegaconf_writes_them(text: str) -> None:
    assert f"key: {scalar(text)}\n" == OmegaConf.to_yaml({"key": text})
