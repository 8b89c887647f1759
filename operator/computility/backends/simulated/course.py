"""The course of one task: what the wrapper in its allocation does, and when.

These functions change a `Task` and set `due_at`, when something happens to it next. Times are virtual.
"""

import math

from computility.backends.simulated.records import Ending, Task
from computility.backends.simulated.requests import Request

SIGKILL, SIGTERM = 9, 15
CLAIM_TAKEN_EXIT, FAILING_EXIT = 75, 1
_SETTLED = (Ending.NODE_FAILED, Ending.CLAIM_TAKEN)


def start(task: Task, request: Request, *, wins: bool, has_go: bool) -> None:
    """Begin at `started_at`: the claim first, then the go, then the payload."""
    task.claimed = wins
    if not wins:
        task.ending, task.exit_code, task.due_at = Ending.CLAIM_TAKEN, CLAIM_TAKEN_EXIT, task.started_at
        return
    if has_go:
        task.began_at = task.started_at
    task.due_at = _due(task, request)


def is_waiting(task: Task) -> bool:
    """Whether it waits inside its allocation for the go."""
    return task.began_at is None and task.ending is None


def begin(task: Task, request: Request, now: float) -> None:
    """Start the payload of a task that waited for it."""
    task.began_at = now
    task.due_at = _due(task, request)


def tell(task: Task, request: Request, ending: Ending, now: float) -> None:
    """Send SIGTERM, with SIGKILL to follow after the grace; a no-op if its end is decided already."""
    if task.ending is not None:
        return
    task.ending, task.told_at = ending, now
    task.stop_at = min(task.stop_at, now + request.grace_seconds)
    task.due_at = _due(task, request)


def strike(task: Task, noticed_at: float) -> None:
    """Let a node of it die: the payload is dead at once, the controller knows it later."""
    if task.ending in _SETTLED:
        return
    task.ending, task.due_at = Ending.NODE_FAILED, noticed_at


def orphan(task: Task, killed_at: float) -> None:
    """Let the controller forget it: the payload runs on until the controller is back and has it killed."""
    if task.ending in _SETTLED:
        return
    task.ending, task.stop_at = Ending.FORGOTTEN, killed_at
    task.due_at = min(_own_end(task), killed_at)


def turn(task: Task, request: Request, now: float) -> bool:
    """Let happen what was due, and say whether the task is over."""
    if task.ending not in _SETTLED:
        if _own_end(task) <= now:
            _exit(task, request)
        elif task.ending is None:
            tell(task, request, Ending.TIME_LIMIT, now)
            return False
        else:
            task.signal = SIGKILL if task.stop_at <= now < _wound_down(task, request) else SIGTERM
    task.ended_at = now
    return True


def _exit(task: Task, request: Request) -> None:
    run = request.run_of(task.index)
    task.signal = run.signal
    if run.signal is None:
        task.exit_code = FAILING_EXIT if task.fails else run.exit_code
    if task.ending in (None, Ending.FORGOTTEN):
        task.ending = Ending.EXITED


def _due(task: Task, request: Request) -> float:
    if task.told_at is None:
        term_at = max(task.started_at, task.stop_at - request.grace_seconds)
        return min(_own_end(task), term_at)
    return min(_own_end(task), _wound_down(task, request), task.stop_at)


def _own_end(task: Task) -> float:
    return math.inf if task.began_at is None else task.began_at + task.run_seconds


def _wound_down(task: Task, request: Request) -> float:
    """When it ends of SIGTERM; a wrapper that still waits for the go has nothing to wind down."""
    if task.told_at is None:
        return math.inf
    if task.began_at is None:
        return task.told_at
    return task.told_at + request.run_of(task.index).wind_down_seconds
