"""The hub on a real API server: who has which cpid."""

from typing import Any

import pytest

from computility.kube.builtin import Namespace
from computility.model.meta import find_condition
from computility.model.names import member_namespace
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network, a_member, a_pool, with_spec

pytestmark = pytest.mark.control_plane


async def test_a_member_and_its_pools_are_given_cpids_once(network: Network, member: str) -> None:
    pool = await network.offer(member)
    shown = await network.until_identified(member, pools=1)
    uid = shown.metadata.uid.replace("-", "")

    assert shown.status.cpid == f"urn:cpid:computility:CN-GS:{member}:member:{uid}"
    assert [(p.name, p.uid) for p in shown.status.pools] == [("cpu", pool.metadata.uid)]
    assert shown.status.pools[0].cpid.startswith(f"urn:cpid:computility:CN-GS:{member}:pool:")


async def test_the_later_of_two_that_claim_a_cpid_gets_no_work_until_the_first_has_gone(
    network: Network, hub: HubThread
) -> None:
    first, second = fresh_name("m"), fresh_name("m")
    cpid = f"urn:cpid:gansu:CN-GS:old:member:{first}"
    await network.client.create(with_spec(a_member(first), cpid=cpid))
    await network.until_reason(first, "Reconciling", "Reconciled")
    await network.client.create(with_spec(a_member(second), cpid=cpid))
    refused = await network.until_reason(second, "Stalled", "CpidConflict")
    await network.until_found(Namespace, "", member_namespace(second))
    await network.renew(second)
    await hub.until_heard(await network.offer(second))
    await network.submit("job")
    await network.until_turned_down("job", "CpidConflict")
    await network.leave(first)
    await network.until_gone(a_member(first))
    await network.until_assigned(second)
    accepted = await network.until_reason(second, "Ready", "LeaseRenewed")

    assert message(refused, "Stalled") == f'"{cpid}" belongs to member "{first}"'
    assert refused.status.cpid == ""
    assert accepted.status.cpid == cpid


async def test_a_pool_whose_alias_another_has_gets_no_work_and_its_neighbour_does(
    network: Network, member: str
) -> None:
    alias = fresh_name("QY")
    await network.offer_pool(with_spec(a_pool(member, network.tenant, name="first"), aliases=(alias,)))
    await network.until_identified(member, pools=1)
    cheap = a_pool(member, network.tenant, name="second", price="0.1")
    await network.offer_pool(with_spec(cheap, aliases=(alias,)))
    shown = await network.until_identified(member, pools=2)
    assignment = await network.place(member, "job")

    assert assignment.spec.job.pool == "first"
    assert [bool(p.conflict) for p in shown.status.pools] == [False, True]
    assert message(await network.until_reason(member, "Stalled", "CpidConflict"), "Stalled").startswith(
        f'pool "second": "{alias}" belongs to pool "first"'
    )


def message(member: Any, type_: str) -> str:
    found = find_condition(member.status.conditions, type_)
    return found.message if found else ""
