"""What a partition has, what others use of it and what is down, from `sinfo`.

The agent cannot see other users' jobs where the centre hides them (`PrivateData=jobs`), but everybody sees
how much of each node is allocated: others' use is that, less what our own workloads hold.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from computility.backends.protocol import PoolReport
from computility.backends.slurm.parse import Row
from computility.backends.slurm.states import explain_state
from computility.lifecycle.evidence import WorkloadState
from computility.model.resource_pool import Capacity

NODES_FORMAT = "NodeList:|,Partition:|,StateLong:|,CPUsState:|,Gres:|,GresUsed:|"
CARD_GRES = "gpu"

_USABLE = frozenset(
    {"idle", "allocated", "mixed", "completing", "planned", "powered_down", "powering_up", "powering_down"}
)
_GRES = re.compile(r"(?P<name>[A-Za-z0-9_]+)(?::(?P<type>[^:(,]+))??:(?P<count>[0-9]+)(?:\([^)]*\))?")


class Node(NamedTuple):
    """One node as one partition sees it."""

    partition: str
    is_usable: bool
    cores: int
    cores_used: int
    cards: int
    cards_used: int


class Footprint(NamedTuple):
    """What one of our own running workloads holds."""

    partition: str
    nodes: int
    cores: int
    cards: int


def parse_nodes(output: str) -> list[Node]:
    """Read `sinfo --Node --Format` lines; a line of another shape raises ValueError, naming it."""
    return [_parse_node(line) for line in output.splitlines() if line.strip()]


def _parse_node(line: str) -> Node:
    try:
        _, partition, state, cores, gres, gres_used, _ = line.split("|")
        allocated, _, _, total = (int(part) for part in cores.split("/"))
    except ValueError as error:
        raise ValueError(f'sinfo wrote "{line[:200]}", which is no line of {NODES_FORMAT}') from error
    return Node(
        partition=partition.rstrip("*"),
        is_usable=re.sub(r"[^a-z_]+$", "", state) in _USABLE,
        cores=total,
        cores_used=allocated,
        cards=count_cards(gres),
        cards_used=count_cards(gres_used),
    )


def count_cards(gres: str) -> int:
    """Count the cards in Slurm's word for generic resources, such as `gpu:a100:4(S:0-1),shard:8`."""
    return sum(int(match["count"]) for match in _GRES.finditer(gres) if match["name"] == CARD_GRES)


def parse_footprint(row: Row) -> Footprint | None:
    """Read what a workload of ours holds; None while it holds nothing."""
    if explain_state(row.state, row.reason, has_claim=False).state is not WorkloadState.ACTIVE:
        return None
    if not (row.nodes.isdecimal() and row.cpus.isdecimal()):
        return None
    nodes = int(row.nodes)
    # squeue's %b is per node and spells it `gres:gpu:2`, newer versions `gres/gpu:2`.
    cards = nodes * count_cards(re.sub(r"^gres[:/]", "", row.gres))
    tasks = len(row.runs)
    return Footprint(row.partition, tasks * nodes, tasks * int(row.cpus), tasks * cards)


def build_report(
    partition: str, nodes: Sequence[Node], ours: Iterable[Footprint], observed_at: datetime, problem: str = ""
) -> PoolReport:
    """Sum a partition's nodes up; nothing others use can be below nothing, however old our own figures."""
    here = [node for node in nodes if node.partition == partition]
    held = [footprint for footprint in ours if footprint.partition == partition]
    if not here:
        problem = problem or f'Slurm shows no nodes of partition "{partition}"'
    return PoolReport(
        partition=partition,
        complete=not problem,
        observed_at=observed_at,
        total=Capacity(nodes=len(here), cores=sum(n.cores for n in here), cards=sum(n.cards for n in here)),
        used_by_others=Capacity(
            nodes=_rest(sum(n.cores_used > 0 for n in here), (f.nodes for f in held)),
            cores=_rest(sum(n.cores_used for n in here), (f.cores for f in held)),
            cards=_rest(sum(n.cards_used for n in here), (f.cards for f in held)),
        ),
        unavailable=_sum_unavailable([node for node in here if not node.is_usable]),
        problem=problem,
    )


def _rest(used: int, ours: Iterable[int]) -> int:
    return max(0, used - sum(ours))


def _sum_unavailable(nodes: Sequence[Node]) -> Capacity:
    return Capacity(
        nodes=len(nodes),
        cores=sum(node.cores - node.cores_used for node in nodes),
        cards=sum(node.cards - node.cards_used for node in nodes),
    )
