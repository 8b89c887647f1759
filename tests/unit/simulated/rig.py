"""A small centre, and short words for what tests do to it."""

from typing import Any

from computility.backends.simulated.config import (
    CentreConfig,
    NodeGroup,
    Partition,
)
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.records import Task
from computility.backends.simulated.requests import Request, Run
from computility.lifecycle.evidence import WorkloadState


def a_centre(nodes: int = 4, **config: Any) -> Engine:
    """Nodes of 8 cores and 2 cards behind one partition, and nothing by chance but the age of figures."""
    group = NodeGroup(name="cpu", nodes=nodes, cores=8, memory_mib=1000, cards=2, card_model="a100")
    defaults: dict[str, Any] = {"partitions": (Partition(name="cpu"),)}
    return Engine(CentreConfig(groups=(group,), **{**defaults, **config}))


def a_request(name: str = "job", seconds: float | None = 10, **fields: Any) -> Request:
    run = fields.pop("run", Run(seconds=seconds))
    defaults: dict[str, Any] = {"partition": "cpu", "nodes": 1, "cores_per_node": 8, "limit_seconds": 60}
    return Request(name=name, account="alice", run=run, **{**defaults, **fields})


def submit(engine: Engine, request: Request, *, go: bool = True) -> int:
    """Submit, let go and release; return the id."""
    native_id = engine.submit(request)
    assert isinstance(native_id, int)
    if go:
        engine.go(request.name)
    engine.release(native_id, request.name)
    return native_id


def task_of(engine: Engine, name: str = "job", index: int = 0) -> Task:
    return engine.claims(name)[index][1]


def state_of(engine: Engine, name: str = "job") -> WorkloadState:
    (workload,) = engine.find(name)
    return workload.state
