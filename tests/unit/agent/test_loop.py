"""The loop's rounds: which of them wait for each other, and what a mistake in one costs the others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import pytest

from computility.agent.loop import Loop
from computility.agent.perform import Performer
from computility.agent.schedule import Schedule
from computility.backends.slurm.backend import utc_now
from computility.lifecycle.attempt_view import AttemptView
from support.eventually import eventually


class Centre:
    """Attempts whose account is the first part of their name; looks at those of "hung" do not come back."""

    def __init__(self, *names: str) -> None:
        self.all = names
        self.looks: list[set[str]] = []
        self.under_way: list[str] = []
        self.viewed: list[str] = []
        self.unreadable: set[str] = set()
        self.released = asyncio.Event()

    def names(self) -> set[str]:
        return set(self.all)

    def lane(self, name: str) -> str:
        return name.partition("-")[0]

    async def look(self, names: Iterable[str]) -> None:
        looked = set(names)
        if not looked:
            return
        self.looks.append(looked)
        account = self.lane(min(looked))
        self.under_way.append(account)
        if account == "hung":
            await self.released.wait()
        self.under_way.remove(account)

    async def views(self, names: Iterable[str]) -> list[AttemptView]:
        self.viewed += sorted(names)
        return [AttemptView(name=name) for name in names if name not in self.unreadable]

    def forget_look(self, name: str) -> None:
        pass


class Rig:
    """A loop over such a centre."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.schedule = Schedule(centre.lane)
        performer = Performer({}, may_start=lambda: True, forget_look=centre.forget_look)
        self.loop = Loop(centre, performer, self.schedule, clock=utc_now, is_holder=lambda: True)  # type: ignore[arg-type]

    def look(self, *names: str) -> None:
        for name in names:
            self.schedule.look(name, utc_now())
        self.loop.wake([])

    async def looked(self, name: str) -> None:
        await eventually(lambda: any(name in some for some in self.centre.looks), f"{name} is looked at")

    async def viewed(self, name: str, times: int) -> None:
        await eventually(lambda: self.centre.viewed.count(name) >= times, f"{name} is decided about")


@contextlib.asynccontextmanager
async def running(centre: Centre) -> AsyncIterator[Rig]:
    rig = Rig(centre)
    task = asyncio.create_task(rig.loop.run())
    try:
        yield rig
    finally:
        centre.released.set()
        task.cancel()
        await asyncio.wait([task])


async def test_an_account_that_hangs_delays_no_other_however_often_it_is_due() -> None:
    async with running(Centre()) as rig:
        rig.look("hung-1")
        await rig.looked("hung-1")
        for number in range(10):
            rig.look(f"hung-{number + 2}", f"well-{number}")
            await rig.looked(f"well-{number}")

        assert rig.centre.under_way == ["hung"]
        assert not any("hung-2" in some for some in rig.centre.looks)


async def test_what_came_due_for_an_account_meanwhile_goes_together_when_it_is_back() -> None:
    async with running(Centre()) as rig:
        rig.look("hung-1")
        await rig.looked("hung-1")
        rig.look("hung-2", "hung-3")
        rig.centre.released.set()
        await rig.looked("hung-2")

        assert rig.centre.looks == [{"hung-1"}, {"hung-2", "hung-3"}]


async def test_a_loop_that_waits_for_an_account_that_hangs_does_not_spin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(Centre()) as rig:
        rig.look("hung-1")
        await rig.looked("hung-1")
        rig.look("hung-2")
        rig.loop.wake(["hung-1"])
        taken: list[object] = []
        take = rig.schedule.take
        monkeypatch.setattr(rig.schedule, "take", lambda *args: taken.append(args) or take(*args))
        for _ in range(1000):
            await asyncio.sleep(0)

        assert len(taken) <= 2


async def test_an_attempt_that_cannot_be_read_is_tried_again_and_harms_no_other() -> None:
    centre = Centre("a-bad", "a-good")
    centre.unreadable = {"a-bad"}
    async with running(centre) as rig:
        await rig.viewed("a-bad", times=2)
        centre.unreadable.clear()
        await rig.viewed("a-bad", times=3)

        assert centre.viewed.count("a-good") == 1
