"""What a centre of the lab is before it is started: its place, its size, its prices, its tenants."""

from collections.abc import Mapping

import msgspec

from computility.lab.modulefiles import MPI

CARDS_PER_NODE = 4


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """In CNY an hour, as decimal text: a core, a core of a node that has cards, and a card."""

    core_hour: str = "0.12"
    core_hour_beside_cards: str = "0.2"
    card_hour: str = "6.5"


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One centre: nodes without cards, and nodes with `CARDS_PER_NODE`.

    `pools` maps the network's names to partitions, `tenants` namespaces of the hub to local accounts.
    """

    name: str
    region: str = "CN-GS"
    cpu_node_count: int = 3
    card_node_count: int = 1
    cpus_per_node: int = 8
    memory_mib: int = 16000
    card_model: str = "a100"
    prices: Prices = Prices()
    pools: Mapping[str, str] = msgspec.field(default_factory=lambda: {"cpu": "cpu", "gpu": "gpu"})
    tenants: Mapping[str, str] = msgspec.field(default_factory=lambda: {"team-a": "alice", "team-b": "bob"})


class SlurmSite(Site, frozen=True, kw_only=True):
    """A centre with a real Slurm: each node is a slurmd of its own, and how patient the controller is.

    `modules` maps aliases to modules, of those in `modulefiles`, that are loaded for them.
    """

    modules: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: dict(MPI))
    slurmd_timeout_seconds: int = 10
    kill_wait_seconds: int = 5
    min_job_age_seconds: int = 300

    @property
    def cpu_nodes(self) -> tuple[str, ...]:
        """Names of the nodes without cards."""
        return tuple(f"{self.name}-c{number}" for number in range(self.cpu_node_count))

    @property
    def card_nodes(self) -> tuple[str, ...]:
        """Names of the nodes with cards."""
        return tuple(f"{self.name}-g{number}" for number in range(self.card_node_count))

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of all nodes, those with cards last."""
        return *self.cpu_nodes, *self.card_nodes


class SimulatedSite(Site, frozen=True, kw_only=True):
    """A centre that is only reckoned: no payload runs there, so it knows no tenant who wants one to.

    `seed` is where its randomness comes from.
    """

    seed: int
    tenants: Mapping[str, str] = msgspec.field(default_factory=lambda: {SANDBOX: "sandbox"})


SANDBOX = "sandbox"
"""The tenant namespace whose work is simulated."""
