"""A tenant's namespace, and a kubeconfig whose context points there."""

from pathlib import Path

import pytest

from computility.lab.control_plane import ControlPlane
from support.api import Api
from support.cli import run  # noqa: F401 - a fixture
from support.team import Team


@pytest.fixture
def team(
    control_plane: ControlPlane, api: Api, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Team:
    kubeconfig = tmp_path / "kubeconfig"
    control_plane.write_kubeconfig(kubeconfig, token=control_plane.admin_token, namespace=tenant)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    return Team(api, tenant, kubeconfig)
