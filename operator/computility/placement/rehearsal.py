"""What waiting jobs would get if they were called in an order: places are taken on trial."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from computility.metering.fair_share import fair_order
from computility.metering.use import hours_of_one
from computility.model.compute_job import Policy
from computility.placement.allocation import allocated_beyond, hold
from computility.placement.ask import Ask
from computility.placement.facts import PoolKey
from computility.placement.held import Held, Stake
from computility.placement.line import Line
from computility.placement.ours import Ours
from computility.placement.ranking import Ranking
from computility.placement.shares import Part
from computility.placement.snapshot import Snapshot
from computility.placement.split import split

Kind = bytes


class Waits(Hashable, Protocol):
    """A job in a queue: of which kind it is, and what claim it has to go first."""

    @property
    def kind(self) -> Kind: ...
    @property
    def claim(self) -> Hashable: ...


W = TypeVar("W", bound=Waits)


class Shares(NamedTuple):
    """Who has used what.

    Attributes:
        used: By namespace, as `fair_order` takes it.
        weights: Likewise.
        weigh: What so many card-hours count if they are used now.
    """

    used: Mapping[str, int]
    weights: Mapping[str, float]
    weigh: Callable[[float], int]


class Rehearsed(NamedTuple, Generic[W]):
    """What came of it.

    Attributes:
        placed: Who found a place.
        cost: What that costs for those of them that want the cheapest.
    """

    placed: set[W]
    cost: float


class Round(NamedTuple):
    """What a round of calls is rehearsed with; jobs of a kind without an ask get nothing."""

    asks: Mapping[Kind, Ask]
    snapshot: Snapshot
    now: datetime
    shares: Shares

    def rehearse(self, queues: Mapping[str, Sequence[W]]) -> Rehearsed[W]:
        """Call everybody by fair share, each namespace's in its own order; what one gets counts at once."""
        trial, used = _Trial(self), dict(self.shares.used)
        placed, cost = set[W](), 0.0
        for turn in fair_order(queues, used, self.shares.weights):
            taken = trial.call(turn.kind)
            if taken is None:
                continue
            namespace = self.asks[turn.kind].request.namespace
            used[namespace] = used.get(namespace, 0) + taken.use
            placed.add(turn)
            cost += taken.cost
        return Rehearsed(placed, cost)


class _Taken(NamedTuple):
    """What a job got: what it costs if it wants the cheapest, else 0, and how it counts as use."""

    cost: float
    use: int


class _One(NamedTuple):
    """What one index costs at a pool, likewise, the card-hours that it may use, and what it holds."""

    cost: float
    hours: float
    held: Held


class _Trial:
    """Places that are taken one after the other, and never given back."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._live, self._ours = dict(round_.snapshot.live), Ours(round_.snapshot.ours)
        self._snapshot = round_.snapshot.on_trial(self._live, self._ours)
        self._asking: dict[Kind, _Asking | None] = {}

    def call(self, kind: Kind) -> _Taken | None:
        """Let a job take its places; None where it finds none, as all of its kind after it."""
        if kind not in self._asking:
            self._asking[kind] = self._first(kind)
        asking = self._asking[kind]
        if asking is None:
            return None
        parts = asking.choose(self._snapshot.has_room_in)
        if not parts:
            self._asking[kind] = None
            return None
        taken = asking.take(parts)
        for part in parts:
            self._live[part.pool.key] = self._live.get(part.pool.key, 0) + 1
            self._ours.add(part.pool.key, asking.stake(part, self._round.now))
        return taken

    def _first(self, kind: Kind) -> "_Asking | None":
        ask, round_ = self._round.asks.get(kind), self._round
        if ask is None:
            return None
        self._snapshot.ended(None)
        ranking = self._snapshot.ranking(self._snapshot.answer(ask.request, round_.now))
        return _Asking(ask, ranking, round_.shares.weigh)


class _Asking:
    """All jobs of one kind: they go the same way, and what was full for one is full for the next."""

    def __init__(self, ask: Ask, ranking: Ranking, weigh: Callable[[float], int]) -> None:
        self._ask = ask
        self._ranking = ranking
        self._weigh = weigh
        self._lines = [Line(ranking, ask.avoid | ask.rather_not)]
        if ask.rather_not:
            self._lines.append(Line(ranking, ask.avoid))
        self._of_one: dict[tuple[PoolKey, bool], _One] = {}

    def choose(self, has_room: Callable[[int], bool]) -> tuple[Part, ...]:
        for line in self._lines:
            parts = split(self._ranking, line.ready(has_room))
            if parts:
                return parts
        return ()

    def stake(self, part: Part, now: datetime) -> Stake:
        return Stake(self._one_at(part).held.times(part.at_a_time), int(now.timestamp()))

    def take(self, parts: tuple[Part, ...]) -> _Taken:
        cost, use = 0.0, 0
        for part in parts:
            one = self._one_at(part)
            cost += one.cost * part.count
            use += self._weigh(one.hours * part.count)
        return _Taken(cost, use)

    def _one_at(self, part: Part) -> _One:
        request = self._ask.request
        row = self._ranking.evaluation.question.table.row_of[part.pool.key]
        key = part.pool.key, self._ranking.is_behind(row)
        found = self._of_one.get(key)
        if found is None:
            cost = float(self._ranking.estimates(row).cost[row]) / request.count
            allocated = allocated_beyond(request, part.pool.spec)
            hours = hours_of_one(request.resources, allocated, request.max_run_seconds)
            counts = request.placement.policy is Policy.CHEAPEST
            found = self._of_one[key] = _One(cost if counts else 0.0, hours, hold(request, part.pool.spec))
        return found
