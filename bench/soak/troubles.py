"""What befalls the network itself during a soak: hub and fleet are killed, members' tokens are refused."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench.soak.network import Network
from bench.soak.plan import Plan
from bench.stage import FLEET, HUB

SILENCE = "silence"
AWAY_SECONDS = {HUB: (0.5, 8.0), FLEET: (0.5, 8.0), SILENCE: (10.0, 45.0)}
"""How long each is away by the wall clock; a silence has to outlast the lease to be noticed."""


class Trouble(NamedTuple):
    """One of them; `member` is "" unless it is a member's."""

    at: float
    what: str
    seconds: float
    member: str = ""


def draw_troubles(plan: Plan, members: list[str]) -> list[Trouble]:
    """Draw all troubles of a soak, in order."""
    chance = random.Random(f"{plan.seed}/troubles")  # noqa: S311 - to be repeated, not to be secret
    return sorted([*_kills(chance, plan), *_silences(chance, plan, members)])


def _kills(chance: random.Random, plan: Plan) -> Iterator[Trouble]:
    """Spread the kills of each process: it has to be up again before the next one comes."""
    for what in (HUB, FLEET):
        part = plan.seconds * plan.kill_share / max(1, plan.kills)
        for number in range(plan.kills):
            away = min(chance.uniform(*AWAY_SECONDS[what]), part / 4)
            yield Trouble((number + chance.uniform(0.1, 0.7)) * part, what, away)


def _silences(chance: random.Random, plan: Plan, members: list[str]) -> Iterator[Trouble]:
    for member in chance.sample(members, min(plan.silences, len(members))):
        at = chance.uniform(0.05, 0.85) * plan.seconds
        yield Trouble(at, SILENCE, chance.uniform(*AWAY_SECONDS[SILENCE]), member)


async def befall(network: Network, troubles: list[Trouble], started_at: float) -> None:
    """Let each trouble come at its time, and wait until all are over."""
    async with asyncio.TaskGroup() as tasks:
        for trouble in troubles:
            await asyncio.sleep(max(0.0, started_at + trouble.at - time.monotonic()))
            tasks.create_task(_befall(network, trouble))


async def _befall(network: Network, trouble: Trouble) -> None:
    if trouble.what == SILENCE:
        network.refuse_token(trouble.member)
        await asyncio.sleep(trouble.seconds)
        network.give_token(trouble.member)
        return
    await asyncio.to_thread(network.kill, trouble.what)
    await asyncio.sleep(trouble.seconds)
    await asyncio.to_thread(network.start_hub if trouble.what == HUB else network.start_fleet)
