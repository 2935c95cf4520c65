"""Versions of the model: listed, looked at, made active, rolled back."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field
from sqlalchemy import Engine

from db.deployment.answers import Activation as Switch
from db.deployment.versions import activations, active, version_of, versions
from deployment import switching
from deployment.ab_testing.lifecycle import note_ended
from service.errors import documented
from service.holder import Holder
from service.inputs import HIGHEST_ID, Answer, Body, Limit, Offset, Reason, VersionId
from service.security import Allowed

WHO = "api"  # in the history, of what was asked for over HTTP


class Summary(Answer):
    """A version in a list."""

    version: int
    status: str = Field(description="building, ready or abandoned; only what is ready can be active")
    model: str
    created_at: datetime
    ready_at: datetime | None
    experiment_id: str | None
    parent_version: int | None = Field(description="active when this one was built")
    n_ratings: int
    n_live_ratings: int = Field(description="of them, those that came in through the service")
    validation: dict[str, float | None]
    test: dict[str, float | None]
    passed: bool = Field(description="the gate let it through")
    forced: bool = Field(description="somebody did, although the gate did not")


class Activation(Answer):
    """One switch of the active version."""

    rev: int
    from_version: int | None
    to_version: int
    action: str
    who: str
    why: str
    forced: bool
    activated_at: datetime


class VersionDetail(Summary):
    """Everything about a version."""

    action: str = Field(description="that made it: deploy or retrain")
    hyperparameters: dict[str, Any]
    config_key: str
    problem_key: str = Field(description="of data, split and code: equal keys make measurements comparable")
    data_name: str
    data_fingerprint: str
    code_version: str
    gate: dict[str, Any] = Field(description="what the gate asked and found, rule by rule")
    artifact_sha256: str | None = Field(description="of the manifest, which holds those of the files")
    artifact_bytes: int | None
    activations: list[Activation] = Field(description="when it was made active, the first first")


class Versions(Answer):
    """Versions, the latest first."""

    active_version: int | None
    rev: int = Field(description="what expected_rev of an activation is compared with; 0 before the first")
    answering_version: int | None = Field(description="another than the active one where that was refused")
    versions: list[Summary]


class Switched(Answer):
    """A switch that was made, and what answers since."""

    activation: Activation
    answering_version: int | None


class WhyBody(Body):
    """Why the active version is to be another."""

    why: Reason = "asked for over HTTP"


class ActivationBody(WhyBody):
    """How a version is to be made active."""

    expected_rev: Annotated[int, Field(ge=0, le=HIGHEST_ID)] | None = Field(
        default=None,
        description="revision that this was decided on; null = any",
    )
    force: bool = Field(default=False, description="also where the gate did not let it through")


def routes(engine: Engine, holder: Holder, allowed: Allowed) -> APIRouter:
    router = APIRouter(prefix="/api/model-versions", tags=["versions"])
    changing = documented(400, 401, 403, 404, 409, 413, 422, 503)

    @router.get("", responses=documented(422, 503))
    def list_versions(limit: Limit = 20, offset: Offset = 0) -> Versions:
        """List versions, and which of them is active."""
        now = active(engine)
        return Versions(
            active_version=None if now is None else now.version,
            rev=0 if now is None else now.rev,
            answering_version=holder.serving.version,
            versions=[Summary.model_validate(row) for row in versions(engine, limit=limit, offset=offset)],
        )

    @router.get("/{version}", responses=documented(404, 422, 503))
    def show_version(version: VersionId) -> VersionDetail:
        """Show a version: its hyperparameters, what was measured, what the gate said, when it was active."""
        found = version_of(engine, version)
        if found is None:
            raise _unknown(version)
        switches = [_told(one) for one in activations(engine) if one.to_version == version]
        return VersionDetail.model_validate({**vars(found), "activations": switches})

    def switched(done: Switch) -> Switched:
        """Put in place what the record asks for since, and note what a test showed that ended by it."""
        answering_version = holder.refresh().version
        note_ended(engine)
        return Switched(activation=_told(done), answering_version=answering_version)

    # Before the route with a number, of which "rollback" would be taken for one that is not legal.
    @router.post("/rollback", responses=changing, dependencies=[Depends(allowed)])
    def roll_back_version(body: WhyBody | None = None) -> Switched:
        """Go back to the version that was active before; a second time goes one further back."""
        body = body or WhyBody()
        return switched(switching.rollback(engine, who=WHO, why=body.why))

    @router.post("/{version}/activate", responses=changing, dependencies=[Depends(allowed)])
    def activate_version(version: VersionId, body: ActivationBody | None = None) -> Switched:
        """Make a version the active one, its files verified first; a test that runs ends with it.

        When this answers, the version answers.
        """
        body = body or ActivationBody()
        if version_of(engine, version) is None:
            raise _unknown(version)
        done = switching.activate(
            engine, version, who=WHO, why=body.why, expected_rev=body.expected_rev, force=body.force
        )
        return switched(done)

    return router


def _told(switch: Switch) -> Activation:
    return Activation.model_validate(switch)


def _unknown(version: int) -> HTTPException:
    return HTTPException(404, f"there is no version {version}")
