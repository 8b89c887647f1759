"""The centres that a lab can have. They differ, so that placement has something to choose."""

from computility.lab.modulefiles import GREETINGS, MPI
from computility.lab.site import Prices, SimulatedSite, SlurmSite

SLURM_SITES = (
    SlurmSite(name="alpha", region="CN-GS", modules={**MPI, **GREETINGS}),
    SlurmSite(
        name="beta",
        region="CN-NX",
        cpu_node_count=4,
        cpus_per_node=16,
        memory_mib=32000,
        card_model="k100-ai",
        prices=Prices(core_hour="0.08", core_hour_beside_cards="0.15", card_hour="7.2"),
        tenants={"team-a": "alice"},
    ),
    SlurmSite(
        name="gamma",
        region="CN-GZ",
        modules={**MPI, **GREETINGS},
        cpu_node_count=2,
        cpus_per_node=32,
        card_model="910b",
        prices=Prices(core_hour="0.1", core_hour_beside_cards="0.18", card_hour="5.4"),
    ),
    SlurmSite(
        name="delta",
        region="CN-NM",
        cpu_node_count=1,
        prices=Prices(core_hour="0.15", core_hour_beside_cards="0.25", card_hour="4.9"),
        tenants={"team-b": "bob"},
    ),
)
"""In the order in which a lab gets them. Each has real daemons, so they are few."""

MOST_SIMULATED = 99
_REGIONS = ("CN-GS", "CN-NX", "CN-GZ", "CN-NM", "CN-SC", "CN-GD", "CN-HE", "CN-AH", "CN-SD")
_CARD_MODELS = ("a800", "k100-ai", "910b", "mlu590")


def simulated_sites(count: int) -> tuple[SimulatedSite, ...]:
    """Return so many simulated centres, `sim-1`, `sim-2`, ...: number n is the same in every lab."""
    return tuple(map(_simulated_site, range(1, count + 1)))


def _simulated_site(number: int) -> SimulatedSite:
    size, price = number * 37 % 11, number * 29 % 13
    return SimulatedSite(
        name=f"sim-{number}",
        region=_REGIONS[number % len(_REGIONS)],
        cpu_node_count=40 + 30 * size,
        card_node_count=4 + 4 * size,
        cpus_per_node=64,
        memory_mib=256_000,
        card_model=_CARD_MODELS[number % len(_CARD_MODELS)],
        prices=Prices(
            core_hour=f"0.{6 + price:02}",
            core_hour_beside_cards=f"0.{12 + price:02}",
            card_hour=f"{4 + price}.5",
        ),
        seed=number,
    )
