"""Tests between two versions: started, looked at as often as one likes, stopped, promoted."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field, create_model
from sqlalchemy import Engine

from db.deployment import ab_tests as record
from deployment.ab_testing import lifecycle
from deployment.ab_testing.judgement import Judgement
from deployment.ab_testing.plan import Plan, PlanSettings
from pipeline.parameters import Parameter, parameters, read
from service.errors import documented
from service.holder import Holder
from service.inputs import Answer, Body, Id, Limit, Number, Offset, Reason, TestId
from service.routes.versions import WHO, Activation
from service.security import Allowed


class AbTest(Answer):
    """A test in a list."""

    ab_test_id: int
    name: str
    source: Literal["live", "offline_replay"] = Field(description="an offline replay is no test on users")
    champion_version: int
    challenger_version: int
    split: float = Field(description="share of users who are given the challenger")
    status: str = Field(description="running, stopped or decided")
    who: str
    started_at: datetime
    ended_at: datetime | None
    verdict: str | None = Field(description="at its end; of one that runs its own address has it")
    stop_reason: str | None


class AbTests(Answer):
    """Tests, the latest first."""

    ab_tests: list[AbTest]


class AbTestDetail(Answer):
    """A test and what it shows now, or showed at its end."""

    test: AbTest
    plan: Plan
    judgement: Judgement = Field(description="valid however often one looks")


class StoppedAbTest(AbTestDetail):
    """A test that was stopped, and the switch where its challenger was promoted."""

    activation: Activation | None
    answering_version: int | None


class StopBody(Body):
    """How a test is to end."""

    why: Reason = "asked for over HTTP"
    promote: bool = Field(default=False, description="make the challenger the active version")
    force: bool = Field(default=False, description="promote it whatever the verdict; it is recorded")


class _Named(Body):
    """What a test is called, and of which version it is."""

    name: Id
    challenger_version: Annotated[Number, Field(description="to be compared with the active version")]


def _field(spec: Parameter) -> tuple[Any, Any]:
    """Describe one setting of a plan as a body's field."""
    return spec.kind, Field(default=spec.default, ge=spec.low, le=spec.high, description=spec.meaning)


# The settings are those of a plan, wherever a test is started from: their bounds have one home.
_SETTINGS: Any = {name: _field(spec) for name, spec in parameters(PlanSettings).items()}
NewAbTestBody: type[BaseModel] = create_model("NewAbTestBody", __base__=_Named, **_SETTINGS)


def routes(engine: Engine, holder: Holder, allowed: Allowed) -> APIRouter:
    router = APIRouter(prefix="/api/ab-tests", tags=["tests"])
    changing = documented(400, 401, 403, 404, 409, 413, 422, 503)

    @router.post("", status_code=201, responses=changing, dependencies=[Depends(allowed)])
    def start_ab_test(body: NewAbTestBody) -> AbTestDetail:  # type: ignore[valid-type]
        """Start to show a version to a share of the users, beside the active one.

        The answer holds how many users the test needs. When this answers, the test runs.
        """
        asked = body.model_dump()  # type: ignore[attr-defined]
        name, challenger = asked.pop("name"), asked.pop("challenger_version")
        settings = read(PlanSettings, asked)
        begun = lifecycle.start(engine, name=name, challenger=challenger, settings=settings, who=WHO)
        holder.refresh()
        return _told(begun)

    @router.get("", responses=documented(422, 503))
    def list_ab_tests(limit: Limit = 20, offset: Offset = 0) -> AbTests:
        """List tests, and the verdicts of those that ended."""
        found = record.ab_tests(engine, limit=limit, offset=offset)
        return AbTests(ab_tests=[AbTest.model_validate(test) for test in found])

    @router.get("/{ab_test_id}", responses=documented(404, 422, 503))
    def show_ab_test(ab_test_id: TestId) -> AbTestDetail:
        """Show what a test says, with an interval that is valid at any moment of looking."""
        test = record.ab_test(engine, ab_test_id)
        if test is None:
            raise _unknown(ab_test_id)
        return _told(lifecycle.standing(engine, test))

    @router.post("/{ab_test_id}/stop", responses=changing, dependencies=[Depends(allowed)])
    def stop_ab_test(ab_test_id: TestId, body: StopBody | None = None) -> StoppedAbTest:
        """End a test; with promote its challenger becomes the active version in the same transaction."""
        body = body or StopBody()
        if record.ab_test(engine, ab_test_id) is None:
            raise _unknown(ab_test_id)
        ended = lifecycle.stop(
            engine, ab_test_id, who=WHO, why=body.why, promote=body.promote, force=body.force
        )
        activation = None if ended.activation is None else Activation.model_validate(ended.activation)
        return StoppedAbTest(
            **vars(_told(ended.standing)),
            activation=activation,
            answering_version=holder.refresh().version,
        )

    return router


def _told(standing: lifecycle.Standing) -> AbTestDetail:
    return AbTestDetail(
        test=AbTest.model_validate(standing.test), plan=standing.plan, judgement=standing.judgement
    )


def _unknown(ab_test_id: int) -> HTTPException:
    return HTTPException(404, f"there is no test {ab_test_id}")
