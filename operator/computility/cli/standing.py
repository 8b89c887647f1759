"""How one pool stands with a job: what speaks against it, or where it ranks."""

from collections.abc import Iterable
from typing import NamedTuple

from computility.cli.errors import CliError
from computility.cli.pool_name import pool_name
from computility.model.compute_job import ComputeJob
from computility.model.index_set import IndexSet
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts
from computility.placement.verdict import Refusal

MOST_NAMED = 8


class Standing(NamedTuple):
    """One row of an evaluation."""

    evaluation: Evaluation
    row: int

    @property
    def pool(self) -> PoolFacts:
        return self.evaluation.pool(self.row)

    @property
    def refusals(self) -> list[Refusal]:
        """All that speaks against it, in the order in which filters are asked."""
        return self.evaluation.refusals(self.row)

    @property
    def rank(self) -> int | None:
        """Its place among those that fit, from 1; None if it does not."""
        order = self.evaluation.order
        return order.index(self.row) + 1 if self.row in order else None

    @property
    def rival(self) -> int | None:
        """The row that it is compared with: the first choice, for that itself the next; None without one."""
        return next((row for row in self.evaluation.order if row != self.row), None)

    @property
    def is_compared(self) -> bool:
        return bool(self.evaluation.is_compared[self.row])


def open_count(job: ComputeJob) -> int:
    """Return how many indices of a job want a place; of one that has ended, all that it had."""
    done = IndexSet.parse(job.status.succeeded_indices) | IndexSet.parse(job.status.failed_indices)
    return len(job.spec.indices - done) or len(job.spec.indices)


def find_row(code: str, pools: Iterable[PoolFacts]) -> int:
    """Find the row of a pool by its name, or by MEMBER/POOL.

    Raises:
        CliError: There is no such pool, or several members have one of this name.
    """
    named = [(row, pool) for row, pool in enumerate(pools) if code in (pool.pool, pool_name(pool))]
    if len(named) == 1:
        return named[0][0]
    if not named:
        raise CliError(
            f'no member offers a pool "{code}": `computility pools find` and `kubectl get rpool -A` list them'
        )
    whose = ", ".join(pool_name(pool) for _, pool in named[:MOST_NAMED])
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    raise CliError(f'{len(named)} members offer a pool "{code}": say which, as MEMBER/POOL: {whose}{more}')
