"""What the documents tell users to type, and to ask the record."""

import re

from project import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TUNE, REPORT = "python src/tune_app.py", "python src/report_app.py"
DEPLOY, SERVE = "python src/deploy_app.py", "python src/serve_app.py"
CURL = "curl "
OWN_DATA = "own_data.md"  # whose commands read files that tests/test_own_data_docs.py makes
DEPLOYED = "model=deployed"  # a preset that a deployment writes


def commands(application: str) -> list[str]:
    """List the indented commands of all documents, those with … or <…> left out, and those on own data."""
    documents = [path for path in DOCUMENTS if path.name != OWN_DATA]
    lines = [line.strip() for path in documents for line in path.read_text(encoding="utf-8").splitlines()]
    typed = [line for line in lines if line.startswith(application)]
    return sorted({line for line in typed if not re.search("[…<]", line)})


def lines_beginning(words: str) -> list[str]:
    """List the indented lines of all documents that begin so, in their order."""
    lines = [line for path in DOCUMENTS for line in path.read_text(encoding="utf-8").splitlines()]
    return [line.strip() for line in lines if line.startswith(f"    {words}")]


def queries() -> list[str]:
    """List the statements of all documents."""
    content = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    return re.findall(r"```sql\n(.*?)```", content, flags=re.DOTALL)
