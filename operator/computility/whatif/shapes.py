"""From how many cards or cores a job took to the nodes that it asks for."""

from math import ceil
from typing import NamedTuple

from computility.whatif.mistake import WrongField
from computility.whatif.trace import Shape

MOST_PER_NODE = 4096


class Shaping(NamedTuple):
    """How jobs are spread over nodes where the trace does not say it.

    Attributes:
        cards_per_node: Cards of a job on each node, at most.
        cores_per_node: Cores of a job without cards on each node, at most; what the smallest node of the
            fleet p2 has.
    """

    cards_per_node: int = 8
    cores_per_node: int = 40

    def shape(self, cards: int, cores: int, nodes: int = 0) -> Shape:
        """Spread a job evenly over as few nodes as take it; what does not divide is rounded up.

        Args:
            cards: Cards in all.
            cores: Cores in all; a job with cards that names none takes one a card.
            nodes: Nodes, if the trace has them; 0: reckon them.

        Raises:
            WrongField: It takes neither cards nor cores, or more on a node than any node has.
        """
        cores = cores or cards
        if not cores:
            raise WrongField("cards, cores", "both are 0: say what the job takes")
        most, wanted = (self.cards_per_node, cards) if cards else (self.cores_per_node, cores)
        nodes = nodes or ceil(wanted / most)
        shape = Shape(nodes, ceil(cores / nodes), ceil(cards / nodes))
        if max(shape.cores_per_node, shape.cards_per_node) > MOST_PER_NODE:
            raise WrongField("nodes", f"{nodes} is too few: no node takes more than {MOST_PER_NODE} cores")
        return shape
