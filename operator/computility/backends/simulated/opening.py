"""Opening a simulated centre: what it was, what time it is there, and what it is asked through."""

from collections.abc import Callable, Collection
from datetime import datetime

from computility.backends.simulated.backend import SimulatedBackend
from computility.backends.simulated.clock import Anchor, VirtualClock, change_factor, start_anchor, wall_now
from computility.backends.simulated.config import CentreConfig
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.store import Host, Store


def open_clock(store: Store, factor: float, wall: Callable[[], datetime] = wall_now) -> VirtualClock:
    """Go on with the centre's time, at another speed if the factor has changed, or begin it now."""
    before = store.load_anchor()
    anchor = _anchor(before, factor, wall())
    if anchor != before:
        store.keep_anchor(anchor)
    return VirtualClock(anchor, wall)


def _anchor(before: Anchor | None, factor: float, now: datetime) -> Anchor:
    if before is None:
        return start_anchor(now, factor)
    return before if before.factor == factor else change_factor(before, now, factor)


def open_centre(
    host: Host,
    config: CentreConfig,
    *,
    cluster: str,
    accounts: Collection[str],
    factor: float = 1.0,
    wall: Callable[[], datetime] = wall_now,
) -> tuple[SimulatedBackend, VirtualClock]:
    """Open a centre as it was when it was last written, or begin a new one now.

    What should have happened in between happens when it is asked next.

    Args:
        host: The database that the centre is kept in.
        config: The centre.
        cluster: The scheduler's name of its cluster.
        accounts: Local accounts that the agent may act as.
        factor: How many virtual seconds pass in one of the wall clock's.
        wall: The wall clock.

    Raises:
        ValueError: The configuration contradicts itself.
    """
    store = Store(host)
    clock = open_clock(store, factor, wall)
    engine = Engine(config, store.load_rows())
    store.watch(engine)
    return SimulatedBackend(engine, store, clock, accounts=accounts, cluster=cluster), clock
