"""What a filter answers: which pools it lets pass, and how to tell a user about the others."""

from collections.abc import Callable
from typing import NamedTuple

from computility.model.base import Value
from computility.model.reasons import Reason
from computility.placement.facts import PoolFacts
from computility.placement.table import Bools, Floats


class Refusal(Value, frozen=True, kw_only=True):
    """Why one pool does not come into question."""

    reason: Reason
    wanted: str = ""
    found: str = ""


class Verdict(NamedTuple):
    """A filter's answer to one request for all pools.

    Attributes:
        reason: Under which word pools are counted that do not pass.
        passes: One a pool.
        wanted: What the request asks for.
        found: What a pool has instead.
        nearness: One a pool; of those that do not pass the highest is shown. None: all are as far.
    """

    reason: Reason
    passes: Bools
    wanted: str = ""
    found: Callable[[PoolFacts], str] = lambda _: ""
    nearness: Floats | None = None

    def refusal(self, pool: PoolFacts) -> Refusal:
        """Say why it does not pass."""
        return Refusal(reason=self.reason, wanted=self.wanted[:128], found=self.found(pool)[:128])
