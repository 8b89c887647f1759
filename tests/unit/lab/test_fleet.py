"""The lab's simulated centres: who they are, and what the fleet is told of them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from computility.agent.fleet_settings import build_centre, read_fleet
from computility.backends.simulated.config import CentreConfig
from computility.backends.simulated.engine import Engine
from computility.lab import fleet
from computility.lab.control_plane import ControlPlane
from computility.lab.federation import Federation
from computility.lab.fleet_centre import of_site
from computility.lab.fleet_config import fleet_config
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.joining import LEASE_SECONDS
from computility.lab.kubectl import Kubectl
from computility.lab.running import Lab
from computility.lab.site import SANDBOX
from computility.lab.sites import MOST_SIMULATED, simulated_sites
from computility.lab.status import parts_of


def a_config(count: int) -> dict[str, Any]:
    centres = tuple(map(of_site, simulated_sites(count)))
    return fleet_config(centres, server="https://hub", ca_file=Path("/lab/ca.crt"), folder=Path("/lab/fleet"))


def test_the_fleet_takes_its_file_and_builds_centres_of_the_pools_sizes(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(yaml.safe_dump(a_config(MOST_SIMULATED)))

    members = read_fleet(file).members

    sites = simulated_sites(MOST_SIMULATED)
    centres = [build_centre(member) for member in members]
    assert [member.name for member in members] == [site.name for site in sites]
    assert [centre.seed for centre in centres] == [site.seed for site in sites]
    assert [[group.nodes for group in centre.groups] for centre in centres] == [
        [site.cpu_node_count, site.card_node_count] for site in sites
    ]


def test_simulated_centres_know_only_the_tenant_whose_work_is_simulated() -> None:
    assert {tuple(site.tenants) for site in simulated_sites(MOST_SIMULATED)} == {(SANDBOX,)}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("partition", ["cpu", "gpu"])
def test_simulated_centres_have_users_of_their_own_and_room_beside_them(number: int, partition: str) -> None:
    engine = Engine(msgspec.convert(a_config(3)["members"][number]["centre"], CentreConfig))

    shares = [share_of_others(engine, partition, day * 86_400) for day in range(20)]

    assert 0.1 < sum(shares) / len(shares) < 0.5


def share_of_others(engine: Engine, partition: str, at: float) -> float:
    engine.advance(at)
    measured = engine.measure(partition)
    assert measured is not None
    return measured.used_by_others.nodes / measured.total.nodes


def test_a_lab_of_any_size_has_faults_that_are_rare() -> None:
    centres = [
        msgspec.convert(member["centre"], CentreConfig) for member in a_config(MOST_SIMULATED)["members"]
    ]

    gaps = [
        gap
        for centre in centres
        for gap in (centre.faults.crash_gap_seconds, centre.faults.outage_gap_seconds)
    ]
    assert all(gap is not None and gap >= 86_400 for gap in gaps)


def test_each_member_has_a_token_of_its_own() -> None:
    files = [member["tokenFile"] for member in a_config(3)["members"]]

    assert files == ["/lab/fleet/sim-1.token", "/lab/fleet/sim-2.token", "/lab/fleet/sim-3.token"]


def test_simulated_centres_differ_in_price_and_size_and_are_the_same_in_every_lab() -> None:
    sites = simulated_sites(3)

    assert len({site.prices.core_hour for site in sites}) == 3
    assert len({site.cpu_node_count for site in sites}) == 3
    assert simulated_sites(5)[:3] == sites


def test_a_lab_with_simulated_centres_has_a_fleet_and_one_without_has_none(tmp_path: Path) -> None:
    plane = ControlPlane(root=str(tmp_path), port=1, admin_token="")

    def names(simulated: int) -> list[str]:
        federation = Federation.of_size(0, simulated)
        return [
            part.name for part in parts_of(Lab("x", tmp_path, plane, Kubectl(tmp_path, tmp_path), federation))
        ]

    assert names(3) == [*names(0), "fleet"]


def test_a_preset_fleet_is_taken_with_all_that_its_pools_say_and_for_their_tenants(tmp_path: Path) -> None:
    centres = Federation.of_size(0, 0, "p2").fleet_centres
    config = fleet_config(centres, server="https://hub", ca_file=Path("/lab/ca.crt"), folder=tmp_path)
    file = tmp_path / "fleet.yaml"
    file.write_text(yaml.safe_dump(config))

    members = read_fleet(file).members

    assert [pool.spec for member in members for pool in member.pools] == [p.spec for p in p2_fleet().pools]
    assert [pool.labels for member in members for pool in member.pools] == [
        pool.metadata.labels for pool in p2_fleet().pools
    ]
    assert {tuple(member.tenants) for member in members} == {("team-a", "team-b")}
    assert len({build_centre(member).seed for member in members}) == 33


def test_the_lab_hears_soon_that_a_centre_of_a_preset_is_silent() -> None:
    entries = [centre.entry for centre in Federation.of_size(0, 1, "p2").fleet_centres]

    assert {entry["spec"]["lease"]["seconds"] for entry in entries} == {LEASE_SECONDS}


def test_no_fleet_is_missed_where_there_are_no_simulated_centres(tmp_path: Path) -> None:
    assert fleet.runs_for(tmp_path, ())
    assert not fleet.runs_for(tmp_path, tuple(map(of_site, simulated_sites(1))))
