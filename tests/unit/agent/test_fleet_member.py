"""What a fleet does for one member beside running its agent."""

import asyncio
from pathlib import Path

import pytest

from computility.agent import fleet_member
from support.either import SimulatedWorld
from support.eventually import eventually


async def test_tidied_attempts_are_forgotten_again_and_again_and_not_only_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_member, "PRUNE_SECONDS", 0.01)
    world = SimulatedWorld(tmp_path)  # its clock shows a day that is long past
    keeping = asyncio.create_task(fleet_member.keep_forgetting(world.backend))

    for _ in range(2):
        target = await world.start(world.payloads.ends())
        await world.until_ended(target)
        await world.backend.tidy([target])
        await world.look(target)
        assert world.rows("centre_tidied") == 1
        await eventually(lambda: world.rows("centre_tidied") == 0, "what was tidied is forgotten")

    keeping.cancel()
    world.close()
