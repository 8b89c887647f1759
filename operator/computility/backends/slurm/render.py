"""What the helper is asked: requests as JSON lines. `exec/call.py` reads and `exec/checks.py` checks them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from computility.backends.protocol import Part, Submission, Target
from computility.model.quantity import parse_bytes

_MIB = 2**20

Request = Mapping[str, Any]


def render_target(target: Target) -> Request:
    """Write which indices of which attempt are meant; one without an array has a name alone."""
    if target.array is None:
        return {"name": target.name}
    return {"name": target.name, "array": str(target.array), "indices": str(target.indices)}


def render_chunk(submission: Submission) -> Request:
    """Write which chunk of an array is submitted."""
    if submission.target.array is None:
        return {}
    return {
        "array": str(submission.target.array),
        "chunk": submission.chunk,
        "arraySize": submission.work.array_size,
        "maxConcurrent": submission.work.max_concurrent,
    }


def render_submit(submission: Submission) -> Request:
    """Write a submission as the helper's `submit` takes it; memory is rounded up to whole MiB."""
    work, resources = submission.work, submission.work.resources
    memory = parse_bytes(resources.memory_per_node) if resources.memory_per_node else 0
    return {
        "name": submission.target.name,
        **render_chunk(submission),
        "partition": submission.partition,
        "schedulerAccount": submission.scheduler_account,
        "qos": submission.qos,
        "nodes": resources.nodes,
        "tasksPerNode": resources.tasks_per_node,
        "cpusPerTask": resources.cpus_per_task,
        "cardsPerNode": resources.cards_per_node,
        "memoryMiB": -(-memory // _MIB),
        "scratchBytes": parse_bytes(resources.scratch) if resources.scratch else 0,
        "modules": list(submission.modules),
        "maxRunSeconds": work.max_run_seconds,
        "graceSeconds": work.grace_seconds,
        "launcher": work.launcher.value,
        "mpi": submission.mpi,
        "command": list(work.command),
        "script": work.script,
        "files": [{"path": file.path, "content": file.content} for file in work.files],
        "env": [{"name": variable.name, "value": variable.value} for variable in work.env],
    }


def render_lines(requests: Iterable[Request]) -> bytes:
    """Write requests as JSON lines, in ASCII, so that any text of a tenant arrives as it is."""
    return b"".join(json.dumps(request).encode() + b"\n" for request in requests)


def part_of(request: Request) -> Part:
    """Return what a request, or its answer, is about."""
    chunk = request.get("chunk", 0)
    return request["name"], chunk if isinstance(chunk, int) else 0


def parse_lines(output: bytes) -> dict[Part, dict[str, Any]]:
    """Read the helper's answers by attempt and chunk; a line that is no answer is left out."""
    answers = {}
    for line in output.splitlines():
        try:
            answer = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            continue
        if isinstance(answer, dict) and isinstance(answer.get("name"), str):
            answers[part_of(answer)] = answer
    return answers
