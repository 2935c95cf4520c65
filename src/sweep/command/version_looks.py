"""The actions of deploy_app that look at versions, and change nothing: list, show, compare."""

from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console

from db.deployment.answers import Version
from db.deployment.versions import activations, active, versions
from deployment.bundle import Damaged
from deployment.gate import NAMES, Rule
from deployment.measuring import stored_test
from deployment.switching import opened
from pipeline.hyperparameters import MODELS
from pipeline.intervals import Difference, paired_differences
from pipeline.parameters import InvalidInput
from report.terminal import print_table
from sweep.command.deploy_settings import DeploySettings
from sweep.command.deploy_telling import (
    compared_table,
    figures_table,
    history_lines,
    print_changes,
    rules_table,
    versions_table,
)
from sweep.command.version_record import asked_or_active, existing_version, recorded


def list_versions(settings: DeploySettings, out: Console) -> None:
    """List all versions, and every switch there was."""
    engine = recorded(settings.db_url)
    print_table(out, versions_table(versions(engine), active(engine)))
    out.print()
    for line in history_lines(activations(engine)):
        out.print(line, soft_wrap=True)


def show(settings: DeploySettings, out: Console) -> None:
    """Show one version: what it measured, what the gate said, whether its files are whole."""
    engine = recorded(settings.db_url)
    version = asked_or_active(engine, settings.deploy.version, "version")
    shipped = asdict(MODELS[version.model]().normalised())
    print_table(out, versions_table([version], active(engine)))
    out.print()
    print_changes(out, shipped, version.hyperparameters, "as shipped", f"version {version.version}")
    out.print()
    print_table(out, figures_table("measured", {"validation": version.validation, "test": version.test}))
    out.print()
    print_table(out, rules_table([Rule(**rule) for rule in version.gate.get("rules", ())]))
    out.print(_files_line(version), soft_wrap=True)


def compare(settings: DeploySettings, out: Console) -> None:
    """Set two versions side by side; what they measured is read, nothing is fitted."""
    engine, asked = recorded(settings.db_url), settings.deploy
    assert asked.version is not None
    one, other = (
        existing_version(engine, asked.version, "version"),
        asked_or_active(engine, asked.against, "against"),
    )
    if one.version == other.version:
        raise InvalidInput(f"against must be another version than {one.version}, got {other.version}")
    names = f"version {other.version}", f"version {one.version}"
    print_changes(out, other.hyperparameters, one.hyperparameters, *names)
    out.print()
    ahead, reason = _ahead(one, other)
    print_table(out, compared_table(one, other, ahead))
    if reason:
        out.print(reason, soft_wrap=True)


def _files_line(version: Version) -> str:
    try:
        opened(version)
    except Damaged as damage:
        return f"Its files cannot be used: {damage}"
    return f"Its files are whole: {version.artifact_path}, SHA-256 {version.artifact_sha256}"


def _ahead(one: Version, other: Version) -> tuple[Mapping[str, Difference | None], str | None]:
    """Say what one version is ahead of another on test, or why that cannot be said."""
    if one.problem_key != other.problem_key:
        return {}, "They were measured on other data, by another split or by other code: no interval."
    figures, beside = stored_test(one), stored_test(other)
    if figures is None or beside is None:
        return {}, "The figures of one of them are gone: no interval."
    return {name: paired_differences([figures], beside, name)[0] for name in NAMES}, None
