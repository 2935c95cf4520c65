"""The winner beside the baseline, for newcomers and for regulars: by the ratings that they learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.contributions import PARTS
from pipeline.user_groups import UserGroup, user_groups
from report.findings import Findings
from report.tables import Column, Row, Table, number

HEADING = "For newcomers and for regulars"
COLUMNS = (
    Column("part", numeric=False),
    Column("learnt\nfrom"),
    Column("users"),
    Column("held\nout"),
    Column("acc"),
    Column("baseline\nacc"),
    Column("NDCG\n@10"),
    Column("baseline\nNDCG"),
    Column("RMSE"),
    Column("baseline\nRMSE"),
)


@dataclass(frozen=True)
class Compared:
    """One group of users."""

    winner: UserGroup
    baseline: UserGroup | None  # None where the run's folder is gone


def compared_groups(findings: Findings) -> Mapping[str, Sequence[Compared]]:
    """Measure the groups that have users, by part; nothing of a part where the winner's folder is gone."""
    return {part: _of_part(findings, part) for part in PARTS}


def groups_table(findings: Findings) -> Table | None:
    """Lay out what winner and baseline are worth to each group; None where the winner's folder is gone."""
    groups = [[_row(part, one) for one in found] for part, found in compared_groups(findings).items()]
    if not any(groups):
        return None
    caption = "the winner by how many ratings of a user it learnt from"
    return Table(caption, COLUMNS, [group for group in groups if group])


def _of_part(findings: Findings, part: str) -> list[Compared]:
    winner, baseline = findings.per_user[part][0], findings.baseline[part]
    if winner is None:
        return []
    found = user_groups(winner)
    beside = [None] * len(found) if baseline is None else user_groups(baseline)
    return [Compared(one, other) for one, other in zip(found, beside, strict=True) if one.users]


def _row(part: str, compared: Compared) -> Row:
    one, other = compared.winner, compared.baseline
    figures = [
        number(None if group is None else getattr(group, metric))
        for metric in ("accuracy", "ndcg", "rmse")
        for group in (one, other)
    ]
    return [part, _span(one), f"{one.users:,}", f"{one.ratings:,}", *figures]


def _span(group: UserGroup) -> str:
    """Write from how many to how many ratings of a user were learnt from."""
    if group.at_most is None:
        return f"{group.at_least}+"
    return str(group.at_least) if group.at_least == group.at_most else f"{group.at_least}-{group.at_most}"
