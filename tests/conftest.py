"""What all tests share: the control plane's programs, one control plane, and the search for what was left."""

import os
import secrets
import shutil
import signal
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from computility.lab.control_plane import ControlPlane
from computility.lab.tool_search import WrongSetting
from computility.lab.tools import Tools, ToolUnavailable, ensure_tools
from support import left_behind
from support.shared_control_plane import (
    open_session,
    session_root,
    shared_control_plane,
    stop_shared_control_plane,
)
from support.slurm import centre  # noqa: F401 - a fixture

ALLOW_SKIPS = "COMPUTILITY_ALLOW_SKIPS"

# A test says nothing about how fast this machine is just now.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


SLURM_FIXTURES = {"centre", "frail_centre"}
PARTS = 3
"""Into so many parts the Slurm tests are cut, and those of the hub; each starts what it stands on."""
PLANE_FIXTURES = {"hub_plane", "own_plane"}
"""Control planes of some tests' own, beside the one that all share."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something heavy to start: a lab, a Slurm centre, a hub's control plane.

    These tests wait more than they reckon: there are more workers than cores, and several of each such thing.
    The labs come first: they take longest, and end with their tests.
    """
    for item in items:
        group = _group_of(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: "lab" not in _fixtures_of(item))


def _group_of(item: pytest.Item) -> str:
    """Return which tests have to stay on one worker with this one; "" if none have to."""
    fixtures = _fixtures_of(item)
    if "lab" in fixtures or item.path.parent.name == "lab":
        return "lab"
    if item.get_closest_marker("slurm") or fixtures & SLURM_FIXTURES:
        return f"slurm-{_part(item)}"
    is_about_planes = fixtures & PLANE_FIXTURES or item.path.name == "test_control_plane.py"
    return f"hub-{_part(item)}" if is_about_planes else ""


def _part(item: pytest.Item) -> int:
    """Say in which part a test's file is, the same in every process."""
    return zlib.crc32(item.path.name.encode()) % PARTS


def _fixtures_of(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def pytest_configure(config: pytest.Config) -> None:
    if _owns_session(config):
        open_session()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End what the session shares, then fail it if any process that it started is still there."""
    if not _owns_session(session.config):
        return
    root = session_root()
    stop_shared_control_plane(root)
    report = left_behind.end_and_report(root)
    if report:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        raise pytest.exit.Exception(report, returncode=1)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(autouse=True)
def unchanged_signal_mask() -> Iterator[None]:
    """Give back the signals that a test blocked: processes that later tests start would be deaf to them."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The control plane's programs; without them the tests fail, unless skips are allowed."""
    try:
        return ensure_tools()
    except (ToolUnavailable, WrongSetting) as error:
        if os.environ.get(ALLOW_SKIPS):
            pytest.skip(str(error))
        pytest.fail(f"{error} (or set {ALLOW_SKIPS}=1 to leave these tests out)", pytrace=False)


@pytest.fixture(scope="session")
def control_plane(tools: Tools) -> ControlPlane:
    """A real control plane with the project's kinds, one for all workers of the session.

    Its audit log is on. Who restarts or stops it starts one of their own instead.
    """
    return shared_control_plane(tools)


@pytest.fixture
def tenant(control_plane: ControlPlane) -> str:
    """A fresh namespace on the shared control plane."""
    name = f"tenant-{secrets.token_hex(4)}"
    control_plane.admin.post("/api/v1/namespaces", {"metadata": {"name": name}})
    return name


def _owns_session(config: pytest.Config) -> bool:
    """Say whether this is xdist's controller or the only process, and no worker."""
    return not hasattr(config, "workerinput")
