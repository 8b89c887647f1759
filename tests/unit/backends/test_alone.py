"""When the agent tells the helper that nobody else can be at work for an account."""

import asyncio
from typing import Any

import pytest

from computility.backends.protocol import BackendUnreachable, Submission
from computility.backends.slurm.backend import SlurmBackend
from computility.backends.slurm.cli import Command, Completed
from computility.backends.slurm.exec import entry, lock
from computility.backends.slurm.helper import ALONE, ALONE_SECONDS
from support.workloads import a_target, a_work


class Calls:
    """Plays the helper: notes what it is called with, and ends each call when it is let."""

    def __init__(self) -> None:
        self.verbs: list[tuple[str, ...]] = []
        self.accounts: list[str] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, command: Command) -> Completed:
        self.accounts.append(command.argv[3])
        self.verbs.append(command.argv[6:])
        await self.may_end.wait()
        return Completed(exit_code=0)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def a_backend(calls: Calls, clock: Clock) -> SlurmBackend:
    return SlurmBackend(
        accounts=["alice", "bob"], helper="/libexec/computility-exec", runner=calls, monotonic=clock
    )


def a_submission(account: str = "alice") -> Submission:
    return Submission(target=a_target(account), work=a_work(), partition="cpu")


def test_agent_and_helper_mean_the_same_and_no_helper_lives_so_long() -> None:
    assert ALONE == lock.ALONE
    assert entry.HARD_SECONDS < ALONE_SECONDS


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(0.0, (), id="a-helper-of-another-agent-may-have-begun-just-before"),
        pytest.param(ALONE_SECONDS - 0.1, (), id="it-may-still-live"),
        pytest.param(ALONE_SECONDS, (ALONE,), id="it-has-ended-itself"),
    ],
)
async def test_an_agent_is_alone_once_its_predecessors_helpers_have_ended(
    seconds: float, expected: tuple[str, ...]
) -> None:
    calls, clock = Calls(), Clock()
    backend = a_backend(calls, clock)
    clock.seconds += 500.0  # it waited for the Lease
    await backend.look([a_target()])
    clock.seconds += seconds

    await backend.look([a_target("bob")])
    await backend.submit([a_submission()])

    assert calls.verbs == [("look",), (*expected, "look"), (*expected, "submit")]


async def test_verbs_that_take_no_lock_are_told_nothing() -> None:
    calls, clock, target = Calls(), Clock(), a_target()
    backend = a_backend(calls, clock)
    await backend.look([target])
    clock.seconds += ALONE_SECONDS

    for order in (backend.go, backend.burn, backend.cancel, backend.tidy):
        with pytest.raises(BackendUnreachable, match="no answer"):
            await order([target])

    assert calls.verbs[1:] == [("go",), ("burn",), ("cancel",), ("tidy",)]


async def test_of_an_agents_own_calls_that_take_the_lock_one_is_made_at_a_time() -> None:
    """Else one that finds it held could not know that it is by a payload."""
    calls = Calls()
    calls.may_end.clear()
    backend = a_backend(calls, Clock())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ignoring(backend.submit([a_submission()])))
        tasks.create_task(ignoring(backend.look([a_target()])))
        tasks.create_task(ignoring(backend.look([a_target("bob")])))
        tasks.create_task(ignoring(backend.cancel([a_target()])))
        await settle()
        begun = list(zip(calls.accounts, calls.verbs, strict=True))
        calls.may_end.set()

    assert begun == [("alice", ("submit",)), ("bob", ("look",)), ("alice", ("cancel",))]
    assert calls.verbs[-1] == ("look",)


async def ignoring(call: Any) -> None:
    try:
        await call
    except BackendUnreachable:
        return


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)
