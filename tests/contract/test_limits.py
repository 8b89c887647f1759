"""A centre that takes less than an array asks for: refused for good, or postponed, and never uncertain."""

import time

from computility.model.assignment import Fault
from computility.model.reasons import Reason
from support.workloads import World, a_work, an_array


async def test_an_array_beyond_a_centres_limits_is_refused_or_postponed_for_certain(frail: World) -> None:
    limits = "MaxArraySize=10\nMaxJobCount=5\n"
    frail.sh(f"printf '{limits}' >> /etc/slurm/slurm.conf", "root")
    frail.centre.kill_controller()
    frail.centre.start_controller()
    frail.centre.wait_idle()
    too_long, too_many = an_array(11), an_array(8)

    never = await frail.submit(too_long, a_work())
    begin = time.monotonic()
    not_now = await frail.submit(too_many, a_work())
    seconds = time.monotonic() - begin

    assert (never.refused, never.fault) == (Reason.REQUEST_REFUSED, Fault.SITE)
    assert "array" in never.message
    assert (not_now.postponed, not_now.workload, not_now.refused) == (Reason.CENTRE_BUSY, None, None)
    assert "unable to accept" in not_now.message
    assert seconds < 10  # sbatch by itself asks again and again for two minutes
    for target in (too_long, too_many):
        assert (await frail.look(target)).workloads == ()
    assert (await frail.submit(an_array(4), a_work())).workload is not None
