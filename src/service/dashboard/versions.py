"""The versions there are, and every switch between them."""

from dataclasses import dataclass

from sqlalchemy import Engine

from db.deployment.answers import Activation, Performance, Version
from db.deployment.live_ratings import performances
from db.deployment.tables import READY
from db.deployment.versions import latest_activations, versions
from report.tables import Column, Table, number
from service.dashboard.words import SWITCHES, day_of, gate_words, moment

VERSIONS = 50
SWITCHES_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Versions:
    """All versions and switches, the latest ones where there are many."""

    table: Table
    switches: Table
    challenger: int | None  # the latest that is ready and not active: what a test could be of


def all_versions(engine: Engine) -> Versions:
    """List the latest versions and switches."""
    found, switches = versions(engine, limit=VERSIONS), latest_activations(engine, SWITCHES_SHOWN)
    live = performances(engine, [one.version for one in found])
    active = switches[0].to_version if switches else None
    rows = [_row(one, live.get(one.version), is_active=one.version == active) for one in found]
    others = (one.version for one in found if one.status == READY and one.version != active)
    return Versions(
        table=Table("versions, the latest first", VERSION_COLUMNS, [rows]),
        switches=Table(
            "switches of the active version, the latest first",
            SWITCH_COLUMNS,
            [[_switch(one) for one in switches]],
        ),
        challenger=next(others, None),
    )


VERSION_COLUMNS = (
    Column("version", numeric=False),
    Column("model", numeric=False),
    Column("status", numeric=False),
    Column("made", numeric=False),
    Column("experiment", numeric=False),
    Column("gate", numeric=False),
    Column("validation accuracy"),
    Column("test accuracy"),
    Column("live accuracy"),
    Column("rated forecasts"),
)
SWITCH_COLUMNS = (
    Column("revision", numeric=False),
    Column("when", numeric=False),
    Column("what", numeric=False),
    Column("who", numeric=False),
    Column("why", numeric=False, wraps=True),
)


def _row(one: Version, live: Performance | None, *, is_active: bool) -> list[str]:
    return [
        f"{one.version}{' (active)' if is_active else ''}",
        one.model,
        one.status,
        day_of(one.created_at),
        one.experiment_id or "typed",
        gate_words(one),
        number(one.validation.get("accuracy")),
        number(one.test.get("accuracy")),
        number(None if live is None else live.accuracy),
        "0" if live is None else f"{live.samples:,}",
    ]


def _switch(one: Activation) -> list[str]:
    came_from = "" if one.from_version is None else f", {one.from_version} before"
    forced = ", forced" if one.forced else ""
    what = f"{SWITCHES.get(one.action, one.action)} {one.to_version}{came_from}{forced}"
    return [str(one.rev), moment(one.activated_at), what, one.who, one.why]
