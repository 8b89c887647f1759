"""That tests which share something heavy really stay on one worker."""

import os

import pytest


@pytest.mark.xdist_group("groups")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there are no workers")
def test_the_installed_pytest_and_xdist_honour_groups(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@groups"), "each worker would start labs and centres of its own"
