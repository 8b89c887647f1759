"""The network that a trace is replayed on: a snapshot's pools as they are before the first job."""

from datetime import datetime
from functools import cached_property

import msgspec

from computility.model.job_placement import PlacementSpec, Policy, Requirements
from computility.model.job_spec import Resources
from computility.model.job_work import Work
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts
from computility.placement.links import Links
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from computility.placement.table import Table
from computility.whatif.trace import JobKind

LIMIT_FACTOR = 6.0
"""How much longer than on the reference a job may run. The slowest chip of p2 has 0.3 of its speed, and a
nominal benchmark may be wrong by a half: a limit that fitted the reference would shut such pools out."""
_FOR_EVER = 2**31 - 1


class Network:
    """Answers what jobs would take at the pools, by the code that places real jobs.

    What pools declare of their queues is taken from them: waiting comes out of the replay. Facts never get
    old, because their agents go on reporting.

    Args:
        snapshot: The pools.
        start: The moment of the first submission: prices of dated windows hold from there.
    """

    def __init__(self, snapshot: Snapshot, start: datetime) -> None:
        self.start = start
        self.table = Table(map(_without_queue, snapshot.pools))
        self._links = Links((), {})

    def evaluate(self, kind: JobKind, policy: Policy, now: datetime) -> Evaluation:
        """Put a job of this kind to all pools."""
        request = build_request(kind, policy, self._limit(kind.limit_seconds))
        return Evaluation(Question(request, self.table, self._links, now))

    def _limit(self, on_reference: int) -> int:
        """Return for how long a job asks here: no longer than any pool allows, if it can help it."""
        return max(on_reference, min(int(on_reference * LIMIT_FACTOR), self._longest))

    @cached_property
    def _longest(self) -> int:
        return int(max(self.table.max_run_seconds, default=0))


def build_request(kind: JobKind, policy: Policy, limit_seconds: int) -> Request:
    """Write a job of this kind as the request that its ComputeJob would be."""
    shape = kind.shape
    units = shape.cards or shape.cores
    hours = kind.declared_seconds * units / 3600
    return Request(
        namespace=kind.namespace,
        resources=Resources(
            nodes=shape.nodes,
            tasks_per_node=shape.cores_per_node,
            cards=shape.cards,
            cards_per_node=shape.cards_per_node or None,
        ),
        requirements=Requirements(precisions=(kind.precision,) if kind.precision else ()),
        placement=PlacementSpec(policy=policy),
        max_run_seconds=limit_seconds,
        work=Work(reference_card_hours=hours) if shape.cards else Work(reference_core_hours=hours),
    )


def _without_queue(pool: PoolFacts) -> PoolFacts:
    spec = msgspec.structs.replace(pool.spec, queue_wait=(), valid_seconds=_FOR_EVER)
    return msgspec.structs.replace(pool, spec=spec, status=msgspec.structs.replace(pool.status, forecast=()))
