"""Hard filters that ask what the machine is and how much of it there is."""

from collections.abc import Callable, Iterable

import numpy as np

from computility.model.pool_facts import Toolkit
from computility.model.quantity import parse_bytes
from computility.model.reasons import Reason
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.table import Floats, Table
from computility.placement.verdict import Verdict


def has_architecture(q: Question) -> Verdict | None:
    """The nodes execute what the job is made for."""
    wanted = q.request.requirements.architectures
    if not wanted:
        return None
    executes = q.table.machines.mask(("architecture", wanted), lambda m: m.architecture in wanted)
    words = ",".join(a.value for a in wanted)
    return Verdict(Reason.ARCHITECTURE, executes, words, lambda p: p.spec.architecture.value)


def has_card_model(q: Question) -> Verdict | None:
    """The cards are of a model that will do."""
    wanted = q.request.requirements.card_models
    if not wanted or not q.request.cards:
        return None
    will_do = q.table.machines.mask(("card model", wanted), lambda m: m.card_model in wanted)
    return Verdict(Reason.CARD_MODEL, will_do, ",".join(wanted), lambda p: p.spec.card_model or "no cards")


def has_cards(q: Question) -> Verdict | None:
    """Each node has as many cards as the job puts on one."""
    wanted = q.request.resources.cards_on_each_node
    if not wanted:
        return None
    return _at_least(Reason.TOO_FEW_CARDS, wanted, q.table, q.table.cards_per_node, " per node")


def takes_cards(q: Question) -> Verdict | None:
    """The pool lets one job take that many cards."""
    wanted, table = q.request.cards, q.table
    if not wanted:
        return None
    return _enough_up(Reason.CARD_LIMIT, wanted, table, table.max_cards, table.most_cards, unit=" in all")


def has_precisions(q: Question) -> Verdict | None:
    """The cards compute in every number format that the job needs."""
    wanted = q.request.requirements.precisions
    if not wanted:
        return None
    computes = q.table.machines.mask(("precisions", wanted), lambda m: set(wanted) <= set(m.precisions))
    return Verdict(
        Reason.PRECISION,
        computes,
        ",".join(each.value for each in wanted),
        lambda p: ",".join(each.value for each in p.spec.precisions) or "none declared",
    )


def has_card_memory(q: Question) -> Verdict | None:
    """Each card has the memory."""
    return _enough(
        Reason.TOO_LITTLE_CARD_MEMORY,
        q.request.requirements.min_card_memory,
        q.table.card_memory,
        lambda p: p.spec.card_memory,
    )


def has_toolkits(q: Question) -> Verdict | None:
    """Every toolkit is there, in the version asked for or a later one."""
    wanted = q.request.requirements.toolkits
    if not wanted:
        return None

    def found(pool: PoolFacts) -> str:
        names = {each.name for each in wanted}
        return ",".join(f"{t.name} {t.version}" for t in pool.spec.toolkits if t.name in names) or "none"

    has = q.table.machines.mask(
        ("toolkits", wanted), lambda m: all(_has_toolkit(each, m.toolkits) for each in wanted)
    )
    return Verdict(Reason.TOOLKIT, has, ",".join(f"{t.name} {t.version}" for t in wanted), found)


def _has_toolkit(wanted: Toolkit, toolkits: Iterable[Toolkit]) -> bool:
    return any(
        has.name == wanted.name and _numbers(has.version) >= _numbers(wanted.version) for has in toolkits
    )


def _numbers(version: str) -> tuple[int, ...]:
    """Read a version so that 12 and 12.0 are the same."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def has_nodes(q: Question) -> Verdict:
    """The pool has the nodes, and lets one job take that many."""
    table = q.table
    return _enough_up(Reason.TOO_FEW_NODES, q.request.nodes, table, table.max_nodes, table.most_nodes)


def has_cores(q: Question) -> Verdict:
    """Each node has the cores that the job's tasks on it take."""
    wanted = q.request.resources.cores_on_each_node
    return _at_least(Reason.TOO_FEW_CORES, wanted, q.table, q.table.cores_per_node)


def has_memory(q: Question) -> Verdict | None:
    """Each node has the memory."""
    return _enough(
        Reason.TOO_LITTLE_MEMORY,
        q.request.resources.memory_per_node,
        q.table.memory_per_node,
        lambda p: p.spec.shape.memory_per_node,
    )


def allows_run(q: Question) -> Verdict:
    """The pool lets a job run as long as this one may."""
    return _at_least(Reason.RUN_TOO_LONG, q.request.max_run_seconds, q.table, q.table.max_run_seconds, " s")


def has_scratch(q: Question) -> Verdict | None:
    """The pool lets the files of one job fill as much room."""
    return _enough(
        Reason.TOO_LITTLE_SCRATCH,
        q.request.resources.scratch,
        q.table.max_scratch,
        lambda p: p.spec.limits.max_scratch,
    )


def _enough(
    reason: Reason, wanted: str | None, found: Floats, said: Callable[[PoolFacts], str | None]
) -> Verdict | None:
    """Ask for an amount of bytes, if one is wanted; what a pool does not say is not enough."""
    if wanted is None:
        return None
    return Verdict(reason, found >= parse_bytes(wanted), wanted, lambda p: said(p) or "unknown", found)


def _at_least(reason: Reason, wanted: int, table: Table, found: Floats, unit: str = "") -> Verdict:
    return Verdict(
        reason, found >= wanted, f"{wanted}{unit}", lambda p: f"{found[table.row_of[p.key]]:.0f}{unit}", found
    )


def _enough_up(
    reason: Reason, wanted: int, table: Table, now: Floats, most: Floats, *, unit: str = ""
) -> Verdict:
    """Ask for so many of what a pool lacks while nodes are down: one that lacks only those is nearer."""
    passes = now >= wanted
    if passes.all():
        return Verdict(reason, passes)
    comes_back = most >= wanted

    def found(pool: PoolFacts) -> str:
        row = table.row_of[pool.key]
        if not comes_back[row]:
            return f"{most[row]:.0f}{unit}"
        up = f"{table.nodes[row]:.0f} of {pool.spec.shape.nodes} nodes up"
        return f"{now[row]:.0f}{unit}, {up}" if unit else up

    return Verdict(reason, passes, f"{wanted}{unit}", found, np.where(comes_back, wanted + now, most))


# How much there is comes after what it is: so "nearest" is the largest of the pools that would do otherwise.
WHICH_MACHINE: tuple[Callable[[Question], Verdict | None], ...] = (
    has_architecture,
    has_card_model,
    has_cards,
    has_precisions,
    has_card_memory,
    has_toolkits,
    takes_cards,
    has_nodes,
    has_cores,
    has_memory,
    has_scratch,
    allows_run,
)
