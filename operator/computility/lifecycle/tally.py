"""How often something happened to each index of a job."""

from computility.model.index_set import IndexSet


class Tally:
    """Counts per index, kept as sets: layer n has the indices to which it happened more than n times."""

    def __init__(self) -> None:
        self._layers: list[IndexSet] = []

    def add(self, indices: IndexSet) -> None:
        """Count once more for each of these."""
        for number, layer in enumerate(self._layers):
            self._layers[number], indices = layer | indices, layer & indices
        if indices:
            self._layers.append(indices)

    def more_than(self, times: int) -> IndexSet:
        """Return those to which it happened more often than so."""
        return self._layers[times] if times < len(self._layers) else IndexSet()

    @property
    def most(self) -> int:
        """How often it happened to the one that it happened to most."""
        return len(self._layers)
