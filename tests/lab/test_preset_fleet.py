"""A lab with the fleet p2: its 33 centres join, and the hub knows all that their pools say of themselves."""

import io
import json
import os
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from rich.console import Console

from computility.lab import fleet
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.lab import Lab, bring_up, take_down
from computility.lab.processes import find_daemon
from computility.lab.status import parts_of
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.meta import key_of
from computility.model.resource_pool import ResourcePool

pytestmark = pytest.mark.control_plane

STRUCTS: dict[str, Any] = {"member": MemberCluster, "rpool": ResourcePool, "dlink": DataLink}


@pytest.fixture(scope="module")
def preset() -> Iterator[Lab]:
    name = f"preset-{os.getpid()}"
    try:
        yield bring_up(name, Console(file=io.StringIO()), preset="p2", owner=os.getpid())
    finally:
        take_down(name)


def listed(lab: Lab, kind: str) -> list[Any]:
    """Read all objects of a kind as the model has them."""
    items = json.loads(lab.kubectl("get", kind, "--all-namespaces", "--output=json"))["items"]
    return [msgspec.convert(item, STRUCTS[kind]) for item in items]


def test_the_33_centres_have_joined_from_their_regions_and_no_other(preset: Lab) -> None:
    members = listed(preset, "member")

    assert {member.metadata.name: member.spec.location.region for member in members} == {
        member.metadata.name: member.spec.location.region for member in p2_fleet().members
    }
    assert all(member.spec.accepted and member.status.cpid for member in members)


def test_the_hub_has_each_pool_with_all_its_facts_and_what_it_has_in_all(preset: Lab) -> None:
    pools = {key_of(pool.metadata): pool for pool in listed(preset, "rpool")}

    assert {key: pool.spec for key, pool in pools.items()} == {
        key_of(pool.metadata): pool.spec for pool in p2_fleet().pools
    }
    assert sum(pool.status.total.cards for pool in pools.values()) == 150_000
    assert sum(pool.status.total.cores for pool in pools.values()) == 2_000_000


def test_the_hub_knows_the_ways_to_the_data(preset: Lab) -> None:
    links = listed(preset, "dlink")

    assert {link.metadata.name: link.spec for link in links} == {
        link.metadata.name: link.spec for link in p2_fleet().links
    }


def test_a_preset_fleet_that_died_comes_back_without_being_named_again(preset: Lab) -> None:
    patch = '{"spec": {"gbps": 1}}'
    preset.kubectl("patch", "dlink", "cn-sh-cn-gs", "--type=merge", f"--patch={patch}")
    daemon = find_daemon(preset.root, fleet.NAME)
    assert daemon is not None
    daemon.kill()
    assert [part.name for part in parts_of(preset) if not part.runs] == [fleet.NAME]

    mended = bring_up(preset.name, Console(file=io.StringIO()), owner=os.getpid())

    assert all(part.runs for part in parts_of(mended))
    assert len(listed(mended, "member")) == 33
    narrowed = [link.metadata.name for link in listed(mended, "dlink") if link.spec.gbps == 1]
    assert narrowed == ["cn-sh-cn-gs"], "what an administrator wrote of a link stands"
