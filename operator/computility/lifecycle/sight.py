"""One look, arranged by index: what decisions about single indices ask of it."""

from collections import defaultdict

from computility.lifecycle.evidence import ClaimHolder, IndexLook, Look, SeenWorkload
from computility.model.assignment import Workload
from computility.model.index_set import IndexSet


class Sight:
    """What one look says of each index.

    Attributes:
        look: The look itself.

    Args:
        look: A complete look.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._covering: defaultdict[int, list[SeenWorkload]] = defaultdict(list)
        for workload in look.workloads:
            for index in workload.indices:
                self._covering[index].append(workload)

    def of(self, index: int) -> IndexLook:
        return self.look.index(index)

    def covering(self, index: int) -> list[SeenWorkload]:
        """Return the workloads that stand for an index."""
        return self._covering.get(index, [])

    def active(self, index: int) -> list[SeenWorkload]:
        return [w for w in self.covering(index) if not w.is_ended]

    def claimed_by(self, holder: ClaimHolder, among: IndexSet) -> IndexSet:
        """Return those whose claim somebody has."""
        return IndexSet.of(i for i, seen in self.look.indices.items() if seen.claim.holder is holder) & among

    def explained(self, index: int) -> SeenWorkload | None:
        """Return the workload whose end the scheduler explains: the claim's own before any other."""
        ended = [w for w in self.covering(index) if w.is_ended and w.ending is not None]
        mine = self.of(index).claim.native_id
        return next((w for w in ended if w.native_id == mine), ended[0] if ended else None)

    def workloads(self, index: int) -> tuple[Workload, ...]:
        """Return what stands for an index at most once: the claim's own workload, or the first."""
        mine = self.of(index).claim.native_id
        seen = sorted(self.covering(index), key=lambda w: w.native_id != mine)
        return tuple(w.workload for w in seen[:1])
