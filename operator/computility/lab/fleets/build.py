"""Building the objects of a preset fleet from the figures of a centre and its place."""

from typing import NamedTuple

from computility.lab.fleets.chips import Chip
from computility.lab.fleets.provinces import Province
from computility.model.member_cluster import BackendType, Location, MemberCluster, MemberClusterSpec
from computility.model.meta import ObjectMeta
from computility.model.names import member_namespace
from computility.model.pool_facts import AllocationUnit, Energy, QueueWait
from computility.model.resource_pool import Access, PoolLimits, ResourcePool, ResourcePoolSpec, Shape
from computility.model.tariff import Tariff

NATIONAL_HUB_LABEL = "computility.io/national-hub"
TENANTS = ("team-a", "team-b")
"""Who may use the pools of a preset fleet."""
HOUR = 3600.0
LONGEST_RUN_SECONDS = 30 * 86_400


class Offer(NamedTuple):
    """What a pool is built from.

    Attributes:
        chip: What its nodes have.
        nodes: How many.
        cores_per_node: Of each.
        tariff: What it costs.
        queue_hours: How long jobs wait, at the median as at the 95th percentile.
        grid_kg_per_kwh, green_share, pue: As in `spec.energy`.
    """

    chip: Chip
    nodes: int
    cores_per_node: int
    tariff: Tariff
    queue_hours: float
    grid_kg_per_kwh: float
    green_share: float
    pue: float


def build_member(name: str, province: Province) -> MemberCluster:
    """Build the entry of a simulated centre, accepted."""
    spec = MemberClusterSpec(
        backend=BackendType.SIMULATED, location=Location(region=province.region), accepted=True
    )
    return MemberCluster(metadata=ObjectMeta(name=name, labels=labels_of(province)), spec=spec)


def build_pool(member: str, name: str, offer: Offer, labels: dict[str, str]) -> ResourcePool:
    """Build a pool that says all that a pool can say of itself."""
    return ResourcePool(
        metadata=ObjectMeta(name=name, namespace=member_namespace(member), labels=labels),
        spec=_spec(offer),
    )


def labels_of(province: Province) -> dict[str, str]:
    """Return the labels that a province's members and pools carry."""
    return {NATIONAL_HUB_LABEL: province.national_hub} if province.national_hub else {}


def _spec(offer: Offer) -> ResourcePoolSpec:
    chip, wait_seconds = offer.chip, offer.queue_hours * HOUR
    return ResourcePoolSpec(
        architecture=chip.architecture,
        shape=Shape(
            nodes=offer.nodes,
            cores_per_node=offer.cores_per_node,
            memory_per_node=chip.node_memory,
            cards_per_node=chip.cards_per_node,
        ),
        card_model=chip.card_model,
        card_memory=f"{chip.memory_gib}Gi",
        precisions=chip.precisions,
        toolkits=(chip.toolkit,),
        benchmark=chip.benchmark,
        queue_wait=(QueueWait(p50_seconds=wait_seconds, p95_seconds=wait_seconds),),
        hold_accrues_age=True,
        energy=_energy(offer),
        allocation_unit=_unit(offer.tariff),
        limits=PoolLimits(max_run_seconds=LONGEST_RUN_SECONDS),
        tariff=offer.tariff,
        access=Access(namespaces=TENANTS),
    )


def _energy(offer: Offer) -> Energy:
    return Energy(
        grid_kg_per_kwh=offer.grid_kg_per_kwh,
        green_share=offer.green_share,
        pue=offer.pue,
        watts_per_card=offer.chip.watts_per_card,
        watts_per_core=offer.chip.watts_per_core,
    )


def _unit(tariff: Tariff) -> AllocationUnit:
    """Give whole nodes where cores have no price of their own: a job without cards would be free there."""
    return AllocationUnit.CORE if float(tariff.per_core_hour) else AllocationUnit.NODE
