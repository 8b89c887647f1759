"""The table of the preset p2: 33 centres in 14 provinces, 150,000 cards, 2,000,000 cores.

Regions, chips and clusters are real, grid factors are published ones of the province or its region (2022);
centres and prices are invented, and so is what a province has in all. A card's price has its part of the node
in it. Each province's cards are divided over its centres in whole nodes; cores per node differ a little, so
that its cores come out exactly.
"""

from typing import NamedTuple

from computility.lab.fleets.chips import A100, ASCEND_910B, BW1000, H100, K100_AI, SW26010, Z100, Chip


class Machine(NamedTuple):
    """What one centre has: its nodes, all alike."""

    name: str
    nodes: int
    cores_per_node: int


class Province(NamedTuple):
    """One row: a place and what its centres have in common.

    Attributes:
        region: ISO 3166-2 code.
        place: Where in it.
        national_hub: Which of the country's eight computing hubs it belongs to; "" for none.
        latitude, longitude: Of the place, in degrees; round trips are reckoned from them.
        chip: What its centres have.
        card_hour: CNY for a card and an hour.
        grid_kg_per_kwh: CO2 of the grid, location-based.
        green_share: Share of contracted green power.
        pue: Power usage effectiveness.
        queue_hours: How long jobs wait.
        gbps: Bandwidth of the way to Shanghai.
        egress: CNY for a GB that is brought here.
        machines: Its centres.
        core_hour: CNY for a core and an hour, where cores are sold by themselves.
    """

    region: str
    place: str
    national_hub: str
    latitude: float
    longitude: float
    chip: Chip
    card_hour: str
    grid_kg_per_kwh: float
    green_share: float
    pue: float
    queue_hours: float
    gbps: float
    egress: str
    machines: tuple[Machine, ...]
    core_hour: str | None = None


def _machines(place: str, **sizes: tuple[int, int]) -> tuple[Machine, ...]:
    """Name the centres of a place: invented name to nodes and cores per node."""
    return tuple(Machine(f"{place}-{name}", *size) for name, size in sizes.items())


PROVINCES = (
    Province(
        "CN-HE", "zhangjiakou", "jing-jin-ji", 40.8, 114.9, A100, "5.20", 0.7252, 0.55, 1.22, 6, 20, "0.02",
        _machines("zhangjiakou", birch=(450, 112), snowgate=(300, 112), windmill=(375, 96)),
    ),
    Province(
        "CN-TJ", "tianjin", "", 39.0, 117.7, Z100, "1.10", 0.7041, 0.20, 1.30, 1, 10, "0.02",
        _machines("tianjin", saltern=(500, 320), seawall=(250, 400)),
    ),
    Province(
        "CN-SH", "qingpu", "yangtze-delta", 31.15, 121.1, H100, "14.50", 0.5617, 0.25, 1.25, 14, 100, "0",
        _machines("qingpu", lotus=(500, 96), watergate=(375, 112)),
    ),
    Province(
        "CN-JS", "wuxi", "", 31.5, 120.3, SW26010, "9.50", 0.5617, 0.20, 1.30, 4, 40, "0.01",
        _machines("wuxi", clay=(1200, 190), plumtree=(800, 190)), core_hour="0.05",
    ),
    Province(
        "CN-AH", "wuhu", "yangtze-delta", 31.35, 118.4, ASCEND_910B, "4.80", 0.6782, 0.35, 1.22, 5, 40,
        "0.01", _machines("wuhu", heron=(625, 64), ironbridge=(500, 80), reed=(375, 80)),
    ),
    Province(
        "CN-SD", "jinan", "", 36.65, 117.0, K100_AI, "2.10", 0.6776, 0.25, 1.28, 2, 10, "0.02",
        _machines("jinan", spring=(375, 256), thousandwillow=(250, 256), kiln=(250, 320)),
    ),
    Province(
        "CN-HA", "zhengzhou", "", 34.75, 113.65, BW1000, "3.60", 0.5395, 0.30, 1.18, 1, 40, "0.01",
        _machines("zhengzhou", crossroads=(2500, 40), bronze=(2000, 40)),
    ),
    Province(
        "CN-GD", "shaoguan", "greater-bay", 24.8, 113.6, H100, "13.20", 0.3869, 0.45, 1.25, 3, 20, "0.02",
        _machines("shaoguan", redcliff=(625, 96), camphor=(500, 96), northgate=(375, 112)),
    ),
    Province(
        "CN-SC", "tianfu", "cheng-yu", 30.4, 104.1, ASCEND_910B, "4.20", 0.1404, 0.85, 1.20, 4, 10, "0.03",
        (
            *_machines("tianfu", hibiscus=(500, 80), gingko=(250, 80)),
            *_machines("garze", hydrocave=(625, 96)),
        ),
    ),
    Province(
        "CN-CQ", "chongqing", "cheng-yu", 29.6, 106.5, ASCEND_910B, "4.40", 0.2268, 0.45, 1.25, 3, 10, "0.03",
        _machines("chongqing", ropeway=(625, 96), stilthouse=(250, 80)),
    ),
    Province(
        "CN-NM", "horinger", "inner-mongolia", 40.4, 111.8, ASCEND_910B, "3.30", 0.6849, 0.80, 1.15, 2, 20,
        "0.02", _machines("horinger", steppe=(750, 80), larkspur=(625, 48)),
    ),
    Province(
        "CN-GZ", "guian", "guizhou", 26.4, 106.6, ASCEND_910B, "3.70", 0.3869, 0.60, 1.20, 2, 10, "0.03",
        _machines("guian", karst=(875, 40), terrace=(625, 56)),
    ),
    Province(
        "CN-GS", "qingyang", "gansu", 35.7, 107.6, K100_AI, "1.60", 0.5857, 0.80, 1.15, 1, 10, "0.03",
        _machines("qingyang", loess=(750, 48), apricot=(500, 48)),
    ),
    Province(
        "CN-NX", "zhongwei", "ningxia", 37.5, 105.2, A100, "3.90", 0.5857, 0.85, 1.15, 3, 10, "0.03",
        _machines("zhongwei", dune=(625, 56), wolfberry=(375, 40)),
    ),
)  # fmt: skip
"""In the order in which the manifests have them."""

DATA_REGION = "CN-SH"
"""Where the data of the fleet's jobs is, and from where its links are known."""
