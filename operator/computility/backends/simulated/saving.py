"""The engine's state as rows, of which only those that changed are written."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from computility.backends.simulated import life
from computility.backends.simulated.agenda import Kind
from computility.backends.simulated.centre import Centre, Counters, Key
from computility.backends.simulated.faults import refresh_nodes
from computility.backends.simulated.records import Task, Workload
from computility.backends.simulated.requests import Request
from computility.model.index_set import IndexSet

Row = TypeVar("Row")

_APART = ("request", "tasks", "active")
"""Fields of a workload that its own row leaves out: they are in others, or follow from them."""
_FIELDS = tuple(name for name in Workload.__struct_fields__ if name not in _APART)


class _GroupRow(msgspec.Struct):
    down: dict[int, float]
    drained: IndexSet


class _AttemptRow(msgspec.Struct):
    go: bool
    burned: IndexSet


def take_changes(centre: Centre) -> dict[str, bytes | None]:
    """Return the rows that changed since the last time; None for one that is no more."""
    if not centre.touched:
        return {}
    centre.touched.add(("centre",))
    keys, centre.touched = centre.touched, set()
    return {"/".join(map(str, key)): _row(centre, key) for key in keys}


def _row(centre: Centre, key: Key) -> bytes | None:
    record = _find(centre, key)
    return None if record is None else _encoder.encode(record)


def _find(centre: Centre, key: Key) -> Any:
    match key:
        case ("task", int(serial), int(index)):
            workload = centre.workloads.get(serial)
            return workload and workload.tasks.get(index)
        case ("workload", int(serial)):
            workload = centre.workloads.get(serial)
            return workload and {name: getattr(workload, name) for name in _FIELDS}
        case ("request", int(serial)):
            workload = centre.workloads.get(serial)
            return workload and workload.request
        case ("attempt", str(name)):
            attempt = centre.attempts.get(name)
            return attempt and _AttemptRow(attempt.go, attempt.burned)
        case ("group", str(name)):
            group = centre.groups[name]
            return _GroupRow(group.down, IndexSet(group.drained_by_hand))
    centre.counters.unsettled = sorted(centre.unsettled)
    return centre.counters


def restore(centre: Centre, rows: Mapping[str, bytes]) -> None:
    """Fill an empty centre with what was saved.

    Raises:
        ValueError: The rows are no such state, or of another configuration.
    """
    try:
        centre.counters = _decode(rows["centre"], Counters)
        for name, row in _rows(rows, "attempt"):
            saved = _decode(row, _AttemptRow)
            attempt = centre.attempt(name)
            attempt.go, attempt.burned = saved.go, saved.burned
        _restore_workloads(centre, rows)
        _restore_groups(centre, rows)
    except (KeyError, msgspec.MsgspecError) as error:
        raise ValueError(
            f"the saved state of the simulated centre does not go with its configuration: {error!r}; "
            "give it the configuration that it had, or another folder"
        ) from error
    centre.touched.clear()
    centre.unsettled = set(centre.counters.unsettled)


def _restore_workloads(centre: Centre, rows: Mapping[str, bytes]) -> None:
    tasks: dict[int, list[Task]] = {}
    for name, row in _rows(rows, "task"):
        tasks.setdefault(int(name.partition("/")[0]), []).append(_decode(row, Task))
    saved = sorted((int(serial), row) for serial, row in _rows(rows, "workload"))
    for serial, row in saved:
        fields = _decode(row, dict[str, Any])
        request = _decode(rows[f"request/{serial}"], Request)
        workload = msgspec.convert({**fields, "request": request}, Workload, dec_hook=_decode_hook)
        started = sorted(tasks.get(serial, ()), key=lambda task: (task.started_at, task.index))
        workload.tasks = {task.index: task for task in started}
        workload.active = sum(task.ended_at is None for task in started)
        life.enter(centre, workload)
        _resume(centre, workload)


def _resume(centre: Centre, workload: Workload) -> None:
    """Put it back in the queue, on its nodes, on the agenda, and its claims with the attempt."""
    group = centre.group_of(workload)
    if workload.pending and not workload.is_held:
        group.enqueue(workload)
    for task in workload.tasks.values():
        if task.claimed and not workload.is_foreign:
            centre.attempt(workload.name).claims[task.index] = (workload, task)
    for task in life.running(workload):
        group.occupy(workload, task)
        centre.plan(workload, task)
    if workload.ended_at is not None:
        age = centre.config.min_job_age_seconds
        centre.agenda.add(workload.ended_at + age, Kind.PURGE, workload.serial)


def _restore_groups(centre: Centre, rows: Mapping[str, bytes]) -> None:
    for number, group in enumerate(centre.groups.values()):
        if row := rows.get(f"group/{group.config.name}"):
            saved = _decode(row, _GroupRow)
            group.down, group.drained_by_hand = saved.down, saved.drained.bits
            for node, repaired_at in group.down.items():
                centre.agenda.add(repaired_at, Kind.REPAIR, number, node)
        refresh_nodes(centre, group)


def _rows(rows: Mapping[str, bytes], kind: str) -> Iterator[tuple[str, bytes]]:
    prefix = f"{kind}/"
    return ((key.removeprefix(prefix), row) for key, row in rows.items() if key.startswith(prefix))


def _encode_hook(value: Any) -> str:
    if isinstance(value, IndexSet):
        return str(value)
    raise NotImplementedError(f"{type(value)} cannot be saved")


def _decode_hook(kind: type, value: Any) -> Any:
    if kind is IndexSet:
        return IndexSet.parse(value)
    raise NotImplementedError(f"{kind} cannot be read")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_hook)


def _decode(row: bytes, kind: type[Row]) -> Row:
    return msgspec.msgpack.decode(row, type=kind, dec_hook=_decode_hook)
