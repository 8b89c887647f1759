"""A centre that takes less than an array asks for: refused for good, or postponed, and never uncertain."""

import pytest

from computility.lab.centre import Centre
from computility.model.assignment import Fault
from computility.model.reasons import Reason
from support.workloads import World, a_work, an_array

LIMITS = "MaxArraySize=10\nMaxJobCount=5\n"


@pytest.fixture(scope="module")
def small(frail_centre: Centre) -> World:
    """A centre that keeps few jobs."""
    small = World(frail_centre)
    small.sh(f"printf '{LIMITS}' >> /etc/slurm/slurm.conf", "root")
    small.centre.kill_controller()
    small.centre.start_controller()
    small.centre.wait_idle()
    return small


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tasks", "told"),
    [pytest.param(11, "array", id="MaxArraySize"), pytest.param(8, "MaxJobCount is 5", id="MaxJobCount")],
)
async def test_an_array_that_a_centre_can_never_take_is_refused(small: World, tasks: int, told: str) -> None:
    target = an_array(tasks)

    answer = await small.submit(target, a_work())

    assert (answer.refused, answer.fault) == (Reason.REQUEST_REFUSED, Fault.SITE)
    assert told in answer.message
    assert (await small.look(target)).workloads == ()


@pytest.mark.slow
async def test_an_array_that_a_full_centre_may_take_later_is_postponed_at_once(small: World) -> None:
    await small.hold(a_work(), an_array(3))
    target = an_array(3)

    # sbatch by itself asks again and again for two minutes; then nothing would be certain.
    answer = await small.submit(target, a_work())

    assert (answer.postponed, answer.workload, answer.refused) == (Reason.CENTRE_BUSY, None, None)
    assert "unable to accept" in answer.message
    assert (await small.look(target)).workloads == ()
