"""The configuration file of a fleet, fleet.yaml: many simulated members."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from computility.agent.accounts import AccountsTable, PoolRow, TenantRow
from computility.agent.config import MemberSettings, PoolSettings
from computility.agent.settings import Setting, SettingsError, convert_settings, load_yaml, unknown_field
from computility.backends.simulated.config import CentreConfig, NodeGroup, Partition
from computility.model.base import DnsLabel, MemberName
from computility.model.quantity import parse_bytes
from computility.model.resource_pool import ResourcePoolSpec


class FleetPool(PoolSettings, frozen=True, kw_only=True):
    """A pool of a simulated member; `partition` "" is the one that has the pool's name."""

    partition: str = ""


class FleetMember(Setting, frozen=True, kw_only=True):
    """One simulated member.

    `tenants` says as which local account each tenant namespace's work runs. Without `centre` there is a
    group of nodes and a partition for each pool, of the pool's own shape. `seed`, if given, is the centre's;
    without either it comes of the member's name.
    """

    name: MemberName
    token_file: str
    tenants: dict[DnsLabel, str]
    pools: tuple[FleetPool, ...] = ()
    centre: CentreConfig | None = None
    seed: int | None = None


class FleetConfig(Setting, frozen=True, kw_only=True):
    """All that a fleet is told.

    `folder` holds a folder for each member, with its journal and its centre. `clock_factor` says how many
    seconds pass at the centres in one of ours.
    """

    server: str
    ca_file: str | None = None
    folder: str
    clock_factor: Annotated[float, Meta(ge=1, le=10_000)] = 1.0
    heartbeat_seconds: Annotated[float, Meta(ge=0.2, le=3600)] = 10.0
    members: tuple[FleetMember, ...]


def read_fleet(path: Path) -> FleetConfig:
    """Read fleet.yaml.

    Raises:
        SettingsError: It cannot be read, a field is unknown or wrong, or a member is named twice.
    """
    plain = load_yaml(path)
    config = convert_settings(path, plain, FleetConfig)
    for member, text in zip(config.members, plain["members"], strict=True):
        problem = _find_problem(member, text)
        if problem:
            raise SettingsError(f'cannot use "{path}": member "{member.name}" {problem}')
    twice = _find_twice([member.name for member in config.members])
    if twice:
        raise SettingsError(f'cannot use "{path}": member "{twice}" stands there twice')
    return config


def _find_problem(member: FleetMember, plain: Any) -> str:
    """Say what is wrong with a member that is well-formed; "" if nothing is."""
    for pool, text in zip(member.pools, plain.get("pools", ()), strict=True):
        unknown = unknown_field(text, pool)
        if unknown:
            return f'has a pool "{pool.name}" with the unknown field "{unknown}"'
        if pool.spec is None:
            return f'has a pool "{pool.name}" without a spec: a fleet applies its pools itself'
    twice = _find_twice([pool.name for pool in member.pools])
    if twice:
        return f'has two pools "{twice}"'
    partitions = {partition.name for partition in build_centre(member).partitions}
    missing = next((p.name for p in member.pools if partition_of(p) not in partitions), "")
    return f'has no partition for pool "{missing}": add it to the centre, or name another' if missing else ""


def _find_twice(names: Sequence[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")


def partition_of(pool: FleetPool) -> str:
    """Return the partition that stands behind a pool."""
    return pool.partition or pool.name


def build_settings(config: FleetConfig, member: FleetMember) -> MemberSettings:
    """Say what the agent of a member is told."""
    return MemberSettings(member=member.name, heartbeat_seconds=config.heartbeat_seconds, pools=member.pools)


def build_table(member: FleetMember) -> AccountsTable:
    """Say which pool is which partition, and as whom a tenant's work runs."""
    return AccountsTable(
        pools={pool.name: _build_row(pool) for pool in member.pools},
        tenants={namespace: TenantRow(account=account) for namespace, account in member.tenants.items()},
    )


def _build_row(pool: FleetPool) -> PoolRow:
    """Say what stands behind a pool; a simulated centre calls modules and MPIs as the network does."""
    modules, mpi = (pool.spec.modules, pool.spec.mpi) if pool.spec else ((), ())
    return PoolRow(
        partition=partition_of(pool),
        modules={alias: (alias,) for alias in modules},
        mpi={name: name for name in mpi},
    )


def build_centre(member: FleetMember) -> CentreConfig:
    """Build the centre: the one that is given, or one that has just what the pools offer."""
    centre = member.centre or _build_from_pools(member.pools)
    return msgspec.structs.replace(centre, seed=_choose_seed(member, centre))


def _choose_seed(member: FleetMember, centre: CentreConfig) -> int:
    """Choose what is said; else what comes of the name, so that no two members draw alike."""
    said = (seed for seed in (member.seed, centre.seed) if seed is not None)
    return next(said, zlib.crc32(member.name.encode()))


def _build_from_pools(pools: Sequence[FleetPool]) -> CentreConfig:
    behind = {partition_of(pool): pool for pool in pools}
    return CentreConfig(
        groups=tuple(_build_group(name, pool.spec) for name, pool in behind.items() if pool.spec),
        partitions=tuple(
            Partition(name=name, max_run_seconds=float(pool.spec.limits.max_run_seconds))
            for name, pool in behind.items()
            if pool.spec
        ),
    )


def _build_group(name: str, spec: ResourcePoolSpec) -> NodeGroup:
    return NodeGroup(
        name=name,
        nodes=spec.shape.nodes,
        cores=spec.shape.cores_per_node,
        memory_mib=parse_bytes(spec.shape.memory_per_node) >> 20,
        cards=spec.shape.cards_per_node,
        card_model=spec.card_model,
    )
