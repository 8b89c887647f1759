"""What somebody wishes of a pool, as the request of a job that would wish the same."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import typer

from computility.cli.job_checks import fills_nodes
from computility.model.base import Amount, ModuleAlias, Quantity, Word
from computility.model.compute_job import (
    Form,
    LatencyClass,
    PlacementSpec,
    PoolSelector,
    Requirements,
    Resources,
)
from computility.model.data_link import Place
from computility.model.pool_facts import Precision, Toolkit
from computility.model.region import Region
from computility.placement.request import Request

ANY_MPI = "any"


class Wishes(NamedTuple):
    """The options of `pools find`, as they were typed."""

    precisions: Sequence[Precision] = ()
    card_models: Sequence[str] = ()
    card_memory: str = ""
    toolkits: Sequence[str] = ()
    cards: int = 0
    cards_per_node: int = 0
    nodes: int = 0
    cores: int = 1
    run_seconds: int = 3600
    max_price: str = ""
    near: str = ""
    latency: LatencyClass | None = None
    regions: Sequence[str] = ()
    modules: Sequence[str] = ()
    mpi: str = ""
    scratch: str = ""


def build_request(wishes: Wishes, namespace: str) -> Request:
    """Build what a job would ask for that has these wishes.

    Who wishes something of cards and says no number wants one.

    Raises:
        typer.BadParameter: A wish is no such thing, or contradicts another; the message names the option.
    """
    resources = _resources(wishes)
    return Request(
        namespace=namespace,
        resources=resources,
        requirements=_requirements(wishes),
        placement=_placement(wishes, is_of_cards=bool(resources.cards)),
        max_run_seconds=wishes.run_seconds,
        forms=(_form(wishes),),
        mpi=_mpi(wishes.mpi),
    )


def _form(wishes: Wishes) -> Form:
    alias = _Reader(
        "--module", ModuleAlias, "an alias as `computility pools find -o wide` shows it, such as gcc"
    )
    return Form(modules=tuple(map(alias.read, wishes.modules)))


def _mpi(wished: str) -> str | None:
    """Read which MPI has to be there: "" for any, None for no need of one."""
    if wished in ("", ANY_MPI):
        return "" if wished else None
    name: str = _Reader("--mpi", Word, "a name such as openmpi, or any").read(wished)
    return name


def _resources(wishes: Wishes) -> Resources:
    asks_cards = wishes.precisions or wishes.card_models or wishes.card_memory or wishes.cards_per_node
    cards = wishes.cards or wishes.cards_per_node * (wishes.nodes or 1) or (1 if asks_cards else 0)
    room = _Reader("--scratch", Quantity, "a quantity such as 2Ti")
    made = Resources(
        cards=cards,
        cards_per_node=wishes.cards_per_node or None,
        nodes=wishes.nodes or None,
        cpus_per_task=wishes.cores,
        scratch=room.read(wishes.scratch) if wishes.scratch else None,
    )
    if not fills_nodes(made):
        raise typer.BadParameter(
            f"{cards} cards do not fill their nodes evenly: --cards is --cards-per-node times --nodes; "
            "leave one of them out"
        )
    return made


def _requirements(wishes: Wishes) -> Requirements:
    model = _Reader("--card-model", Word, "a model as `computility pools find` shows it, such as nvidia-a100")
    memory = _Reader("--card-memory", Quantity, "a quantity such as 40Gi")
    return Requirements(
        precisions=tuple(wishes.precisions),
        card_models=tuple(map(model.read, wishes.card_models)),
        min_card_memory=memory.read(wishes.card_memory) if wishes.card_memory else None,
        toolkits=tuple(map(_read_toolkit, wishes.toolkits)),
    )


def _placement(wishes: Wishes, *, is_of_cards: bool) -> PlacementSpec:
    if wishes.latency and not wishes.near:
        raise typer.BadParameter("--latency needs --near: say where the round trip is counted from")
    price = _Reader(
        "--max-price", Amount, "a price of a card-hour, or of a core-hour without cards, such as 4"
    )
    place = _Reader("--near", Place, "a region such as CN-SH, or member/NAME")
    region = _Reader("--region", Region, "an ISO 3166-2 code such as CN-SH")
    cap = price.read(wishes.max_price) if wishes.max_price else None
    return PlacementSpec(
        pool_selector=PoolSelector(regions=tuple(map(region.read, wishes.regions))),
        near=place.read(wishes.near) if wishes.near else None,
        latency_class=wishes.latency,
        max_price_per_card_hour=cap if is_of_cards else None,
        max_price_per_core_hour=None if is_of_cards else cap,
    )


def _read_toolkit(text: str) -> Toolkit:
    name, _, version = text.partition(":")
    wanted = {"name": name, "version": version or "0"}
    toolkit: Toolkit = _Reader("--toolkit", Toolkit, "NAME or NAME:VERSION, such as cuda:12.4").read(
        wanted, text
    )
    return toolkit


class _Reader(NamedTuple):
    """Reads one option's value as a type of the model; `example` says what it takes."""

    option: str
    type: Any
    example: str

    def read(self, value: Any, typed: str = "") -> Any:
        try:
            return msgspec.convert(value, self.type)
        except msgspec.ValidationError as error:
            raise typer.BadParameter(
                f'"{typed or value}" is no value of {self.option}: it takes {self.example}'
            ) from error
