"""The preset p2: the 33 centres of `provinces`, one pool each."""

from computility.lab.fleets.build import Offer, build_member, build_pool, labels_of
from computility.lab.fleets.links import links_from_data
from computility.lab.fleets.preset import Preset, PresetCentre
from computility.lab.fleets.provinces import PROVINCES, Machine, Province
from computility.model.tariff import Tariff


def p2_fleet() -> Preset:
    """Build the fleet, with the ways between Shanghai and the other provinces."""
    centres = tuple(_centre(province, machine) for province in PROVINCES for machine in province.machines)
    return Preset(centres=centres, links=links_from_data())


def _centre(province: Province, machine: Machine) -> PresetCentre:
    offer = Offer(
        chip=province.chip,
        nodes=machine.nodes,
        cores_per_node=machine.cores_per_node,
        tariff=_tariff(province),
        queue_hours=province.queue_hours,
        grid_kg_per_kwh=province.grid_kg_per_kwh,
        green_share=province.green_share,
        pue=province.pue,
    )
    pool = build_pool(machine.name, province.chip.pool, offer, labels_of(province))
    return PresetCentre(build_member(machine.name, province), (pool,))


def _tariff(province: Province) -> Tariff:
    if province.core_hour is None:
        return Tariff(per_card_hour=province.card_hour)
    return Tariff(per_core_hour=province.core_hour, per_card_hour=province.card_hour)
