"""`computility pools find`: which pools would take such a job, the cheapest first."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from computility.cli.cluster import Cluster
from computility.cli.connect import connect
from computility.cli.found_pools import Found, document
from computility.cli.offers import read_preset, read_snapshot
from computility.cli.options import Context, Fleet, Kubeconfig, Output
from computility.cli.pool_cells import cells, heads, last_line
from computility.cli.pool_options import (
    CardMemory,
    CardModels,
    Cards,
    CardsPerNode,
    Cores,
    Latency,
    Limit,
    MaxPrice,
    Modules,
    Mpi,
    Near,
    Nodes,
    Precisions,
    Regions,
    RunSeconds,
    Scratch,
    Tenant,
    Toolkits,
)
from computility.cli.pool_wishes import Wishes, build_request
from computility.cli.printing import print_document, print_lines, print_table
from computility.cli.unswept import unswept
from computility.cli.user_class import read_user_classes
from computility.placement.request import Request

_HOUR = 3600


def find(
    *,
    precision: Precisions = [],  # noqa: B006 - never changed
    card_model: CardModels = [],  # noqa: B006
    card_memory: CardMemory = "",
    toolkit: Toolkits = [],  # noqa: B006
    module: Modules = [],  # noqa: B006
    mpi: Mpi = "",
    scratch: Scratch = "",
    cards: Cards = 0,
    cards_per_node: CardsPerNode = 0,
    nodes: Nodes = 0,
    cores: Cores = 1,
    run_seconds: RunSeconds = _HOUR,
    max_price: MaxPrice = "",
    near: Near = "",
    latency: Latency = None,
    region: Regions = [],  # noqa: B006
    limit: Limit = 20,
    output: Annotated[Output, typer.Option("--output", "-o", help="How to print.")] = Output.TABLE,
    fleet: Fleet = None,
    namespace: Tenant = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show which pools would take such a job, the cheapest first, and why the others would not.

    The filters are those of a job. A full pool takes a job too: FREE is what is free by the centre's last
    report, without what the network's own jobs hold. AN-HOUR is what all that is asked for costs an hour, in
    CNY and whole nodes where the pool gives nothing less. REFERENCE-HOUR is the card-hour over its speed:
    the price of what an A100 (without cards, a reference core) does in an hour, in the first --precision.
    """
    wished = (precision, card_model, card_memory, toolkit, cards, cards_per_node, nodes, cores)
    wishes = Wishes(*wished, run_seconds, max_price, near, latency, region, module, mpi, scratch)
    cluster = None if fleet else connect(namespace, context, kubeconfig)
    request = build_request(wishes, cluster.namespace if cluster else namespace or "default")
    with unswept():
        snapshot = read_snapshot(cluster) if cluster else read_preset(str(fleet))
        asked = _in_its_class(request, cluster)
        show(Found(snapshot.answer(asked, datetime.now(UTC)), limit), output)


def _in_its_class(request: Request, cluster: Cluster | None) -> Request:
    """Have the request pay what its namespace's class of user pays, if there is a cluster that says so."""
    if cluster is None:
        return request
    user_class = read_user_classes(cluster, [request.namespace])[request.namespace]
    return msgspec.structs.replace(request, user_class=user_class)


def show(found: Found, form: Output) -> None:
    """Print pools, and as the last line what was turned down."""
    if form in (Output.JSON, Output.YAML):
        print_document(document(found), form)
        return
    is_wide = form is Output.WIDE
    if lines := found.lines:
        print_table(heads(found, is_wide=is_wide), (cells(line, is_wide=is_wide) for line in lines))
    print_lines(last_line(found))
