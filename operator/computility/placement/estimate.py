"""What a job would cost at a pool."""

from computility.metering.charge import charge
from computility.placement.snapshot import PoolFacts, Request


def cost_bound(request: Request, pool: PoolFacts) -> str:
    """Reckon the cost of running for all of `maxRunSeconds`: an upper bound, in the pool's currency."""
    seconds = float(request.max_run_seconds)
    return charge(request.cores * seconds, request.cards * seconds, pool.spec.tariff)
