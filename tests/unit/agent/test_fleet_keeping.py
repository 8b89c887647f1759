"""A fleet keeps its members running, and stops them when it is told to."""

import asyncio
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from computility.agent import fleet
from computility.agent.journal import JournalError
from support.eventually import eventually


async def test_a_member_that_fails_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []

    async def fails(*_: object) -> NoReturn:
        runs.append(None)
        raise JournalError("the disk is full")

    keeping = start(monkeypatch, fails)
    await eventually(lambda: len(runs) > 2, "the member was run again")

    await stop(keeping)


async def test_a_member_that_fails_by_a_mistake_of_ours_is_run_again_and_the_mistake_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[object] = []

    async def fails(*_: object) -> NoReturn:
        runs.append(None)
        raise ZeroDivisionError("a mistake")

    keeping = start(monkeypatch, fails)
    await eventually(lambda: len(runs) > 2 or keeping.done(), "the member was run again, or is given up")

    await stop(keeping)
    told = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert told
    assert "ZeroDivisionError: a mistake" in caplog.text


async def test_a_member_whose_task_fails_as_it_is_stopped_stays_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = asyncio.Event()

    async def task() -> None:
        if running.is_set():  # once more, and what should not be can be ended
            await asyncio.Event().wait()
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise JournalError("the disk is full")

    async def fails_at_the_end(*_: object) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(task())

    keeping = start(monkeypatch, fails_at_the_end)
    await running.wait()

    await stop(keeping)


def start(monkeypatch: pytest.MonkeyPatch, run_member: Any) -> asyncio.Task[None]:
    monkeypatch.setattr(fleet, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(fleet, "run_member", run_member)
    config: Any = SimpleNamespace()
    member: Any = SimpleNamespace(name="alpha")
    return asyncio.create_task(fleet.keep_member(config, member))


async def stop(keeping: asyncio.Task[None]) -> None:
    keeping.cancel()
    await asyncio.wait([keeping], timeout=10)
    assert keeping.cancelled()
