"""The preset p3: 7,000 pools in 1,000 members, each drawn around a row of p2's table.

Member number n is the same in a fleet of any size with this seed, so that a smaller one is the beginning of a
larger one.
"""

import random

from computility.lab.fleets.build import Offer, build_member, build_pool, labels_of
from computility.lab.fleets.chips import ACCELERATORS
from computility.lab.fleets.links import links_between_all
from computility.lab.fleets.preset import Preset, PresetCentre
from computility.lab.fleets.provinces import PROVINCES, Province
from computility.model.resource_pool import ResourcePool
from computility.model.tariff import Tariff

POOLS = 7_000
POOLS_PER_MEMBER = 7
PRICES = {province.chip: float(province.card_hour) for province in PROVINCES}
"""CNY for a card-hour of each chip, as the last province that has it sells it."""


def p3_fleet(pools: int = POOLS, seed: int = 1) -> Preset:
    """Draw a fleet, with a way from each province to each other.

    Args:
        pools: How many pools; members have 7, the last what is left.
        seed: Where all its randomness comes from.
    """
    numbers = range(0, pools, POOLS_PER_MEMBER)
    centres = (
        _draw_centre(seed, number // POOLS_PER_MEMBER + 1, min(POOLS_PER_MEMBER, pools - number))
        for number in numbers
    )
    return Preset(centres=tuple(centres), links=links_between_all())


def _draw_centre(seed: int, number: int, pools: int) -> PresetCentre:
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - to be repeated, not to be secret
    province = chance.choice(PROVINCES)
    name = f"{province.place}-{number}"
    drawn = tuple(_draw_pool(chance, province, name, index) for index in range(1, pools + 1))
    return PresetCentre(build_member(name, province), drawn)


def _draw_pool(chance: random.Random, province: Province, member: str, index: int) -> ResourcePool:
    chip = chance.choice(ACCELERATORS)
    offer = Offer(
        chip=chip,
        nodes=max(1, round(chance.lognormvariate(4, 1))),
        cores_per_node=8 * chance.randint(4, 16),
        tariff=Tariff(per_card_hour=f"{PRICES[chip] * chance.uniform(0.7, 1.4):.2f}"),
        queue_hours=round(province.queue_hours * chance.lognormvariate(0, 0.5), 3),
        grid_kg_per_kwh=province.grid_kg_per_kwh,
        green_share=_draw_share(chance, province.green_share),
        pue=round(max(1.05, province.pue + chance.uniform(-0.05, 0.05)), 3),
    )
    return build_pool(member, f"{chip.pool}-{index}", offer, labels_of(province))


def _draw_share(chance: random.Random, around: float) -> float:
    return round(min(1.0, max(0.0, around + chance.uniform(-0.15, 0.15))), 3)
