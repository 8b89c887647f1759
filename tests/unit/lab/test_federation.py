"""Which centres a lab has, and what it calls their parts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from computility.lab.agent_config import agent_config
from computility.lab.centre import Centre
from computility.lab.control_plane import ControlPlane
from computility.lab.federation import Federation, WrongSize, read_federation, write_federation
from computility.lab.kubectl import Kubectl
from computility.lab.running import Lab
from computility.lab.site import Site
from computility.lab.sites import MOST_SIMULATED, SLURM_SITES
from computility.lab.slurm_config import CENTRE_NAME
from computility.lab.status import NoSuchPart, find_parts, parts_of

HUB_SIDE = ["etcd", "kube-apiserver", "kube-controller-manager", "hub"]


def a_lab(root: Path, slurm: int, simulated: int = 0) -> Lab:
    """A lab of which nothing runs."""
    plane = ControlPlane(root=str(root), port=1, admin_token="")
    return Lab("dark", root, plane, Kubectl(root, root), Federation.of_size(slurm, simulated))


def pools_of(site: Site) -> dict[str, Any]:
    centre = cast(Centre, SimpleNamespace(spec=site))
    return {pool["name"]: pool["spec"] for pool in agent_config(centre, "https://hub")["pools"]}


@pytest.mark.parametrize(("slurm", "names"), [(0, []), (1, ["alpha"]), (2, ["alpha", "beta"])])
def test_a_lab_has_as_many_slurm_centres_as_were_asked_for(slurm: int, names: list[str]) -> None:
    assert [site.name for site in Federation.of_size(slurm).slurm] == names


@pytest.mark.parametrize(
    ("slurm", "simulated", "limit"),
    [(-1, 0, len(SLURM_SITES)), (len(SLURM_SITES) + 1, 0, len(SLURM_SITES)), (0, 100, MOST_SIMULATED)],
)
def test_a_number_of_centres_that_no_lab_can_have_is_refused(slurm: int, simulated: int, limit: int) -> None:
    with pytest.raises(WrongSize, match=f"take 0 to {limit}"):
        Federation.of_size(slurm, simulated)


@pytest.mark.parametrize(
    ("slurm", "simulated", "grown"),
    [
        pytest.param(None, None, (1, 2), id="not-unless-asked"),
        pytest.param(2, None, (2, 2), id="by-a-real-centre"),
        pytest.param(None, 5, (1, 5), id="by-simulated-ones"),
        pytest.param(1, 2, (1, 2), id="to-what-it-has"),
    ],
)
def test_a_lab_that_is_up_can_grow(slurm: int | None, simulated: int | None, grown: tuple[int, int]) -> None:
    assert Federation.of_size(1, 2).grown_to(slurm, simulated) == Federation.of_size(*grown)


@pytest.mark.parametrize(("slurm", "simulated"), [(1, None), (None, 1), (3, 1)])
def test_a_lab_that_is_up_loses_no_centre(slurm: int | None, simulated: int | None) -> None:
    with pytest.raises(WrongSize, match="take it down first"):
        Federation.of_size(2, 2).grown_to(slurm, simulated)


def test_a_lab_with_a_preset_fleet_has_its_centres_after_its_own() -> None:
    names = [centre.name for centre in Federation.of_size(1, 2, "p2").fleet_centres]

    assert names[:3] == ["sim-1", "sim-2", "zhangjiakou-birch"]
    assert len(names) == 2 + 33


def test_a_preset_fleet_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(WrongSize, match='no fleet "p9": take p2'):
        Federation.of_size(0, 0, "p9")


def test_a_lab_that_is_up_can_get_a_preset_fleet_and_keeps_it() -> None:
    grown = Federation.of_size(1, 2).grown_to(None, None, "p2")

    assert grown == Federation.of_size(1, 2, "p2")
    assert grown.grown_to(2, None) == Federation.of_size(2, 2, "p2")


def test_a_lab_that_is_up_does_not_lose_its_preset_fleet() -> None:
    with pytest.raises(WrongSize, match=r'has the fleet "p2".*take it down first'):
        Federation.of_size(0, 0, "p2").grown_to(None, None, "")


@pytest.mark.parametrize("preset", ["", "p2"])
def test_a_preset_fleet_is_written_with_the_rest(tmp_path: Path, preset: str) -> None:
    write_federation(tmp_path, Federation.of_size(0, 1, preset))

    assert read_federation(tmp_path) == Federation.of_size(0, 1, preset)


@pytest.mark.parametrize("slurm", [0, 1, 2])
def test_what_was_written_of_a_lab_is_read_again(tmp_path: Path, slurm: int) -> None:
    write_federation(tmp_path, Federation.of_size(slurm, simulated=3))

    assert read_federation(tmp_path) == Federation.of_size(slurm, simulated=3)


def test_centres_have_names_that_slurm_takes_and_none_twice() -> None:
    names = [site.name for site in SLURM_SITES]

    assert len(set(names)) == len(names)
    assert all(CENTRE_NAME.fullmatch(name) for name in names)


def test_no_two_centres_ask_the_same_prices_or_stand_in_the_same_region() -> None:
    assert len({site.region for site in SLURM_SITES}) == len(SLURM_SITES)
    for price in ("core_hour", "core_hour_beside_cards", "card_hour"):
        assert len({getattr(site.prices, price) for site in SLURM_SITES}) == len(SLURM_SITES)


def test_the_second_centre_knows_one_tenant_of_the_first_only() -> None:
    first, second = Federation.of_size(2).slurm

    assert set(first.tenants) == {"team-a", "team-b"}
    assert set(second.tenants) == {"team-a"}


@pytest.mark.parametrize("site", SLURM_SITES, ids=lambda site: site.name)
def test_the_pools_of_a_centre_are_of_its_size_and_at_its_prices(site: Site) -> None:
    pools = pools_of(site)

    assert pools["cpu"]["shape"]["nodes"] == site.cpu_node_count
    assert pools["cpu"]["shape"]["coresPerNode"] == site.cpus_per_node
    assert pools["cpu"]["tariff"]["perCoreHour"] == site.prices.core_hour
    assert pools["gpu"]["shape"]["nodes"] == 1
    assert pools["gpu"]["cardModel"] == site.card_model
    assert pools["gpu"]["tariff"]["perCardHour"] == site.prices.card_hour


def test_a_lab_without_centres_has_the_parts_of_the_hubs_side(tmp_path: Path) -> None:
    assert [part.name for part in parts_of(a_lab(tmp_path, slurm=0))] == HUB_SIDE


def test_the_parts_of_centres_are_named_after_them(tmp_path: Path) -> None:
    parts = parts_of(a_lab(tmp_path, slurm=2))

    assert [part.name for part in parts] == [
        *HUB_SIDE,
        "alpha-agent", "alpha-slurmctld", "alpha-munged",
        "alpha-c0", "alpha-c1", "alpha-c2", "alpha-g0",
        "beta-agent", "beta-slurmctld", "beta-munged",
        "beta-c0", "beta-c1", "beta-c2", "beta-c3", "beta-g0",
    ]  # fmt: skip
    assert not any(part.runs for part in parts)
    assert len({part.log for part in parts}) == len(parts)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("beta-agent", ["beta-agent"], id="a-part"),
        pytest.param("hub", ["hub"], id="a-part-of-the-hubs-side"),
        pytest.param(
            "alpha",
            [f"alpha-{part}" for part in ("agent", "slurmctld", "munged", "c0", "c1", "c2", "g0")],
            id="a-centre",
        ),
    ],
)
def test_a_part_is_found_by_its_name_and_those_of_a_centre_by_the_centres(
    tmp_path: Path, asked: str, found: list[str]
) -> None:
    assert [part.name for part in find_parts(a_lab(tmp_path, slurm=2), asked)] == found


@pytest.mark.parametrize("asked", ["kube", "alpha-c", "gamma", ""])
def test_a_name_of_no_part_and_no_centre_is_answered_with_those_that_are(tmp_path: Path, asked: str) -> None:
    with pytest.raises(NoSuchPart, match="alpha-agent"):
        find_parts(a_lab(tmp_path, slurm=2), asked)
