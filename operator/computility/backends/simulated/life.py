"""The life of a workload at the centre: taken in, released, started, ended, dropped."""

from computility.backends.simulated import course
from computility.backends.simulated.agenda import Kind
from computility.backends.simulated.backfill import Start
from computility.backends.simulated.centre import Centre
from computility.backends.simulated.chance import draw_spread
from computility.backends.simulated.records import Ending, Task, Workload
from computility.backends.simulated.requests import Request
from computility.model.index_set import IndexSet


def accept(centre: Centre, request: Request, *, is_foreign: bool = False) -> Workload:
    """Take a submission in, held."""
    counters = centre.counters
    workload = Workload(
        serial=counters.next_serial,
        id=counters.next_id,
        request=request,
        submitted_at=centre.clock,
        is_held=True,
        pending=request.index_set,
        is_foreign=is_foreign,
    )
    counters.next_serial += 1
    counters.next_id += 1
    enter(centre, workload)
    centre.touched.add(("request", workload.serial))
    centre.touch(workload)
    return workload


def enter(centre: Centre, workload: Workload) -> None:
    """Put a workload where it is looked for."""
    centre.workloads[workload.serial] = workload
    if not workload.is_foreign:
        centre.attempt(workload.name).workloads.append(workload)
        centre.load[workload.request.partition] += len(workload.pending) + workload.active


def release(centre: Centre, workload: Workload) -> None:
    """Let it queue, behind all that were released before."""
    workload.is_held = False
    workload.released_at = centre.clock
    workload.turn = centre.counters.next_turn
    centre.counters.next_turn += 1
    group = centre.group_of(workload)
    group.enqueue(workload)
    centre.unsettle(group)
    centre.touch(workload)


def hold(centre: Centre, workload: Workload) -> None:
    """Take it out of the queue again."""
    centre.group_of(workload).let_go(workload)
    workload.is_held, workload.released_at = True, None
    centre.touch(workload)


def start_task(centre: Centre, start: Start) -> None:
    """Give a waiting task its nodes and start its wrapper there."""
    workload, index, nodes = start
    now, request = centre.clock, workload.request
    workload.pending -= IndexSet.only(index)
    run_seconds, fails = _draw_run(centre, request, index)
    task = Task(
        index=index,
        nodes=IndexSet(nodes),
        started_at=now,
        stop_at=now + request.limit_seconds,
        run_seconds=run_seconds,
        fails=fails,
    )
    workload.tasks[index] = task
    workload.active += 1
    group = centre.group_of(workload)
    group.occupy(workload, task)
    if not workload.pending:
        group.dequeue(workload)
    _start_wrapper(centre, workload, task)
    centre.touch(workload)


def _start_wrapper(centre: Centre, workload: Workload, task: Task) -> None:
    if workload.is_foreign:
        course.start(task, workload.request, wins=True, has_go=True)
    else:
        attempt = centre.attempt(workload.name)
        wins = task.index not in attempt.burned and task.index not in attempt.claims
        if wins:
            attempt.claims[task.index] = (workload, task)
        course.start(task, workload.request, wins=wins, has_go=attempt.go)
    centre.plan(workload, task)


def _draw_run(centre: Centre, request: Request, index: int) -> tuple[float, bool]:
    """Return how long the payload runs and whether it fails: as it says, or by chance if it does not."""
    seconds = request.run_of(index).seconds
    if seconds is not None:
        return seconds, False
    runs, random = centre.config.runs, centre.chance.stream("run", request.name, index)
    seconds = request.limit_seconds * draw_spread(runs.limit_share, random)
    return seconds, random.random() < runs.failing_share


def turn_task(centre: Centre, serial: int, index: int) -> None:
    """Let happen what is due to a task now; a no-op if the entry is void."""
    workload = centre.workloads.get(serial)
    task = workload.tasks.get(index) if workload else None
    if workload is None or task is None or task.ended_at is not None or task.due_at > centre.clock:
        return
    if course.turn(task, workload.request, centre.clock):
        centre.touched.add(("task", serial, index))
        _end_task(centre, workload, task)
    else:
        centre.plan(workload, task)


def _end_task(centre: Centre, workload: Workload, task: Task) -> None:
    workload.active -= 1
    group = centre.group_of(workload)
    group.vacate(workload, task)
    centre.unsettle(group)
    lighten(centre, workload, 1)
    close_if_over(centre, workload)


def withdraw(centre: Centre, workload: Workload, indices: IndexSet) -> None:
    """Cancel those of these tasks that have not started."""
    gone = workload.pending & indices
    if not gone:
        return
    workload.pending = workload.pending - gone
    workload.withdrawn = workload.withdrawn | gone
    if not workload.pending:
        centre.group_of(workload).dequeue(workload)
    centre.unsettle(centre.group_of(workload))
    lighten(centre, workload, len(gone))
    close_if_over(centre, workload)


def cancel(centre: Centre, workload: Workload, indices: IndexSet) -> None:
    """End these tasks: those that wait at once, those that run by SIGTERM and, after the grace, SIGKILL."""
    withdraw(centre, workload, indices)
    for task in running(workload):
        if task.index in indices and task.ending is None:
            course.tell(task, workload.request, Ending.CANCELLED, centre.clock)
            centre.plan(workload, task)


def running(workload: Workload) -> list[Task]:
    """Return the tasks that hold nodes."""
    if not workload.active:
        return []
    return [task for task in workload.tasks.values() if task.ended_at is None]


def close_if_over(centre: Centre, workload: Workload) -> None:
    """End a workload of which nothing waits or runs any more."""
    centre.touch(workload)
    if workload.pending or workload.active:
        return
    centre.group_of(workload).let_go(workload)
    workload.ended_at = centre.clock
    if workload.is_foreign:
        drop(centre, workload)
    else:
        centre.agenda.add(centre.clock + centre.config.min_job_age_seconds, Kind.PURGE, workload.serial)


def purge(centre: Centre, serial: int) -> None:
    """Let the controller drop an ended workload; what it left in files stays."""
    workload = centre.workloads.get(serial)
    if workload is not None and workload.ended_at is not None:
        workload.is_forgotten = True
        centre.touch(workload)


def drop(centre: Centre, workload: Workload) -> None:
    """Remove every trace of a workload."""
    serial = workload.serial
    del centre.workloads[serial]
    centre.touched.update({("workload", serial), ("request", serial)})
    centre.touched.update(("task", serial, index) for index in workload.tasks)


def lighten(centre: Centre, workload: Workload, tasks: int) -> None:
    """Count off tasks that neither wait nor run any more."""
    if not workload.is_foreign:
        centre.load[workload.request.partition] -= tasks
