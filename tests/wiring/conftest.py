"""The API server of the `control_plane` fixture, asked plainly, and a namespace in it to work in."""

import uuid
from typing import Any

import pytest

from support.api import Api, make_namespace


@pytest.fixture(scope="session")
def api(control_plane: Any) -> Api:
    """Ask as the administrator."""
    return Api(control_plane.url, control_plane.ca_file, control_plane.admin_token)


@pytest.fixture(scope="session")
def namespace(api: Api) -> str:
    """A namespace of this test process's own."""
    return make_namespace(api, f"team-{uuid.uuid4().hex[:8]}")
