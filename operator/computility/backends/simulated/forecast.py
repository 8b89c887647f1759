"""When a job would start if it were submitted now, by what the scheduler knows: requested times.

What would start at once is known exactly: backfill is asked. For a later start it is Slurm's own formula
(22.05, `job_start_data`, which `sbatch --test-only` shows; tried on a real one): the earliest start beside
what runs, if all of that takes its whole limit, and on top of it as long as the whole partition would need
for all that waits ahead. That is late for what can be backfilled, and knows nothing of who comes later.
"""

from math import inf
from typing import NamedTuple

from computility.backends.simulated.backfill import may_start_now, reserve
from computility.backends.simulated.free import Amount
from computility.backends.simulated.group import Group


class WholeNodes(NamedTuple):
    """What is asked for: all that so many nodes have, for so long."""

    nodes: int
    limit_seconds: float
    need: Amount


def forecast_start(
    group: Group, nodes: int, limit_seconds: float, now: float, *, sees_queue: bool = True
) -> float | None:
    """Return after how many seconds a job on whole nodes would start; None if that cannot be told.

    Args:
        group: The nodes, and what waits for them.
        nodes: How many it asks for.
        limit_seconds: For how long.
        now: The virtual time.
        sees_queue: False answers by Slurm's formula alone, as to somebody from whom others' jobs are hidden.
    """
    wanted = WholeNodes(nodes, limit_seconds, group.each)
    if nodes > group.usable.bit_count():
        return None
    if sees_queue and may_start_now(group, wanted, now):
        return 0.0
    starts_at = reserve(group, wanted, now).at + _seconds_ahead(group)
    if starts_at == inf or starts_at + limit_seconds > group.closes_at(starts_at):
        return None
    return starts_at - now


def _seconds_ahead(group: Group) -> float:
    """Return for how long the group has to do with what waits, all of its cores busy."""
    ahead = (
        len(each.workload.pending) * each.nodes * each.need.cores * each.limit_seconds
        for each in group.queue.in_order()
    )
    return sum(ahead) / (group.config.nodes * group.config.cores)
