"""The hub on a real API server: it learns of the ways between places, and places by them."""

import pytest

from computility.model.compute_job import DataInput, JobData
from computility.model.data_link import DataLink, DataLinkSpec
from computility.model.meta import ObjectMeta
from support.hub import HubThread
from support.network import Network

pytestmark = pytest.mark.control_plane

FAR = JobData(inputs=(DataInput(name="corpus", size="3T", at="CN-SH"),))


async def test_a_job_far_from_its_data_says_so_and_goes_once_a_link_is_known(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    await network.submit("far", data=FAR)
    waiting = await network.until_waiting("far", "NoPoolFits")
    spec = DataLinkSpec(from_="CN-SH", to=f"member/{member}", gbps=10, usable_share=0.5)
    await network.client.create(DataLink(metadata=ObjectMeta(name=f"sh-{member}"), spec=spec))
    (assignment,) = await network.until_assigned(member)
    chosen = (await network.job("far")).status.receipt.chosen

    assert "NoLink" in {rejected.reason for rejected in waiting.status.receipt.rejected}
    assert assignment.spec.job.name == "far"
    assert chosen.transfer_seconds == 4800  # 24 Tbit at 5 Gbit/s
