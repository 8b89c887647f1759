"""The API server of the `control_plane` fixture, asked plainly, and a namespace in it to work in."""

import uuid
from typing import Any

import pytest

from computility.lab.tools import Tools
from support.api import Api, make_namespace
from support.rights import apply_rendered, render_chart


@pytest.fixture(scope="session")
def api(control_plane: Any) -> Api:
    """Ask as the administrator."""
    return Api(control_plane.url, control_plane.ca_file, control_plane.admin_token)


@pytest.fixture(scope="session")
def namespace(api: Api) -> str:
    """A namespace of this test process's own."""
    return make_namespace(api, f"team-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def roles(api: Api, tools: Tools) -> None:
    """The roles that the hub's chart ships."""
    rendered = render_chart(tools["helm"], "hub", "computility-system")
    apply_rendered(api, [manifest for manifest in rendered if manifest["kind"] == "ClusterRole"])
