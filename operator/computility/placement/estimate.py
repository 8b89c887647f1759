"""What a job would cost at a pool."""

from computility.metering.charge import charge
from computility.placement.snapshot import PoolFacts, Request


def cost_bound(request: Request, pool: PoolFacts, count: int | None = None) -> str:
    """Reckon the cost of running for all of `maxRunSeconds`: an upper bound, in the pool's currency.

    Args:
        request: What is asked for.
        pool: Where it would run.
        count: How many times it runs there; unset, as often as asked for.
    """
    seconds = float(request.max_run_seconds) * (request.count if count is None else count)
    return charge(request.cores * seconds, request.cards * seconds, pool.spec.tariff)
