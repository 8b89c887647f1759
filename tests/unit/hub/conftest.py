"""A hub over a client that answers as told."""

from typing import Any

import pytest

from computility.hub.hub import Hub
from computility.kube.builtin import LeaseSpec, Namespace
from computility.model.meta import ObjectMeta
from computility.model.resource_pool import ResourcePoolStatus
from support.fake_client import FakeClient
from support.network import a_member, a_pool
from support.stored import stored


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def hub(client: FakeClient) -> Hub:
    """A hub that knows one member, which offers one pool."""
    anybody: Any = client
    hub = Hub(anybody)
    hub.heartbeats.has_list = True
    status = ResourcePoolStatus(observed_at=hub.now())
    hub.intake.seen(stored(Namespace(metadata=ObjectMeta(name="team")), uid="uid-team"))
    hub.intake.seen(stored(a_member("qingyang"), uid="uid-qingyang"))
    hub.intake.seen(stored(a_pool("qingyang", "team", max_queued=1), status=status))
    hub.heartbeats.hear("qingyang", LeaseSpec(holder_identity="j1"), is_news=True)
    return hub
