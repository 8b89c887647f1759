"""The hub process: options in, parts put together, Kopf run until a signal."""

import argparse
import asyncio
import logging
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from computility.hub.follow import following
from computility.hub.handlers import run_operator
from computility.hub.health import serving
from computility.hub.hub import Hub
from computility.hub.leader import LEASE_NAME, LEASE_SECONDS
from computility.hub.metrics import Metrics
from computility.hub.served import KindsMissing, require_kinds
from computility.hub.service import Service
from computility.kube.client import Client
from computility.kube.config import ClusterConfig, in_cluster_config
from computility.kube.config_error import ConfigError
from computility.kube.errors import ApiError
from computility.kube.kubeconfig import load_kubeconfig
from computility.kube.lease import LeaseLock
from computility.kube.logs import set_up_logs

MANAGER = "computility-hub"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What the command line says.

    `identity` names this process on the hub's Lease: the same after a restart, another for each replica.
    `weights` are the namespaces' fair shares.
    """

    lease_namespace: str
    identity: str
    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 16
    weights: Mapping[str, float] = field(default_factory=dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hub until SIGTERM or SIGINT; returns the exit status."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not (arguments.port or arguments.identity):
        parser.error("--port 0 needs --identity NAME: without a port of its own two hubs would share a name")
    set_up_logs(arguments.log_level)
    options = build_options(arguments)
    try:
        config = (
            load_kubeconfig(arguments.kubeconfig) if arguments.kubeconfig else in_cluster_config(os.environ)
        )
        asyncio.run(run_hub(config, options))
    except (ConfigError, KindsMissing, ApiError, OSError) as error:
        print(f"computility-hub: {error}", file=sys.stderr)  # noqa: T201 - the last word of a process
        return 1
    return 0


def build_options(arguments: argparse.Namespace) -> Options:
    """Build the options that a command line gives."""
    return Options(
        lease_namespace=arguments.lease_namespace,
        identity=arguments.identity or f"{socket.gethostname()}-{arguments.port}",
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        weights=dict(arguments.share),
    )


def parse_share(text: str) -> tuple[str, float]:
    """Read NAMESPACE=WEIGHT.

    Raises:
        argparse.ArgumentTypeError: It is something else.
    """
    found = re.fullmatch(r"([a-z0-9][-a-z0-9]{0,62})=([0-9]{1,6}(?:\.[0-9]{1,6})?)", text)
    if found is None or float(found[2]) == 0:
        raise argparse.ArgumentTypeError(
            f'"{text}" is not NAMESPACE=WEIGHT with a weight above 0, as in team-a=2'
        )
    return found[1], float(found[2])


async def run_hub(config: ClusterConfig, options: Options) -> None:
    """Run one hub process until a signal arrives.

    Raises:
        KindsMissing: The API server does not serve our kinds.
        ApiError: The API server could not be asked for them.
        OSError: The port is taken.
    """
    metrics = Metrics()
    async with Client(config, manager=MANAGER, on_request=metrics.request) as client:
        await run_with(Hub(client, metrics, weights=options.weights), options, asyncio.Event())


async def run_with(hub: Hub, options: Options, stop: asyncio.Event) -> None:
    """Run these parts until `stop` is set or a signal arrives; raises as `run_hub` does."""
    await require_kinds(hub.client)
    service = Service(hub, build_lock(hub.client, options), workers=options.workers)
    # The port comes before the Lease: a second process by mistake ends here, with the same identity.
    async with serving(
        options.host,
        options.port,
        health=service.health,
        readiness=service.readiness,
        metrics=hub.metrics.render,
    ) as port:
        _log.info("answering /healthz, /readyz and /metrics on %s port %d", options.host, port)
        async with following(hub, on_failure=stop.set):
            try:
                await run_operator(service, hub.intake, hub.client.config, stop)
            finally:
                await service.stop()  # Kopf leaves its clean-up out when one of its own tasks has failed
        if service.failure is not None:
            raise service.failure


def build_lock(client: Client, options: Options) -> LeaseLock:
    """Build the lock that only one hub process holds."""
    return LeaseLock(
        client,
        options.lease_namespace,
        LEASE_NAME,
        identity=options.identity,
        duration_seconds=LEASE_SECONDS,
    )


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="computility-hub", description="Places ComputeJobs on the members of a computing-power network."
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--kubeconfig", type=Path, metavar="FILE", help="how to reach the hub cluster")
    where.add_argument("--in-cluster", action="store_true", help="use the pod's own ServiceAccount")
    parser.add_argument("--host", default="127.0.0.1", help="address of /healthz, /readyz and /metrics")
    parser.add_argument("--port", type=int, default=8080, help="their port (default: %(default)s); 0: any")
    parser.add_argument("--lease-namespace", default="computility-system", help="where the hub's Lease is")
    parser.add_argument("--identity", default="", help="name on the Lease (default: host and port)")
    parser.add_argument("--workers", type=int, default=16, help="objects worked on at a time")
    parser.add_argument(
        "--share",
        action="append",
        default=[],
        type=parse_share,
        metavar="NAMESPACE=WEIGHT",
        help="a namespace's part of the network, beside the others', when several wait (default: 1)",
    )
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser
