"""A payload can hold the lock that keeps its account's helpers apart: nothing of the account waits for it."""

import pytest

from computility.backends.slurm.backend import SlurmBackend
from computility.backends.slurm.helper import ALONE_SECONDS
from computility.lab.centre import Centre
from computility.lab.slurm_config import HELPER, SLURM_CONF
from computility.model.reasons import Reason
from support.workloads import ENDLESS, World, a_target, a_work

pytestmark = pytest.mark.slurm

HOLDS = 'flock -x ../../lock sh -c "echo holding; exec sleep 600"'
TAKES_EACH_NEW_ONE = (
    'while :; do flock -n -x ../../lock sh -c "echo holding; exec sleep 600" & sleep 0.05; done'
)


class AgedWorld(World):
    """A backend that can be told to have been at work for longer."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        self.age_seconds = 0.0
        self.backend = SlurmBackend(
            accounts=["alice"],
            helper=HELPER,
            slurm_conf=SLURM_CONF,
            runner=self._run,
            monotonic=lambda: self.age_seconds,
        )


@pytest.fixture
def world(centre: Centre) -> AgedWorld:
    return AgedWorld(centre)


@pytest.mark.parametrize("script", [HOLDS, TAKES_EACH_NEW_ONE], ids=["holds-it", "takes-each-new-one"])
async def test_a_payload_that_holds_its_accounts_lock_keeps_no_other_from_starting_or_ending(
    world: AgedWorld, script: str
) -> None:
    other, third = await world.start(a_work(*ENDLESS)), a_target()
    await world.until_started(other)
    locker = await world.start(a_work("sh", "-c", script))
    await world.until_output(locker, "holding")

    # It could be a helper of the agent before this one.
    assert not (await world.look(other)).complete
    assert (await world.submit(third, a_work("echo", "ran"))).postponed is Reason.CENTRE_BUSY

    world.age_seconds += ALONE_SECONDS

    assert (await world.look(other)).complete
    await world.backend.cancel([other])
    await world.until_ended(other)
    await world.start(a_work("echo", "ran"), third)
    assert (await world.until_ended(third)).stdout_tail == "ran\n"

    look = await world.look(locker)
    assert (look.complete, look.result) == (True, None)
    await world.backend.cancel([locker])
    await world.until_ended(locker)
