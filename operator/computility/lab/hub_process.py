"""The lab's hub: its rights by the chart's own templates, its token, its process."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from computility.lab.admin_api import LAB_TOKEN_SECONDS, AdminApi
from computility.lab.control_plane import ControlPlane
from computility.lab.kubectl import Kubectl
from computility.lab.layout import checkout_folder, write_private
from computility.lab.loopback import free_ports
from computility.lab.plain_http import answers_ok
from computility.lab.processes import Daemon, find_daemon, start_daemon
from computility.lab.tools import Tools

NAME = "hub"
NAMESPACE = "computility-system"
ACCOUNT = "computility-hub"
PROGRAM = (sys.executable, "-m", "computility.hub")
READY_SECONDS = 30.0


def grant_rights(tools: Tools, kubectl: Kubectl) -> None:
    """Apply the accounts and roles of the hub's chart, as `helm install` would."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    chart = str(checkout_folder("charts") / "hub")
    argv = [str(tools["helm"]), "template", ACCOUNT, chart, "--namespace", NAMESPACE]
    rendered = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    kubectl.apply(namespace, rendered)


def start_hub(plane: ControlPlane) -> Daemon:
    """Start the hub with its ServiceAccount's token and wait until it is ready.

    Raises:
        DaemonFailed: It ended, or was not ready in time; the message has the end of its log.
    """
    (port,) = free_ports(1)
    daemon = launch_hub(plane, port)
    daemon.wait_ready(partial(answers_ok, port, "/readyz"), timeout_seconds=READY_SECONDS)
    return daemon


def restart_hub(plane: ControlPlane) -> Daemon:
    """Start the hub again, whether it runs, ended by itself or was killed."""
    daemon = find_daemon(Path(plane.root), NAME)
    if daemon is not None:
        daemon.stop()
    return start_hub(plane)


def launch_hub(
    plane: ControlPlane, port: int, program: Sequence[str] = PROGRAM, env: Mapping[str, str] | None = None
) -> Daemon:
    """Start the hub and do not wait for it.

    Its identity on the Lease is always the same, so that it leads again at once: the lab never runs two.

    Args:
        plane: The control plane.
        port: Where it answers about its health.
        program: The hub itself; tests have one that dies at a given step.
        env: Variables on top of our own environment.
    """
    root = Path(plane.root)
    refresh_token(plane.admin, root)
    kubeconfig = root / "hub.kubeconfig"
    plane.write_kubeconfig(kubeconfig, token_file=root / "hub.token", namespace=NAMESPACE)
    options = ["--kubeconfig", str(kubeconfig), "--port", str(port), "--identity", f"{NAME}-0"]
    return start_daemon(root, NAME, [*program, *options], env=env)


def refresh_token(admin: AdminApi, root: Path) -> None:
    """Mint the hub's token anew; the hub reads the file again when it changes."""
    token = admin.mint_token(NAMESPACE, ACCOUNT, seconds=LAB_TOKEN_SECONDS)
    write_private(root / "hub.token", token.encode())
