"""What a centre can honestly publish of its queue: quantiles of what probe jobs waited, by class."""

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from bench.placement import quantile
from bench.quotes_fleet import DAY, PARTITION, Site
from computility.backends.simulated.requests import Refusal, Request, Run
from computility.model.pool_facts import QueueWait, Source

NODES = (0, 1, 2, 4, 8)
HOURS = (0, 2, 6, 24)
"""Classes lie between two of these: sizes in nodes, and requested times."""
GAP_SECONDS = DAY / 2
"""Mean time between two probes of a class."""


class Class(NamedTuple):
    """Jobs of more than `above` and up to `most` nodes, and likewise of requested seconds."""

    above_nodes: int
    most_nodes: int
    above_seconds: int
    most_seconds: int


CLASSES = tuple(
    Class(*nodes, hours[0] * 3600, hours[1] * 3600) for nodes in pairwise(NODES) for hours in pairwise(HOURS)
)
"""Narrower ones first."""


class Probe(NamedTuple):
    """A probe, and when it is submitted."""

    at: float
    name: str
    of: Class
    nodes: int
    limit_seconds: float


def publish_waits(site: Site, seconds: float) -> None:
    """Probe a centre's queue for so long, and have its pool publish what was seen."""
    chance = random.Random(f"probes/{site.truth.seed}")  # noqa: S311 - to be repeated, not to be secret
    probes = _draw_probes(chance, site.engine.clock, seconds)
    for probe in probes:
        site.engine.advance(probe.at)
        _submit(site, probe)
    site.engine.advance(max(seconds, site.engine.clock))
    spec = msgspec.structs.replace(site.pool.spec, queue_wait=tuple(_published(site, probes)))
    site.pool = msgspec.structs.replace(site.pool, spec=spec)


def _draw_probes(chance: random.Random, clock: float, seconds: float) -> list[Probe]:
    """Draw probes of each class, from time 0 on: before that the centre fills up."""
    start = max(0.0, clock)
    probes = []
    for number, each in enumerate(CLASSES):
        for turn in range(max(1, round((seconds - start) / GAP_SECONDS))):
            nodes = chance.randint(each.above_nodes + 1, each.most_nodes)
            limit = chance.uniform(max(600, each.above_seconds), each.most_seconds)
            at = chance.uniform(start, seconds)
            probes.append(Probe(at, f"probe-{number}-{turn}", each, nodes, limit))
    return sorted(probes)


def _submit(site: Site, probe: Probe) -> None:
    """Submit what asks for as much as a job of the class, and is over as soon as it starts."""
    shape = site.pool.spec.shape
    request = Request(
        name=probe.name,
        account="probes",
        partition=PARTITION,
        nodes=probe.nodes,
        cores_per_node=shape.cores_per_node,
        cards_per_node=shape.cards_per_node,
        limit_seconds=probe.limit_seconds,
        run=Run(seconds=1),
    )
    site.engine.go(probe.name)
    answer = site.engine.submit(request, held=False)
    if isinstance(answer, Refusal):
        raise ValueError(f'pool "{site.pool.pool}" refused probe "{probe.name}": {answer.message}')


def _published(site: Site, probes: Sequence[Probe]) -> list[QueueWait]:
    """Reckon the quantiles; a probe that still waits has waited until now."""
    waits: dict[Class, list[float]] = defaultdict(list)
    for probe in probes:
        claims = site.engine.claims(probe.name)
        started_at = claims[0][1].started_at if claims else site.engine.clock
        waits[probe.of].append(started_at - probe.at)
    return [
        QueueWait(
            max_nodes=each.most_nodes,
            max_run_seconds=each.most_seconds,
            p50_seconds=quantile(waits[each], 0.5),
            p95_seconds=quantile(waits[each], 0.95),
            samples=len(waits[each]),
            source=Source.MEASURED,
        )
        for each in CLASSES
    ]
