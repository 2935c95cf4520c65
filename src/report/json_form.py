"""What was found as JSON, with all that a report says and with full precision."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from report.findings import Findings
from report.judgement import Judgement
from report.next_steps import next_steps
from report.outcome import RunOutcome
from report.overview import Group, Overview
from report.runs import group_lines
from report.tables import Table
from report.telling import telling
from report.user_groups import compared_groups


def json_of_nothing() -> str:
    """Write an overview of no runs, for a record that does not exist yet."""
    return json_text({"statistics": None, "groups": []})


def json_of_run(findings: Findings, judgement: Judgement) -> str:
    """Write all that is known of a run, what its figures allow to say, and its experiments."""
    known = {"run_id": findings.run_id, "run": findings.run, "statistics": findings.statistics}
    told = _told(findings, judgement) if findings.ranked else {}
    return json_text({**known, **told, "experiments": findings.experiments})


def json_of_overview(found: Overview) -> str:
    """Write all runs, those that can be compared together, with their experiments."""
    return json_text({"statistics": found.statistics, "groups": [_of_group(group) for group in found.groups]})


def _told(findings: Findings, judgement: Judgement) -> dict[str, Any]:
    told = telling(findings, judgement)
    return {
        "best_experiment_id": None if judgement.missing else findings.winner.experiment_id,
        "judgement": {**_fields(judgement), "holds": judgement.holds},
        "verdict": told.lines,
        "user_groups": compared_groups(findings),
        "tables": [_of_table(table) for table in told.tables],
        "next": [step._asdict() for step in next_steps(findings, judgement)],
    }


def _of_table(table: Table) -> dict[str, Any]:
    heads = [column.heading.replace("\n", " ") for column in table.columns]
    return {
        "caption": table.caption,
        "rows": [dict(zip(heads, map(str, row), strict=True)) for row in table.rows],
    }


def _of_group(group: Group) -> dict[str, Any]:
    best = group.best.best if group.best and not group.missing else None
    return {
        "title": group.title,
        "missing": group.missing,
        "best_experiment_id": best and best.experiment_id,
        "verdict": group_lines(group),
        "runs": [_of_run(outcome) for outcome in group.runs],
    }


def _of_run(outcome: RunOutcome) -> dict[str, Any]:
    return {
        "run_id": outcome.run_id,
        "run": outcome.run,
        "completed": len(outcome.completed),
        "failed": outcome.failed,
        "planned": outcome.planned,
        "improvement": outcome.improvement,
        "ending": outcome.ending,
        "experiments": outcome.experiments,
    }


def json_text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into what it knows."""
    if dataclasses.is_dataclass(value):
        return _fields(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).__dataclass_fields__}
