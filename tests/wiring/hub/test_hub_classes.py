"""The hub on a real API server: what a namespace pays follows from the class that its label says."""

import pytest

from computility.kube.builtin import Namespace
from computility.model.compute_job import PlacementSpec
from computility.model.names import USER_CLASS_LABEL
from computility.model.tariff import PriceFactor, Tariff
from support.hub import HubThread
from support.network import Network, a_pool, with_spec

pytestmark = pytest.mark.control_plane


async def test_a_job_goes_once_the_class_of_its_namespace_makes_it_cheap_enough(
    network: Network, hub: HubThread, member: str
) -> None:
    factors = (PriceFactor(user_class="academic", factor=0.5),)
    tariff = Tariff(per_core_hour="60", factors=factors)
    await hub.until_heard(await network.offer_pool(with_spec(a_pool(member, network.tenant), tariff=tariff)))
    await network.submit("thrifty", placement=PlacementSpec(max_price_per_core_hour="30"))
    await network.until_waiting("thrifty", "NoPoolFits")

    await label(network, "academic")
    try:
        await network.until_assigned(member)
        status = (await network.job("thrifty")).status
    finally:
        await label(network, None)

    (attempt,) = status.attempts
    assert (attempt.price_factor, status.receipt.chosen.cost) == (0.5, "0.5")


async def label(network: Network, user_class: str | None) -> None:
    patch = {"metadata": {"labels": {USER_CLASS_LABEL: user_class}}}
    await network.client.patch(Namespace, "", network.tenant, patch)
