"""Background load of known machines, as figures and not as traces.

Medians and 99th percentiles of nodes, run and requested times come from public traces of 15,000 jobs each
(DIR-LAB/Gen-Parallel-Workloads, 2024-06). Sizes and times are drawn apart from each other here, which makes
more work of the same figures; so the gap between two submissions is longer than the trace's, to use as much
of the machine as the trace did. What a trace has and these figures do not: bursts, days and nights, users
who submit the same job again and again.
"""

import msgspec

from computility.backends.simulated.chance import mean_of
from computility.backends.simulated.config import Background, Spread

MINUTE, HOUR = 60.0, 3600.0


def theta_like(partition: str, *, nodes: int) -> Background:
    """Few large jobs on whole nodes, as at Theta (4,392 nodes), for a machine of so many nodes.

    Args:
        partition: Where they are submitted.
        nodes: The machine's size; sizes of jobs are scaled by it, and never below one node.
    """
    share = nodes / 4392
    return Background(
        partition=partition,
        gap_seconds=430.0,  # 279 in the trace, which used 0.61 of the machine
        nodes=Spread(median=max(1.0, 8 * share), p99=max(1.0, 2560 * share)),
        run_seconds=Spread(median=23 * MINUTE, p99=23.6 * HOUR),
        requested_factor=Spread(median=2.6, p99=24.0),
    )


def theta_like_share(partition: str, *, nodes: int, share: float) -> Background:
    """Jobs as at Theta, so many of them that they use about a share of a machine of any size.

    Args:
        partition: Where they are submitted.
        nodes: The machine's size.
        share: Of all nodes, on the average; limits and the machine's size cut the largest jobs, so somewhat
            less is used.
    """
    stream = theta_like(partition, nodes=nodes)
    node_seconds = mean_of(stream.nodes) * mean_of(stream.run_seconds)
    return msgspec.structs.replace(stream, gap_seconds=node_seconds / (nodes * share))
