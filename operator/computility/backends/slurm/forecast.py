"""What Slurm says of when a job would start: `sbatch --test-only`, and what its backfill has planned.

`--test-only` (22.05.8, tried) takes the earliest start beside what runs, and adds as long as the whole
partition would need for all that waits ahead: what backfill would start at once is said to wait for hours.
So where others' jobs can be seen it is also asked whether nodes are left over beside what is planned.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from computility.backends.protocol import StartAsk
from computility.backends.slurm.capacity import Node
from computility.backends.slurm.refusals import Refusal, explain_refusal

PLANNED_FORMAT = "StartTime:|,NumNodes:|,Reason:|"
_STARTS = re.compile(
    r"sbatch: Job [0-9]+ to start at (?P<at>[0-9]{1,12}) using [0-9]+ processors"
    r" on nodes \S+ in partition \S+"
)
_FAILURE = "allocation failure: "
_ONE_MORE_MINUTE = 1  # as a job's own submission asks for: exec/options.py
_NOT_PLANNED = frozenset({"JobHeldUser", "JobHeldAdmin", "Dependency", "DependencyNeverSatisfied"})


class Planned(NamedTuple):
    """A job that waits: when backfill will start it, None if it has not said yet, and on how many nodes."""

    starts_at: int | None
    nodes: int


def render_test(ask: StartAsk) -> tuple[str, ...]:
    """Write the command that asks when a job would start, and submits nothing."""
    cards = (f"--gres=gpu:{ask.cards_per_node}",) if ask.cards_per_node else ()
    return (
        "sbatch", "--test-only", "--exclusive", f"--partition={ask.partition}",
        f"--nodes={ask.nodes}-{ask.nodes}", f"--time={-(-ask.run_seconds // 60) + _ONE_MORE_MINUTE}",
        *cards, "--chdir=/", "--output=/dev/null", "--wrap=true",
    )  # fmt: skip


def parse_start(complaint: str) -> int | None:
    """Return the start that sbatch wrote to standard error, in seconds since the epoch; None without one."""
    found = [match for match in map(_STARTS.fullmatch, map(str.strip, complaint.splitlines())) if match]
    return int(found[0]["at"]) if len(found) == 1 else None


def explain_failure(complaint: str) -> Refusal | None:
    """Say what is wrong with the question; None if Slurm may answer the same one later."""
    return explain_refusal("\n".join(line.removeprefix(_FAILURE) for line in complaint.splitlines()))


def parse_planned(output: str) -> list[Planned]:
    """Read `squeue --array --Format` lines of what waits and is not held.

    Raises:
        ValueError: A line has another shape; the message names it.
    """
    rows = [_parse_planned(line) for line in output.splitlines() if line.strip()]
    return [row for row in rows if row is not None]


def _parse_planned(line: str) -> Planned | None:
    try:
        starts_at, nodes, reason, _ = (part.strip() for part in line.split("|"))
        if reason in _NOT_PLANNED:
            return None
        return Planned(None if starts_at == "N/A" else int(starts_at), int(nodes))
    except ValueError as error:
        raise ValueError(f'squeue wrote "{line[:200]}", which is no line of {PLANNED_FORMAT}') from error


def is_left_over(ask: StartAsk, nodes: Sequence[Node], planned: Iterable[Planned], now: float) -> bool:
    """Say whether enough nodes are idle beside all that is planned to start before the job would be over.

    No matter which nodes these get: what waits is taken to need idle ones only.
    """
    idle = sum(n.partition == ask.partition and n.is_usable and not n.cores_used for n in nodes)
    over_at = now + ask.run_seconds + 60 * _ONE_MORE_MINUTE
    wanted = sum(each.nodes for each in planned if each.starts_at is None or each.starts_at < over_at)
    return idle - wanted >= ask.nodes


def is_implied(ask: StartAsk, at_once: Iterable[StartAsk]) -> bool:
    """Say whether something larger and longer starts at once: then there is nothing to ask."""
    return any(
        (other.partition, other.cards_per_node) == (ask.partition, ask.cards_per_node)
        and ask.nodes <= other.nodes
        and ask.run_seconds <= other.run_seconds
        for other in at_once
    )
