"""Jobs that are called together change places, so that those gain most that cost most."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from typing import Generic

from computility.model.compute_job import Policy
from computility.placement.ask import Ask
from computility.placement.rehearsal import Kind, Rehearsed, Round, W

MOST_KINDS = 256
"""A round of more kinds of jobs goes by age: all are evaluated before the first is called."""
MOST_REHEARSALS, MOST_CALLS = 24, 30_000
"""So many orders are tried in a round, and fewer in a large one: of so many calls all together."""
_TRIES = 8
"""How often those who would lose their places are put in front before others stay where they are."""


def arrange(queues: Mapping[str, Sequence[W]], round_: Round) -> Mapping[str, Sequence[W]]:
    """Return the queues as they are to be called: among those of equal claim that which costs most first.

    Each job takes the best pool that is left: where good ones have little room, a small job that comes first
    takes one from a large job that would have gained far more by it. So the jobs of one queue and
    claim that want the cheapest, and would find a place, change places among themselves. All others stay
    where they are. What another policy goes by is no amount: nothing says that one job's hour is worth more
    than another's.

    Rehearsals show that nobody pays for that with his place: all get one who would by age, of all namespaces
    and policies. Who would lose his goes first among those he may change with, and it is tried again. Where
    that does not help, or nothing is gained, the namespaces are tried one by one; those that are none the
    better for it stay as they are.

    Args:
        queues: By namespace: its jobs in their order, which is that of age within a claim. What is to go in a
            fixed order, whatever each gets, is one queue.
        round_: What they ask for, and of whom.
    """
    search = _Search(queues, round_)
    if search.is_over or not _is_worth_it(queues, round_.asks):
        return queues
    search.begin()
    if not search.improve(queues.keys()) and len(queues) > 1:
        for name in queues:
            search.improve({name})
    return search.queues


class _Search(Generic[W]):
    """The best order that was found so far, and how many more may be tried."""

    def __init__(self, queues: Mapping[str, Sequence[W]], round_: Round) -> None:
        self.queues = queues
        self._round = round_
        self._left = min(MOST_REHEARSALS, MOST_CALLS // max(1, sum(map(len, queues.values()))))

    @property
    def is_over(self) -> bool:
        return self._left < 2

    def begin(self) -> None:
        self._by_age = self._best = self._rehearse(self.queues)
        self._ranks = _ranks(self.queues, self._round)

    def improve(self, names: Set[str]) -> bool:
        """Exchange jobs of some queues if nobody loses his place by it and it costs less; say whether so."""
        first, placed = set[W](), self._by_age.placed
        for _ in range(min(_TRIES, self._left)):
            arranged = {
                name: _exchange(queue, placed, self._ranks, first) if name in names else queue
                for name, queue in self.queues.items()
            }
            found = self._rehearse(arranged)
            lost = placed - found.placed
            if not lost:
                return self._keep(arranged, found)
            if lost <= first:
                return False
            first |= lost
        return False

    def _keep(self, arranged: Mapping[str, Sequence[W]], found: Rehearsed[W]) -> bool:
        if not found.cost < self._best.cost:  # also where a centre's figures have no sum
            return False
        self.queues, self._best = arranged, found
        return True

    def _rehearse(self, queues: Mapping[str, Sequence[W]]) -> Rehearsed[W]:
        self._left -= 1
        return self._round.rehearse(queues)


def _is_worth_it(queues: Mapping[str, Sequence[W]], asks: Mapping[Kind, Ask]) -> bool:
    """Say whether there are jobs that may change places, and few enough kinds to be evaluated at once."""
    kinds: dict[tuple[str, Hashable], set[Kind]] = defaultdict(set)
    for name, queue in queues.items():
        for turn in queue:
            kinds[name, turn.claim].add(turn.kind)
    if len(set[Kind]().union(*kinds.values())) > MOST_KINDS:
        return False
    return any(sum(_wants_cheapest(kind, asks) for kind in each) > 1 for each in kinds.values())


def _wants_cheapest(kind: Kind, asks: Mapping[Kind, Ask]) -> bool:
    return kind in asks and asks[kind].request.placement.policy is Policy.CHEAPEST


def _ranks(queues: Mapping[str, Sequence[W]], round_: Round) -> dict[Kind, float]:
    """Return what each kind costs that wants the cheapest, negated: the dearest is the smallest."""
    kinds = {turn.kind for queue in queues.values() for turn in queue}
    return {kind: -_least_cost(kind, round_) for kind in kinds if _wants_cheapest(kind, round_.asks)}


def _least_cost(kind: Kind, round_: Round) -> float:
    """Return what it costs at the cheapest pool that fits, whoever has that; 0 where none does."""
    evaluation = round_.snapshot.answer(round_.asks[kind].request, round_.now).evaluation
    costs = evaluation.estimates.cost[evaluation.fitting]
    return float(costs.min()) if len(costs) else 0.0


def _exchange(queue: Sequence[W], placed: set[W], ranks: Mapping[Kind, float], first: set[W]) -> list[W]:
    """Sort those that may change places, in the places that they have; between equals age decides."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, turn in enumerate(queue):
        if turn in placed and turn.kind in ranks:
            places[turn.claim].append(place)
    arranged = list(queue)
    for group in places.values():
        turns = sorted(
            (queue[place] for place in group),
            key=lambda turn: (0, 0.0) if turn in first else (1, ranks[turn.kind]),
        )
        for place, turn in zip(group, turns, strict=True):
            arranged[place] = turn
    return arranged
