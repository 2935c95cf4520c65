"""Whether the machines of a Ray cluster can run a sweep's trials, asked of each before the first trial."""

from collections.abc import Iterator, Mapping
from typing import Any

from sweep.cluster.node import facts_of, facts_on_node
from sweep.runs.identity import differences
from sweep.settings import Settings


def node_problems(ray: Any, sweep: Any, settings: Settings, needed: Mapping[str, float]) -> Iterator[str]:
    """Have every machine open the data, and name those that could not run a trial of this sweep.

    Args:
        ray: connected to the cluster.
        sweep: a reference to what workers are told of the sweep.
        settings: of the run.
        needed: how much a trial takes of Ray's resources.

    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415

    nodes = [node for node in ray.nodes() if node["Alive"] and _has_room(node["Resources"], needed)]
    if not nodes:
        asked = ", ".join(f"{amount:g} {name}" for name, amount in needed.items())
        yield f"launch.address={settings.launch.address} has no machine with room for a trial ({asked})"
    ask = ray.remote(num_cpus=0, max_retries=0)(facts_on_node)
    answers = []
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        answers.append(ask.options(scheduling_strategy=there).remote([sweep]))
    here = facts_of(settings)
    for node, answer in zip(nodes, answers, strict=True):
        address = node["NodeManagerAddress"]
        try:
            facts = ray.get(answer)
        except ray.exceptions.RayError as error:
            # What a job raises is the cause, what Ray itself says has none.
            yield f"node {address} cannot run trials: {first_line(getattr(error, 'cause', None) or error)}"
            continue
        for key, ours, theirs in differences(here, facts, ""):
            yield f"node {address} cannot run trials: {key} is {ours} here and {theirs} there"


def first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _has_room(resources: Mapping[str, float], needed: Mapping[str, float]) -> bool:
    return all(resources.get(name, 0) >= amount for name, amount in needed.items())
