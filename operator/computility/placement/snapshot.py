"""The pools of the network at one moment, and the ways between them."""

from collections.abc import Mapping, Set
from copy import copy
from datetime import datetime
from types import MappingProxyType

from computility.model.data_link import DataLinkSpec
from computility.placement.answer import Answer
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.links import Links
from computility.placement.ours import Ours
from computility.placement.question import Question
from computility.placement.ranking import Ranking
from computility.placement.request import Request
from computility.placement.steps import Ended, untimed
from computility.placement.table import Table

__all__ = ["PoolFacts", "Request", "Snapshot"]

_MOST_ROWS = 2_000_000
"""Of all evaluations that are kept: about 300 bytes each."""
_ROWS_OF_ANY = 64
"""What an evaluation takes besides, counted in rows: where there are few pools it is nearly all."""
_FULL = 2**63
"""More attempts than any pool takes."""


class Snapshot:
    """Facts that do not change, and which attempts each pool has at the moment of a decision.

    Jobs that ask for the same are evaluated once.

    Args:
        pools: In any order.
        links: The ways between places.
        live: The network's attempts at each pool, as they are counted at each decision.
        ours: What these hold there, likewise.
        ended: Told at the end of each step of a decision.
    """

    def __init__(
        self,
        *,
        pools: tuple[PoolFacts, ...] = (),
        links: tuple[DataLinkSpec, ...] = (),
        live: Mapping[PoolKey, int] = MappingProxyType({}),
        ours: Ours | None = None,
        ended: Ended = untimed,
    ) -> None:
        self.table = Table(pools)
        self.links = Links(links, {pool.member: pool.region for pool in pools})
        self.ended = ended
        self.live = live
        self.ours = ours or Ours()
        self._answers: dict[bytes, Answer] = {}
        self._rankings: dict[bytes, Ranking] = {}

    @property
    def pools(self) -> tuple[PoolFacts, ...]:
        """The pools, by member and name."""
        return self.table.pools

    def has_room_in(self, row: int) -> bool:
        """Say whether a pool takes one attempt more, by its row: asked of every full pool, for each job."""
        key, most = self.table.room[row]
        return self.live.get(key, 0) < most

    def room(self, pool: PoolFacts) -> int:
        """Return how many attempts more a pool takes."""
        return max(0, pool.spec.limits.max_queued - self.live.get(pool.key, 0))

    def without_room(self, pools: Set[PoolKey]) -> "Snapshot":
        """Return this moment's snapshot with some pools full."""
        return self.with_live({**self.live, **dict.fromkeys(pools, _FULL)})

    def with_live(self, live: Mapping[PoolKey, int]) -> "Snapshot":
        """Return the same pools with so many attempts each; what either evaluates both use again."""
        other = copy(self)
        other.live = live
        return other

    def on_trial(self, live: Mapping[PoolKey, int], ours: Ours) -> "Snapshot":
        """Return the same pools with other attempts, which come and go without these."""
        other = self.with_live(live)
        other.ours, other._rankings = ours, {}
        return other

    def ranking(self, answer: Answer) -> Ranking:
        """Return the order of an answer's pools, as it is with what is ours."""
        key = answer.evaluation.question.request.key
        known = self._rankings.get(key)
        if known is None or known.answer is not answer:
            known = self._rankings[key] = Ranking(answer, self.ours)
        return known

    def answer(self, request: Request, now: datetime) -> Answer:
        """Evaluate a request at all pools, or return what was found for an equal one just before."""
        known = self._answers.get(request.key)
        if known is not None and known.holds(now):
            return known
        if len(self._answers) * (len(self.table) + _ROWS_OF_ANY) >= _MOST_ROWS:
            self._answers.clear()
            self._rankings.clear()
        found = self._answers[request.key] = Answer(
            Evaluation(Question(request, self.table, self.links, now), self.ended)
        )
        return found
