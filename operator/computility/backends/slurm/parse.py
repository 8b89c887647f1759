"""What the helper answers, as evidence. Records that payloads could have written are read with distrust."""

from collections.abc import Container, Iterator, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from computility.backends.protocol import Target
from computility.backends.slurm.refusals import explain_refusal
from computility.backends.slurm.states import explain_state, render_word
from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    IndexLook,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.model.assignment import Fault, Workload
from computility.model.base import Value, cut_message
from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet, IndexText
from computility.model.reasons import Reason

Instant = Annotated[datetime, Meta(tz=True)]
_WAITING = frozenset({WorkloadState.HELD, WorkloadState.QUEUED})


class Row(Value, frozen=True, kw_only=True):
    """A job of the account that carries the attempt's name, in squeue's own words.

    Of an array: those tasks of the job of a chunk that differ in nothing but the seconds they have run,
    which follow the tasks' order, or are the same for all.
    """

    native_id: str = msgspec.field(name="nativeID")
    state: str
    reason: str
    submitted_at: str
    partition: str
    nodes: str
    cpus: str
    gres: str
    elapsed_seconds: tuple[Annotated[float, Meta(ge=0)] | None, ...] = ()
    chunk: int = 0
    tasks: IndexText = "0"

    @property
    def runs(self) -> list[tuple[int, float | None]]:
        """Each task with the seconds that it has run, None if they are unknown."""
        tasks = list(IndexSet.parse(self.tasks))
        elapsed = self.elapsed_seconds or (None,)
        return list(
            zip(tasks, elapsed if len(elapsed) == len(tasks) else elapsed[:1] * len(tasks), strict=True)
        )


class IndexAnswer(Value, frozen=True, kw_only=True):
    """What the helper found of one index."""

    index: Annotated[int, Meta(ge=0, lt=MAX_ARRAY_SIZE)]
    claim: Any = None
    traces: bool = False
    started_at: Any = None
    result: Any = None


class LookAnswer(Value, frozen=True, kw_only=True):
    """The helper's answer to `look`."""

    complete: bool
    problem: str = ""
    workloads: tuple[Row, ...] = ()
    indices: tuple[IndexAnswer, ...] = ()
    go: bool = False
    tail_index: int | None = None
    stdout_tail: str = ""
    stderr_tail: str = ""


class _ClaimRecord(Value, frozen=True, kw_only=True):
    by: str
    job: Annotated[str, Meta(max_length=64)] = ""
    at: Any = None


class _ResultRecord(Value, frozen=True, kw_only=True):
    started_at: Instant
    ended_at: Instant
    run_seconds: Annotated[float, Meta(ge=0, le=1e10)]
    exit_code: Annotated[int, Meta(ge=0, le=255)] | None = None
    signal: Annotated[int, Meta(ge=1, le=64)] | None = None
    limit: bool = False
    told: bool = False
    unstarted: bool = False


def parse_look(answer: Any, target: Target, taken_at: datetime, cluster: str) -> Look:
    """Read the helper's answer to `look`; an answer of another shape, or none, is an incomplete look."""
    try:
        seen = msgspec.convert(answer, LookAnswer)
    except msgspec.ValidationError:
        return Look(taken_at=taken_at, complete=False, problem=explain_failure(answer))
    indices = {found.index: parse_index(found) for found in seen.indices}
    claimed = {index for index, found in indices.items() if found.claim.holder is ClaimHolder.PAYLOAD}
    chunks = [tuple(chunk) for chunk in split_into_chunks(target.all_indices)]
    return Look(
        taken_at=taken_at,
        complete=seen.complete,
        workloads=tuple(one for row in seen.workloads for one in parse_row(row, chunks, cluster, claimed)),
        indices=indices,
        go=seen.go,
        tail_index=seen.tail_index,
        stdout_tail=seen.stdout_tail,
        stderr_tail=seen.stderr_tail,
        problem=seen.problem,
    )


def parse_index(found: IndexAnswer) -> IndexLook:
    """Read what was found of one index; without a payload's claim there is no start and no result."""
    claim = parse_claim(found.claim)
    has_claim = claim.holder is ClaimHolder.PAYLOAD
    return IndexLook(
        claim=claim,
        traces=found.traces,
        started_at=parse_instant(found.started_at) if has_claim else None,
        result=parse_result(found.result) if has_claim else None,
    )


def parse_row(
    row: Row, chunks: Sequence[Sequence[int]], cluster: str, claimed: Container[int]
) -> Iterator[SeenWorkload]:
    """Read one job of the queue: as one workload while it waits, else as one for each index.

    Args:
        row: The job.
        chunks: The attempt's indices, chunk by chunk: task t of a chunk's job is the t-th of them.
        cluster: Slurm's name of the cluster.
        claimed: Indices that payloads have claimed.
    """
    order = chunks[row.chunk] if row.chunk < len(chunks) else ()
    runs = [(order[task], seconds) for task, seconds in row.runs if task < len(order)]
    if explain_state(row.state, row.reason, has_claim=False).state in _WAITING:
        whole = IndexSet.of(index for index, _ in runs)
        yield from (parse_run(row, whole, seconds, cluster, has_claim=False) for _, seconds in runs[:1])
        return
    for index, seconds in runs:
        yield parse_run(row, IndexSet.of((index,)), seconds, cluster, has_claim=index in claimed)


def parse_run(
    row: Row, indices: IndexSet, elapsed_seconds: float | None, cluster: str, *, has_claim: bool
) -> SeenWorkload:
    """Read what a job of the queue says of some indices."""
    meaning = explain_state(row.state, row.reason, has_claim=has_claim)
    submitted = int(row.submitted_at) if row.submitted_at.isdecimal() else None
    return SeenWorkload(
        native_id=row.native_id,
        state=meaning.state,
        chunk=row.chunk,
        indices=indices,
        cluster=cluster,
        word=render_word(row.state, row.reason),
        ending=meaning.ending,
        fault=meaning.fault,
        submitted_at=datetime.fromtimestamp(submitted, UTC) if submitted is not None else None,
        elapsed_seconds=elapsed_seconds,
    )


def parse_claim(record: Any) -> Claim:
    """Read a claim; whatever is there and is not the agent's counts as a payload's."""
    if record is None:
        return Claim()
    claim = _convert(record, _ClaimRecord) or _ClaimRecord(by="payload")
    holder = ClaimHolder.AGENT if claim.by == "agent" else ClaimHolder.PAYLOAD
    return Claim(holder=holder, native_id=claim.job, claimed_at=parse_instant(claim.at))


def parse_instant(record: Any) -> datetime | None:
    """Read an instant; one that cannot be told in UTC, at either end of the calendar, is none."""
    at = _convert(record, Instant)
    return at if at is not None and MINYEAR < at.year < MAXYEAR else None


def parse_result(record: Any) -> Result | None:
    """Read a result; one that says both or neither of exit code and signal is none, nor one beyond time."""
    found = _convert(record, _ResultRecord)
    if found is None or (found.exit_code is None) == (found.signal is None):
        return None
    if parse_instant(found.started_at) is None or parse_instant(found.ended_at) is None:
        return None
    return Result(**{field: getattr(found, field) for field in _ResultRecord.__struct_fields__})


def parse_submit(answer: Any, chunk: int, cluster: str) -> SubmitAnswer:
    """Read the helper's answer to `submit`; what does not say for certain what became of it is uncertain."""
    if not isinstance(answer, dict):
        return SubmitAnswer(message=explain_failure(answer))
    native_id, error = answer.get("nativeID"), answer.get("error")
    if isinstance(native_id, str) and native_id:
        cluster = answer.get("cluster") or cluster
        return SubmitAnswer(workload=Workload(native_id=native_id, chunk=chunk, cluster=cluster))
    kind, message = parse_error(error)
    if kind == "invalid":
        return SubmitAnswer(refused=Reason.INVALID, fault=Fault.USER, message=message)
    if kind == "never":
        return SubmitAnswer(refused=Reason.REQUEST_REFUSED, fault=Fault.SITE, message=message)
    if kind == "modules":
        return SubmitAnswer(refused=Reason.MODULE_UNKNOWN, fault=Fault.SITE, message=message)
    if kind == "full":
        return SubmitAnswer(postponed=Reason.SCRATCH_FULL, message=message)
    if kind == "untried":
        return SubmitAnswer(postponed=Reason.CENTRE_BUSY, message=message)
    return parse_complaint(message) if kind == "slurm" else SubmitAnswer(message=message)


def parse_complaint(message: str) -> SubmitAnswer:
    """Read what sbatch wrote instead of a job's id."""
    refusal = explain_refusal(message)
    if refusal is None:
        return SubmitAnswer(message=message)
    if refusal.passes:
        return SubmitAnswer(postponed=refusal.reason, message=message)
    return SubmitAnswer(refused=refusal.reason, fault=refusal.fault, message=message)


def explain_failure(answer: Any) -> str:
    """Say why an answer is none."""
    if isinstance(answer, dict) and "error" in answer:
        return parse_error(answer["error"])[1]
    return "no answer from the helper, or one that it never gives"


def parse_error(error: Any) -> tuple[str, str]:
    """Read the helper's error as kind and message."""
    if not isinstance(error, dict):
        return "failed", "the helper answered neither a result nor an error"
    return str(error.get("kind", "failed")), cut_message(str(error.get("message", "")))


T = TypeVar("T")


def _convert(value: Any, to: type[T]) -> T | None:
    try:
        return msgspec.convert(value, to)
    except msgspec.ValidationError:
        return None
