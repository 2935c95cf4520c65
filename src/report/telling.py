"""What every form tells of a run that has a completed trial: the same sentences, the same tables."""

from dataclasses import dataclass

from report.attendance import attendance_lines
from report.findings import Findings
from report.front import front_table
from report.judgement import Judgement
from report.moves import moved_alone, moves_lines, moves_table
from report.next_steps import deploy_line
from report.outcome import SENSITIVITY
from report.ranking_sample import ranking_sample_lines
from report.tables import Table
from report.verdict import reuse_lines, verdict_lines


@dataclass(frozen=True)
class Telling:
    """What was found, in words, and in the tables that only such a search has."""

    lines: list[str]  # the most important first
    tables: list[Table]


def telling(findings: Findings, judgement: Judgement) -> Telling:
    """Tell of a search what its winner is worth; of moves one at a time what each of them does."""
    moves, front = moved_alone(findings), front_table(findings)
    if moves:
        said, tables = moves_lines(moves), [moves_table(moves)]
    else:
        said = [
            *verdict_lines(findings, judgement),
            deploy_line(findings, judgement),
            *_moves_unknown(findings),
        ]
        tables = [] if front is None else [front]
    measured = [*attendance_lines(findings.run), *ranking_sample_lines(findings)]
    return Telling([*said, *measured, *reuse_lines(findings.statistics)], tables)


def _moves_unknown(findings: Findings) -> list[str]:
    if findings.method != SENSITIVITY:
        return []
    return ["What each hyperparameter does cannot be told: the folders of the trials are gone."]
