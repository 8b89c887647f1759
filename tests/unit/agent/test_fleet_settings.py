"""fleet.yaml: what it must say, what follows from it, and how a slip of the pen is answered."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from computility.agent.fleet_settings import (
    FleetConfig,
    build_centre,
    build_settings,
    build_table,
    read_fleet,
)
from computility.agent.settings import SettingsError

SPEC = {
    "architecture": "amd64",
    "cardModel": "dcu-k100",
    "shape": {"nodes": 4, "coresPerNode": 8, "memoryPerNode": "16Gi", "cardsPerNode": 2},
    "limits": {"maxRunSeconds": 7200},
}
CENTRE = {
    "groups": [{"name": "big", "nodes": 100, "cores": 64, "memoryMib": 1000}],
    "partitions": [{"name": "batch", "group": "big"}],
}


def a_member(**changes: Any) -> dict[str, Any]:
    member = {
        "name": "sim-1",
        "tokenFile": "sim-1.token",
        "tenants": {"team-a": "alice"},
        "pools": [{"name": "cpu", "spec": SPEC}],
    }
    return member | changes


def read(folder: Path, *members: dict[str, Any], **changes: Any) -> FleetConfig:
    path = folder / "fleet.yaml"
    config = {"server": "https://hub", "folder": "fleet", "members": members or (a_member(),)}
    path.write_bytes(msgspec.json.encode(config | changes))
    return read_fleet(path)


def test_a_member_without_a_centre_gets_one_of_just_what_its_pools_offer(tmp_path: Path) -> None:
    (member,) = read(tmp_path, a_member(seed=7)).members

    centre = build_centre(member)

    (group,), (partition,) = centre.groups, centre.partitions
    assert (group.nodes, group.cores, group.memory_mib) == (4, 8, 16 * 1024)
    assert (group.cards, group.card_model) == (2, "dcu-k100")
    assert (partition.name, partition.group_name, partition.max_run_seconds) == ("cpu", group.name, 7200)
    assert centre.seed == 7


def test_without_a_seed_each_member_draws_for_itself_and_the_same_again(tmp_path: Path) -> None:
    names = ("sim-1", "sim-2", "sim-3")
    config = read(tmp_path, *(a_member(name=name) for name in names))

    seeds = [build_centre(member).seed for member in config.members]

    assert len(set(seeds)) == 3
    assert seeds == [build_centre(member).seed for member in config.members]
    assert seeds[0] == 260429613  # in every process: not Python's own hash


@pytest.mark.parametrize(("changes", "seed"), [({}, 5), ({"seed": 7}, 7)])
def test_a_seed_that_is_said_is_taken_and_the_members_before_its_centres(
    tmp_path: Path, changes: dict[str, int], seed: int
) -> None:
    pool = {"name": "cpu", "partition": "batch", "spec": SPEC}
    (member,) = read(tmp_path, a_member(centre=CENTRE | {"seed": 5}, pools=[pool], **changes)).members

    assert build_centre(member).seed == seed


def test_a_pool_may_stand_for_a_partition_of_another_name(tmp_path: Path) -> None:
    pool = {"name": "cpu", "partition": "batch", "spec": SPEC}
    (member,) = read(tmp_path, a_member(centre=CENTRE, pools=[pool])).members

    assert build_table(member).pools["cpu"].partition == "batch"
    assert build_centre(member).groups[0].nodes == 100


def test_what_the_agent_is_told_comes_from_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, heartbeatSeconds=3)
    (member,) = config.members

    settings = build_settings(config, member)

    assert (settings.namespace, settings.heartbeat_seconds) == ("member-sim-1", 3)
    assert build_table(member).accounts == {"alice"}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({"clockFactor": 0.5}, "clockFactor", id="a-clock-that-is-slower-than-ours"),
        pytest.param({"members": [a_member(), a_member()]}, '"sim-1"', id="two-members-of-a-name"),
        pytest.param({"members": [a_member(tokenfile="x")]}, "tokenfile", id="an-unknown-field"),
        pytest.param({"members": [a_member(pools=[{"name": "cpu"}])]}, "spec", id="a-pool-without-a-spec"),
        pytest.param(
            {"members": [a_member(pools=[{"name": "cpu", "spec": SPEC | {"tarif": {}}}])]},
            "tarif",
            id="an-unknown-field-of-a-pool",
        ),
        pytest.param(
            {"members": [a_member(pools=2 * [{"name": "cpu", "spec": SPEC}])]},
            'two pools "cpu"',
            id="two-pools-of-a-name",
        ),
        pytest.param({"members": [a_member(centre=CENTRE)]}, 'pool "cpu"', id="a-pool-without-a-partition"),
        pytest.param(
            {"members": [a_member(centre=CENTRE | {"nodes": 3})]}, "nodes", id="an-unknown-field-of-a-centre"
        ),
    ],
)
def test_a_slip_of_the_pen_is_named(tmp_path: Path, changes: dict[str, Any], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        read(tmp_path, **changes)
