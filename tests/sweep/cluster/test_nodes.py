"""Machines that could not run a sweep's trials are named before the first; Ray itself is a stand-in here."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from pipeline.parameters import InvalidInput
from project import CONF
from sweep import resolvers
from sweep.cluster import nodes
from sweep.sections import without_hydra
from sweep.settings import Settings, read_settings_of

HERE = {"numpy": "2.4.6", "the code": "c0de", "outputs shared": True}


class RayError(Exception):
    """Ray's own, of which those that stand for a job's exception name it as their cause."""

    def __init__(self, text: str, cause: Exception | None = None) -> None:
        super().__init__(text)
        self.cause = cause


class StandIn:
    """What is asked of Ray; a machine answers with its facts, or with an exception."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, machines: dict[str, Any]) -> None:
        self.machines = machines

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {"Alive": True, "NodeID": at, "NodeManagerAddress": at, "Resources": {"CPU": 2.0}}
            for at in self.machines
        ]

    def remote(self, **options: Any) -> Any:
        return lambda _function: self

    def options(self, scheduling_strategy: Any) -> Any:
        return SimpleNamespace(remote=lambda _sweep: self.machines[scheduling_strategy.node_id])

    def get(self, answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    resolvers.register()
    monkeypatch.setattr(nodes, "facts_of", lambda _: HERE)
    strategies = SimpleNamespace(NodeAffinitySchedulingStrategy=lambda at, soft: SimpleNamespace(node_id=at))
    monkeypatch.setitem(sys.modules, "ray.util.scheduling_strategies", strategies)
    typed = ["launch=ray", "launch.address=10.0.0.1:6379", f"outputs={tmp_path}"]
    with initialize_config_dir(str(CONF)):
        return read_settings_of(without_hydra(compose("config", typed, return_hydra_config=True)))


def problems(machines: dict[str, Any], settings: Settings, cpus: int = 1) -> list[str]:
    return list(nodes.node_problems(StandIn(machines), "sweep", settings, {"CPU": cpus}))


def test_machines_that_are_alike_are_fit(settings: Settings) -> None:
    assert problems({"10.0.0.1": HERE, "10.0.0.2": dict(HERE)}, settings) == []


def test_each_difference_of_each_machine_is_named(settings: Settings) -> None:
    other = {**HERE, "the code": "01d", "outputs shared": False}
    assert problems(
        {"10.0.0.1": HERE, "10.0.0.2": other, "10.0.0.3": {**HERE, "numpy": "2.2"}}, settings
    ) == [
        "node 10.0.0.2 cannot run trials: the code is c0de here and 01d there",
        "node 10.0.0.2 cannot run trials: outputs shared is True here and False there",
        "node 10.0.0.3 cannot run trials: numpy is 2.4.6 here and 2.2 there",
    ]


def test_what_a_machine_lacks_is_said_in_its_words(settings: Settings) -> None:
    lacking = {
        "10.0.0.2": RayError("ray::facts_on_node()\nTraceback …", InvalidInput("db.url cannot be resolved")),
        "10.0.0.3": RayError("The node died.\nMore."),
    }
    assert problems(lacking, settings) == [
        "node 10.0.0.2 cannot run trials: db.url cannot be resolved",
        "node 10.0.0.3 cannot run trials: The node died.",
    ]


def test_machines_without_room_for_a_trial_are_not_asked_and_without_any_that_is_said(
    settings: Settings,
) -> None:
    assert problems({"10.0.0.1": {}}, settings, cpus=3) == [
        "launch.address=10.0.0.1:6379 has no machine with room for a trial (3 CPU)"
    ]
