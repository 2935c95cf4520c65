"""Time a report on 10,000 experiments in each of its forms, from the start of Python to the last line.

python benchmarks/report.py

Prints a Markdown table: seconds for a record of 50 runs of 200 trials each, and for one run of 10,000.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from recorded import fill_many, record  # noqa: E402 - lies with the tests

from report.forms import FORMS  # noqa: E402

RECORDS = {"50 runs of 200": (50, 200), "one run of 10,000": (1, 10_000)}
RUN = "random_20260102_000001"


def seconds(*arguments: str) -> float:
    """Report in a process of its own, into a file."""
    command = [sys.executable, str(ROOT / "src" / "report_app.py"), *arguments]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def timed(folder: Path, runs: int, trials: int) -> dict[str, float]:
    database = folder / f"{runs}.db"
    engine = record(database)
    fill_many(engine, runs, trials)
    engine.dispose()
    about = [f"db.url=sqlite:///{database}", f"report.output={folder / 'report'}"]
    about += [f"report.run={RUN}"] if runs == 1 else []
    forms = {form: seconds(f"report.format={form}", *about) for form in FORMS}
    return forms | {"export=optuna": seconds("report.export=optuna", *about)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = {name: timed(Path(folder), *size) for name, size in RECORDS.items()}
    print(f"| form | {' | '.join(f'{name}, s' for name in RECORDS)} |")
    print(f"| --- |{' --: |' * len(RECORDS)}")
    for form in next(iter(found.values())):
        print(f"| {form} | {' | '.join(f'{times[form]:.1f}' for times in found.values())} |")


if __name__ == "__main__":
    main()
