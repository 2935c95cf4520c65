"""The modules that know polars, which is not asked for by whoever opens a cache."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pipeline.parameters import InvalidInput

INSTALL = "python -m pip install -c constraints.txt -e '.[readers]'"


def reader_for(source: str, module: str) -> Any:
    """Import a module that knows polars for a source, when it reads.

    Raises:
        InvalidInput: where polars is not installed.

    """
    if find_spec("polars") is None:
        raise InvalidInput(f"data={source} needs polars: run {INSTALL}")
    return import_module(module)
