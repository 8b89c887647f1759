"""Whether a request starts at once at one pool, and how often, beside what is the network's own there."""

from computility.placement.allocation import hold
from computility.placement.facts import PoolFacts
from computility.placement.forecasts import known_until, promised_nodes
from computility.placement.held import Held, Stakes
from computility.placement.request import Request
from computility.placement.slots import Room, slots_beside


class Start:
    """One request at one pool.

    Args:
        pool: The pool.
        request: What is asked for.
        room: What was free there when it was last reported, and what one run takes.
        is_word: Whether the scheduler said that the request would start at once.
    """

    __slots__ = ("_is_free", "_is_word", "_pool", "_request", "_room", "_seen", "_slots", "_slots_beside")

    def __init__(self, pool: PoolFacts, request: Request, room: Room[float], *, is_word: bool) -> None:
        self._pool = pool
        self._request = request
        self._room = room
        self._is_word = is_word
        self._seen: Held | None = None
        self._is_free = True
        self._slots_beside: Held | None = None
        self._slots = 0

    def is_free(self, stakes: Stakes) -> bool:
        """Say whether it starts at once beside these; what was found holds while they do not change.

        A scheduler that says so knows of all that came before it was asked. What came later has to fit into
        the nodes that it named, or else all that is ours into what is free.
        """
        if stakes.held is not self._seen:
            self._seen = stakes.held
            self._is_free = self._is_within_word(stakes) or self.slots(stakes) > 0
        return self._is_free

    def slots(self, stakes: Stakes) -> int:
        """Return how many of the request's indices could run at once beside these."""
        held = stakes.held
        if held is not self._slots_beside:
            self._slots_beside = held
            self._slots = slots_beside(self._room, held, held.nodes_of(self._pool.spec.shape))
        return self._slots

    def _is_within_word(self, stakes: Stakes) -> bool:
        if not self._is_word:
            return False
        later = stakes.later_than(known_until(self._pool))
        together = later.plus(hold(self._request, self._pool.spec))
        return together.nodes_of(self._pool.spec.shape) <= promised_nodes(self._pool, self._request)
