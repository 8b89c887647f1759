"""What is known of an attempt at an array: its tasks in the queue, and the indices that are asked for."""

import contextlib
import os
from typing import Dict, List, NamedTuple, Optional, Set

from .account import Account
from .claims import UNREADABLE, read_claims
from .files import is_there, opened, read_part
from .fold import STREAMS, Fold
from .indices import read_array, read_indices, split
from .locked import Locked
from .problem import Answer
from .records import TAIL_BYTES, genuine, is_genuine, read_tail, render_tail, trim_claim, trim_result
from .rows import Tasks, render_tasks, tasks_of
from .slurm import LIVE, Row

KEYS = (("stdoutTail", *STREAMS[0]), ("stderrTail", *STREAMS[1]))


class Records(NamedTuple):
    """What payloads left: the genuine records by index, and the indices of which anything was written."""

    genuine: Dict[int, Answer]
    traces: Set[int]

    def result(self, index: int) -> Optional[Answer]:
        """Return how an index ended; None while it has not."""
        record = self.genuine.get(index, {})
        return record if "endedAt" in record else None

    def and_also(self, others: "Records") -> "Records":
        """Return these and others; of an index that both have, the others'."""
        return Records({**self.genuine, **others.genuine}, self.traces | others.traces)


def look_at_array(account: Account, request: Answer, rows: List[Row]) -> Answer:
    """Tell what the queue has of the attempt, and what was found of these indices."""
    asked = read_indices(request)
    array = read_array(request)
    chunks = split(array)
    mine = tasks_of(rows, request["name"], chunks)
    claims, fold = read_claims(account, request["name"], asked, len(array))
    locked = Locked("a claim" if UNREADABLE in claims.values() else "")
    seen: Answer = {"workloads": render_tasks(mine)}
    records = read_folded(fold, claims)
    with locked, contextlib.suppress(FileNotFoundError), opened(account.fd, request["name"]) as attempt:
        seen["go"] = is_there(attempt, "go")
        records = records.and_also(read_records(attempt, asked, claims, locked))
        last = choose_tail(asked, claims, records, ended_badly(mine, chunks))
        if last is not None:
            seen.update(read_tails(attempt, last, fold, records, locked), tailIndex=last)
    if locked.problem and "go" not in seen:
        # A payload has locked the wrapper out with us: no go file would be seen.
        seen["go"] = any(claim.get("by") == "payload" for claim in claims.values())
    found = [describe(index, claims.get(index), records) for index in asked]
    return dict(seen, indices=[one for one in found if len(one) > 1], problem=locked.problem)


def read_folded(fold: Optional[Fold], claims: Dict[int, Answer]) -> Records:
    """Read what the fold has of the wrappers' records."""
    told = fold.records if fold is not None else {}
    theirs = {index: record for index, record in told.items() if is_genuine(record, claims.get(index))}
    return Records(theirs, set(told))


def read_records(attempt: int, asked: List[int], claims: Dict[int, Answer], locked: Locked) -> Records:
    """Read what the wrappers wrote of these indices: one record each, of the start and then of the end."""
    found: Dict[int, Answer] = {}
    traces: Set[int] = set()
    with locked, contextlib.suppress(FileNotFoundError), opened(attempt, "indices") as indices:
        there = set(os.listdir(indices))
        traces = {index for index in asked if f"{index}.json" in there}
        for index in traces:
            with locked:
                record = genuine(indices, f"{index}.json", claims.get(index))
                if record is not None:
                    found[index] = record
    return Records(found, traces)


def describe(index: int, claim: Optional[Answer], records: Records) -> Answer:
    """Tell what was found of an index; its number alone if that is nothing."""
    found: Answer = {"index": index}
    if claim is not None:
        found["claim"] = trim_claim(claim)
    if index in records.traces:
        found["traces"] = True
        record = records.genuine.get(index, {})
        found["startedAt"] = None if "unstarted" in record else record.get("startedAt")
        found["result"] = trim_result(records.result(index))
    return found


def ended_badly(mine: List[Tasks], chunks: List[List[int]]) -> Set[int]:
    """Return the indices that have only tasks in the queue that ended; badly, if they left no result."""
    ended: Set[int] = set()
    live: Set[int] = set()
    for one in mine:
        into = live if one.row.state in LIVE else ended
        into.update(chunks[one.chunk][task] for task in one.tasks)
    return ended - live


def choose_tail(
    asked: List[int], claims: Dict[int, Answer], records: Records, ended: Set[int]
) -> Optional[int]:
    """Choose whose output is shown: the first index that ended badly, else the first that ended."""
    results = {index: records.result(index) for index in asked}
    good = (index for index, result in results.items() if result is not None)
    for index, result in results.items():
        if result is not None and result.get("exitCode") != 0:
            return index
        if result is None and index in ended and claims.get(index, {}).get("by") != "agent":
            return index
    return next(good, None)


def read_tails(attempt: int, index: int, fold: Optional[Fold], records: Records, locked: Locked) -> Answer:
    """Read the ends of an index's output; if it never started, of what Slurm and the wrappers said."""
    tails: Answer = {}
    for key, stream, ending in KEYS:
        with locked, contextlib.suppress(FileNotFoundError):
            place = fold.outputs[stream].get(index) if fold is not None else None
            if place is not None:
                tails[key] = read_folded_tail(attempt, stream, place)
            elif index in records.traces:
                with opened(attempt, "indices") as indices:
                    tails[key] = read_tail(indices, f"{index}{ending}")
            elif fold is None or not fold.outputs[stream]:
                tails[key] = read_tail(attempt, stream)
    return tails


def read_folded_tail(attempt: int, stream: str, place: List[int]) -> str:
    """Read the end of an output from the file that they were put into, one behind the other."""
    begin, length = place
    start = begin + max(0, length - TAIL_BYTES)
    return render_tail(read_part(attempt, stream, begin + length - start, start) or b"")
