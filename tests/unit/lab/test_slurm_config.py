"""What a centre of the lab is made of: its table, its configuration, its rights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from computility.lab.plan import Plan
from computility.lab.slurm_config import (
    CENTRE_NAME,
    HELPER,
    MUNGE_KEY,
    CentreSpec,
    build_plan,
    render_slurm_conf,
    render_table,
)


def a_spec(**changes: Any) -> CentreSpec:
    return CentreSpec(**{"name": "alpha", "controller_port": 21001, "node_ports": [1, 2, 3, 4], **changes})


def a_plan(helper_files: Mapping[str, str] | None = None, **changes: Any) -> Plan:
    files = helper_files or {"computility-exec": "text"}
    return build_plan(a_spec(**changes), Path("/lab"), reveal=[], helper_files=files, tied=False)


def lines_with(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if word in line and not line.startswith("#")]


def test_the_table_says_which_partition_is_a_pool_and_which_account_is_a_tenants() -> None:
    modules = {"openmpi": ("gcc/12", "openmpi/4.1")}
    spec = a_spec(pools={"k100": "gpu"}, tenants={"team-a": "alice", "team-b": "alice"}, modules=modules)

    assert yaml.safe_load(render_table(spec)) == {
        "root": "/srv/computility",
        "pools": {
            "k100": {
                "partition": "gpu",
                "mpi": {"openmpi": "pmix"},
                "modules": {"openmpi": ["gcc/12", "openmpi/4.1"]},
            }
        },
        "tenants": {"team-a": {"account": "alice"}, "team-b": {"account": "alice"}},
    }


def test_each_node_has_its_own_port() -> None:
    nodes = lines_with(render_slurm_conf(a_spec(node_ports=[7001, 7002, 7003, 7004])), "NodeName=")

    assert [line.split()[0] for line in nodes] == [
        f"NodeName=alpha-{node}" for node in ("c0", "c1", "c2", "g0")
    ]
    assert [f"Port={port}" in line for port, line in zip(range(7001, 7005), nodes, strict=True)] == [True] * 4


def test_a_site_with_more_nodes_has_them_all_in_its_partition_and_the_cards_on_a_last_one() -> None:
    conf = render_slurm_conf(a_spec(cpu_node_count=4, node_ports=[1, 2, 3, 4, 5]))
    cpu, gpu = lines_with(conf, "PartitionName=")

    assert "Nodes=alpha-c0,alpha-c1,alpha-c2,alpha-c3 " in cpu
    assert "Nodes=alpha-g0 " in gpu
    (card_node,) = lines_with(conf, "Gres=")
    assert "NodeName=alpha-g0 " in card_node
    assert "Port=5 " in card_node


def test_sizes_reach_every_node() -> None:
    nodes = lines_with(render_slurm_conf(a_spec(cpus_per_node=64, memory_mib=512000)), "NodeName=")

    assert len(nodes) == 4
    assert all("CPUs=64 RealMemory=512000" in line for line in nodes)


def test_each_card_is_a_device_of_its_own() -> None:
    gres = next(file.text for file in a_plan(card_model="k100").files if file.path.endswith("gres.conf"))
    devices = [line.split("File=")[1] for line in lines_with(gres, "Name=gpu Type=k100")]

    assert len(devices) == len(set(devices)) == 4


def test_two_tenants_of_one_account_make_one_account() -> None:
    plan = a_plan(tenants={"team-a": "alice", "team-b": "alice"})

    assert [account.name for account in plan.accounts] == ["csvc", "alice"]
    assert plan.groups[0].members == ("alice",)


def test_accounts_and_their_group_have_different_numbers() -> None:
    plan = a_plan(tenants={f"team-{n}": f"user{n}" for n in range(5)}, first_uid=7000)
    numbers = [account.uid for account in plan.accounts] + [group.gid for group in plan.groups]

    assert len(set(numbers)) == 7
    assert min(numbers) == 7000


def test_the_agent_is_in_no_group_that_it_may_act_for() -> None:
    plan = a_plan()

    assert all("csvc" not in group.members for group in plan.groups)


def test_the_helper_belongs_to_root_everybody_may_read_it_and_run_its_scripts() -> None:
    plan = a_plan({"computility-exec": "#!a", "computility_exec/part.py": "b"})
    installed = {file.path: (file.owner, file.mode) for file in plan.files if "libexec" in file.path}
    folders = {folder.path: (folder.owner, folder.mode) for folder in plan.directories}

    assert installed == {
        HELPER: ("root", 0o755),
        "/srv/libexec/computility_exec/part.py": ("root", 0o644),
    }
    assert folders["/srv/libexec/computility_exec"] == ("root", 0o755)


def test_two_centres_have_different_keys() -> None:
    keys = {file.text for plan in (a_plan(), a_plan()) for file in plan.files if file.path == MUNGE_KEY}

    assert len(keys) == 2


def test_the_key_is_the_schedulers_alone() -> None:
    key = next(file for file in a_plan().files if file.path == MUNGE_KEY)

    assert (key.owner, key.mode) == ("slurm", 0o400)


@pytest.mark.parametrize("name", ["", "a", "Alpha", "1alpha", "alpha-", "alpha\n", "al pha", "a" * 31])
def test_a_name_that_slurm_could_misread_is_none(name: str) -> None:
    assert CENTRE_NAME.fullmatch(name) is None
