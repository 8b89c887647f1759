"""Jobs that are called together change places, so that those gain most that cost most."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from computility.model.compute_job import Policy
from computility.placement.ask import Ask
from computility.placement.rehearsal import Kind, Round, W

MOST_KINDS = 256
"""A round of more kinds of jobs goes by age: all are evaluated before the first is called."""
MOST_REHEARSALS = 8
"""So many orders are tried, beside that of age."""


def arrange(queues: Mapping[str, Sequence[W]], round_: Round) -> Mapping[str, Sequence[W]]:
    """Return the queues as they are to be called: within a priority that which costs most first.

    Each job takes the best pool that is left: where good ones have little room, a small job that comes first
    takes one from a large job that would have gained far more by it. So the jobs of one namespace and
    priority that want the cheapest, and would find a place, change places among themselves. All others stay
    where they are. What another policy goes by is no amount: nothing says that one job's hour is worth more
    than another's.

    Rehearsals show that nobody pays for that with his place: all get one who would by age, of all namespaces
    and policies. Who would lose his goes first among those he may change with, and it is tried again; where
    that does not help, or nothing is gained, the queues stay as they are.

    Args:
        queues: By namespace: its jobs by priority, then age.
        round_: What they ask for, and of whom.
    """
    if not _is_worth_it(queues, round_.asks):
        return queues
    by_age = round_.rehearse(queues)
    ranks, first = _ranks(queues, round_), set[W]()
    for _ in range(MOST_REHEARSALS):
        arranged = {name: _exchange(queue, by_age.placed, ranks, first) for name, queue in queues.items()}
        found = round_.rehearse(arranged)
        lost = by_age.placed - found.placed
        if not lost:
            return arranged if found.cost < by_age.cost else queues
        if lost <= first:
            break
        first |= lost
    return queues


def _is_worth_it(queues: Mapping[str, Sequence[W]], asks: Mapping[Kind, Ask]) -> bool:
    """Say whether there are jobs that may change places, and few enough kinds to be evaluated at once."""
    kinds: dict[tuple[str, int], set[Kind]] = defaultdict(set)
    for namespace, queue in queues.items():
        for turn in queue:
            kinds[namespace, turn.before].add(turn.kind)
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
    costs = evaluation.estimates.cost.expected[evaluation.fitting]
    return float(costs.min()) if len(costs) else 0.0


def _exchange(queue: Sequence[W], placed: set[W], ranks: Mapping[Kind, float], first: set[W]) -> list[W]:
    """Sort those that may change places, in the places that they have; between equals age decides."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, turn in enumerate(queue):
        if turn in placed and turn.kind in ranks:
            places[turn.before].append(place)
    arranged = list(queue)
    for group in places.values():
        turns = sorted(
            (queue[place] for place in group),
            key=lambda turn: (0, 0.0) if turn in first else (1, ranks[turn.kind]),
        )
        for place, turn in zip(group, turns, strict=True):
            arranged[place] = turn
    return arranged
