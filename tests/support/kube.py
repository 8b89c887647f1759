"""Our client on the control plane of the tests."""

from collections.abc import Callable
from typing import Any

from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.credentials import Credentials, StaticToken
from computility.kube.transport import Finished
from computility.lab.control_plane import ControlPlane


def client_of(
    plane: ControlPlane,
    credentials: Credentials | None = None,
    *,
    on_request: Callable[[Finished], None] | None = None,
    **settings: Any,
) -> Client:
    """Build a client; without credentials it is the administrator's. The caller closes it."""
    config = ClusterConfig(
        plane.url, credentials or StaticToken(plane.admin_token), ca=plane.ca_file.read_text()
    )
    return Client(config, on_request=on_request, **settings)
