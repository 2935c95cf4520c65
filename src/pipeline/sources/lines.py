"""How a file that is not as it must be is told: file, row as an editor counts it, column, what must hold."""

from pipeline.parameters import InvalidInput

SHOWN = 60  # characters of what came


def in_row(file: str, row: int, problem: str) -> InvalidInput:
    return InvalidInput(f"{file}, row {row}: {problem}")


def in_column(file: str, row: int, column: str, must: str, got: str) -> InvalidInput:
    came = repr(got if len(got) <= SHOWN else f"{got[:SHOWN]}…")
    return InvalidInput(f"{file}, row {row}, column {column}: must {must}, got {came}")
