"""The parts that reconcilers work with, put together once."""

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from computility.hub.disposal import Disposal
from computility.hub.events import Events
from computility.hub.fair_share import FairShare
from computility.hub.heartbeats import Heartbeats
from computility.hub.identities import Identities
from computility.hub.intake import Intake
from computility.hub.known_pools import KnownPool, KnownSnapshot
from computility.hub.mass_silence import MassSilence
from computility.hub.metrics import Metrics
from computility.hub.queue import WorkQueue
from computility.hub.router import Router
from computility.hub.step_clock import StepClock
from computility.hub.store import Store
from computility.kube.client import Client
from computility.model.meta import Key
from computility.placement.facts import PoolKey


def utc_now() -> datetime:
    """Return the time that is written into objects, in whole seconds as the API writes its own."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Hub:
    """One hub process: what it knows, what it has to do, and its way to the API server.

    `now` is the time that is written; `monotonic` the one that is counted by. `weights` are the namespaces'
    fair shares.
    """

    client: Client
    metrics: Metrics = field(default_factory=Metrics)
    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Store(FairShare(self.weights, self.now))
        self.known_pools: dict[PoolKey, KnownPool] = {}
        self.known_snapshot = KnownSnapshot()
        self.arranged: Set[Key] = frozenset()
        self.step_clock = StepClock(self.metrics, self.monotonic)
        self.identities = Identities(self.store)
        self.queue = WorkQueue(self.monotonic)
        self.heartbeats = Heartbeats(self.monotonic)
        self.mass_silence = MassSilence(self.store, self.heartbeats)
        self.router = Router(self.store, self.queue, self.heartbeats)
        self.intake = Intake(self.store, self.queue, self.router, self.metrics)
        self.disposal = Disposal(self.client, self.store, self.queue, self.intake)
        self.events = Events(self.client, self.queue, self.now)
