"""The rules of the house, read from the sources themselves: which room may know of which."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
STANDARD = sys.stdlib_module_names
COMPILER = "pipeline/compiled/kernel.py"
READERS = ("pipeline/sources/grouplens/delimited.py", "pipeline/sources/own/frames.py")
HYDRA = {"hydra", "omegaconf", "hydra_plugins"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "src").as_posix()


def room_of(path: Path) -> str:
    """Name the folder of src that a module lies in, or the module where it lies in src itself."""
    return path.relative_to(ROOT / "src").parts[0]


def imports(path: Path) -> Iterator[str]:
    """List what a module imports, wherever in it: dotted, down to the imported name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def foreign(path: Path, allowed: set[str]) -> list[str]:
    """List imports that are neither of the standard library nor below an allowed name."""
    return [
        name
        for name in imports(path)
        if name.split(".")[0] not in STANDARD
        and not any(name == known or name.startswith(f"{known}.") for known in allowed)
    ]


def of_room(room: str) -> list[Path]:
    found = [path for path in SOURCES if room_of(path) == room]
    assert found, f"src/{room} has no module"
    return found


def check(paths: list[Path], allowed: set[str]) -> None:
    broken = {name_of(path): strangers for path in paths if (strangers := foreign(path, allowed))}
    assert not broken


def mentions(path: Path, packages: set[str]) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] in packages}


def test_the_pipeline_knows_arrays_and_itself_only() -> None:
    known = {"numpy", "scipy", "threadpoolctl", "pipeline"}
    outsiders = {COMPILER, *READERS}
    check([path for path in of_room("pipeline") if name_of(path) not in outsiders], known)


def test_one_module_knows_the_compiler_and_nothing_imports_the_kernels_by_name() -> None:
    """So that whoever lacks numba, or has no work that is worth its import, never meets it."""
    assert mentions(ROOT / "src" / COMPILER, {"numba"}) == {"numba.njit"}
    outside = [path for path in SOURCES if path.parent.name != "compiled"]
    assert not [path for path in outside for name in imports(path) if name.startswith("pipeline.compiled")]


def test_two_modules_know_the_reader_of_large_files_and_are_imported_where_they_read() -> None:
    """So that whoever lacks polars, or opens a cache, never meets it."""
    check([ROOT / "src" / reader for reader in READERS], {"numpy", "pipeline", "polars"})
    late = (
        "pipeline.sources.grouplens.delimited",
        "pipeline.sources.grouplens.rating_files",
        "pipeline.sources.own.frames",
    )
    knowing = {name_of(p) for p in SOURCES for name in imports(p) if name.startswith(late)}
    assert knowing == {"pipeline/sources/grouplens/rating_files.py"}


def test_the_database_knows_hyperparameters_and_nothing_else_of_the_pipeline() -> None:
    known = {"sqlalchemy", "alembic", "psycopg", "db", "project"}
    # A study file is a database, too: its tables are Optuna's.
    known |= {"optuna.distributions", "optuna.storages", "optuna.trial"}
    numbers = {"pipeline.hyperparameters", "pipeline.parameters", "pipeline.metrics.TOLERANCE"}
    check(of_room("db"), known | numbers)


def test_the_report_knows_the_record_and_the_numbers_and_not_who_made_them() -> None:
    known = {"db", "pipeline", "project", "report", "sqlalchemy.Engine"}
    check(of_room("report"), known | {"numpy", "optuna", "plotly", "rich", "yaml"})


def test_deployment_knows_the_record_and_the_numbers_and_neither_who_asks_nor_how() -> None:
    known = {"db", "deployment", "pipeline", "project", "sqlalchemy.Engine"}
    check(of_room("deployment"), known | {"numpy", "scipy"})


def test_the_service_knows_what_it_answers_with_and_not_the_commands() -> None:
    known = {"db", "deployment", "pipeline", "project", "report", "service", "sqlalchemy.Engine"}
    web = {"fastapi", "jinja2", "markupsafe", "prometheus_client", "pydantic", "starlette", "uvicorn"}
    check(of_room("service"), known | web)


def test_only_the_database_speaks_sql() -> None:
    """Whoever asks it hands an `Engine` around and may name its type."""
    for path in SOURCES:
        asks = room_of(path) in {"sweep", "report", "deployment", "service"}
        allowed = {"sqlalchemy.Engine"} if asks else set()
        if room_of(path) != "db":
            assert mentions(path, {"sqlalchemy", "alembic", "psycopg"}) <= allowed, name_of(path)


def test_hydra_stays_at_the_entrance() -> None:
    entrance = {"tune_app.py", "report_app.py", "deploy_app.py", "serve_app.py", "sweep", "hydra_plugins"}
    strangers = {name_of(p): mentions(p, HYDRA) for p in SOURCES if room_of(p) not in entrance}
    assert {name: found for name, found in strangers.items() if found} == {}


def test_no_module_knows_the_tests() -> None:
    own = {"tests", "pytest", "hypothesis", "conftest"} | {p.stem for p in (ROOT / "tests").rglob("*.py")}
    own -= {room_of(path).removesuffix(".py") for path in SOURCES}
    assert {name_of(p): mentions(p, own) for p in SOURCES if mentions(p, own)} == {}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_sources_were_found() -> None:
    assert {"pipeline", "db", "sweep", "report", "deployment", "service", "hydra_plugins"} <= {
        room_of(path) for path in SOURCES
    }


def test_a_broken_rule_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import json\nimport numpy.linalg\ndef f():\n    from sqlalchemy import select\n")
    assert foreign(module, {"numpy"}) == ["sqlalchemy.select"]
    assert foreign(module, {"sqlalchemy.select"}) == ["numpy.linalg"]
    assert mentions(module, {"sqlalchemy"}) == {"sqlalchemy.select"}
