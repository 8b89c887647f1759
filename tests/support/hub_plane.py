"""A control plane of the hub tests' own: a hub acts on all objects there are, also on other tests'."""

import os
import secrets
from pathlib import Path

from computility.kube.config import ClusterConfig
from computility.kube.credentials import StaticToken
from computility.lab.control_plane import ControlPlane
from computility.lab.crds import install_crds
from computility.lab.guard import start_guard
from computility.lab.tools import Tools
from support.api import Api
from support.rights import apply_rendered, render_chart

HUB_NAMESPACE = "computility-system"


def start_hub_plane(root: Path, tools: Tools) -> ControlPlane:
    """Start a control plane with our kinds and the rights that the hub's chart gives. The caller stops it."""
    start_guard(root, os.getpid())
    plane = ControlPlane.start(root, tools)
    install_crds(tools["kubectl"], root / "admin.kubeconfig")
    plane.admin.post("/api/v1/namespaces", {"metadata": {"name": HUB_NAMESPACE}})
    api = Api(plane.url, plane.ca_file, plane.admin_token)
    apply_rendered(api, render_chart(tools["helm"], "hub", HUB_NAMESPACE))
    return plane


def hub_config(plane: ControlPlane) -> ClusterConfig:
    """Return how the hub reaches the API server: as its ServiceAccount, with no more rights than it has."""
    return ClusterConfig(plane.url, StaticToken(_hub_token(plane)), ca=plane.ca_file.read_text())


def write_hub_kubeconfig(plane: ControlPlane, path: Path) -> Path:
    """Write the same as a file."""
    plane.write_kubeconfig(path, token=_hub_token(plane))
    return path


def _hub_token(plane: ControlPlane) -> str:
    path = f"/api/v1/namespaces/{HUB_NAMESPACE}/serviceaccounts/computility-hub/token"
    api = Api(plane.url, plane.ca_file, plane.admin_token)
    minted = api.create(path, {"spec": {"expirationSeconds": 3600}})
    assert minted.is_ok, minted.message
    return str(minted.body["status"]["token"])


def fresh_name(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"
