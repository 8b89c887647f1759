"""Rows of the queue as an attempt's: whose they are, and what they are answered as."""

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from .indices import INDICES, parse_indices, render_indices
from .problem import Answer
from .slurm import LIVE, Row, parse_elapsed

CHUNK = re.compile(r"\.([0-9]{1,2})\Z")


class Tasks(NamedTuple):
    """A row of an array's job: the chunk, and the tasks that it stands for."""

    chunk: int
    tasks: List[int]
    row: Row


def rows_of(rows: List[Row], name: str) -> List[Row]:
    """Return the jobs of an attempt without an array."""
    return [row for row in rows if row.name == name]


def tasks_of(rows: List[Row], name: str, chunks: List[List[int]]) -> List[Tasks]:
    """Return what an attempt at an array has in the queue.

    What was cancelled before it started has no numbers any more: one row is left for all of those tasks.
    A job that only looks like one of ours stands for nothing.
    """
    mine = [Tasks(chunk, parse_tasks(row.tasks), row) for row, chunk in chunk_rows(rows, name)]
    known: Dict[Tuple[str, int], List[int]] = {}
    for one in mine:
        known.setdefault((one.row.native_id, one.chunk), []).extend(one.tasks)
    return [one for one in (complete(one, known, chunks) for one in mine) if one is not None]


def chunk_rows(rows: List[Row], name: str) -> List[Tuple[Row, int]]:
    """Return the jobs whose name is the attempt's with a chunk's number behind it."""
    named = [row for row in rows if row.name.startswith(name)]
    found = [(row, CHUNK.fullmatch(row.name[len(name) :])) for row in named]
    return [(row, int(chunk.group(1))) for row, chunk in found if chunk]


def parse_tasks(text: str) -> List[int]:
    """Read the tasks of a row, as `3` or `0-6,8%2` (two at a time); empty where it has no numbers."""
    numbers = text.partition("%")[0]
    return parse_indices(numbers) if INDICES.fullmatch(numbers) else []


def complete(one: Tasks, known: Dict[Tuple[str, int], List[int]], chunks: List[List[int]]) -> Optional[Tasks]:
    """Keep the tasks that the chunk has; a row without numbers stands for those that no other row has."""
    size = len(chunks[one.chunk]) if one.chunk < len(chunks) else 0
    tasks = [task for task in one.tasks if task < size]
    if not one.tasks and one.row.state not in LIVE:
        tasks = sorted(set(range(size)).difference(known[one.row.native_id, one.chunk]))
    return one._replace(tasks=tasks) if tasks else None


def render_row(row: Row) -> Answer:
    """Write a job as the agent reads it."""
    return {
        "nativeID": row.native_id, "state": row.state, "reason": row.reason, "submittedAt": row.submitted_at,
        "partition": row.partition, "nodes": row.nodes, "cpus": row.cpus, "gres": row.gres,
        "elapsedSeconds": [parse_elapsed(row.elapsed)],
    }  # fmt: skip


def render_tasks(mine: List[Tasks]) -> List[Answer]:
    """Write an array's tasks as the agent reads them, those together that differ in nothing but their run.

    `elapsedSeconds` follows `tasks`, which is in ascending order; or has one entry if that is all of theirs.
    """
    groups: Dict[Tuple[int, Row], List[Tuple[int, Optional[int]]]] = {}
    for one in mine:
        seconds = parse_elapsed(one.row.elapsed)
        alike = one.row._replace(elapsed="", tasks="")
        groups.setdefault((one.chunk, alike), []).extend((task, seconds) for task in one.tasks)
    return [render_group(chunk, row, sorted(tasks)) for (chunk, row), tasks in groups.items()]


def render_group(chunk: int, row: Row, tasks: List[Tuple[int, Optional[int]]]) -> Answer:
    """Write tasks that are alike."""
    elapsed = [seconds for _, seconds in tasks]
    if len(set(elapsed)) == 1:
        del elapsed[1:]
    numbers = render_indices(task for task, _ in tasks)
    return dict(render_row(row), chunk=chunk, tasks=numbers, elapsedSeconds=elapsed)
