"""What the demo shows is what the quick start promises, and it says so when it is not."""

from typing import Any

import pytest
import yaml

from computility.lab.demo import QUICKSTART, check, is_settled
from computility.lab.demo_fleet import check_policies
from computility.lab.layout import checkout_folder
from computility.lab.site import SANDBOX

HEAT = "# Its last line is `checksum 8386abb70b81fdbd`: the same on every machine.\n"
PI = "pi, digits 1 to 50: 243f6a8885a308d313198a2e03707344a4093822299f31d008\n"


def good() -> dict[str, dict[str, Any]]:
    heat = {"phase": "Succeeded", "stdoutTail": "step\nchecksum 8386abb70b81fdbd\n"}
    pi = {"phase": "Succeeded", "counts": {"succeeded": 20}, "stdoutTail": PI}
    return {
        "pi": {"status": {**pi, "attempts": [{"member": "beta"}, {"member": "alpha"}]}},
        "heat": {"status": {**heat, "receipt": {"actual": {"cost": "0.1"}}}},
        "exit3": {"status": {"phase": "Failed", "exitCode": 3}},
        "too-big": {"status": {"phase": "Queued"}},
        "forecast": {"status": {"phase": "Succeeded", "attempts": [{"member": "sim-2"}]}},
    }


def test_nothing_is_amiss_when_all_is_as_promised() -> None:
    assert check(good(), HEAT) == []


@pytest.mark.parametrize(
    ("job", "status"),
    [
        pytest.param("heat", {"stdoutTail": "checksum 0000000000000000\n"}, id="another-checksum"),
        pytest.param("heat", {"receipt": {}}, id="no-cost"),
        pytest.param("pi", {"counts": {"succeeded": 19, "failed": 1}}, id="a-slice-failed"),
        pytest.param("pi", {"attempts": [{"member": "beta"}]}, id="an-array-that-was-not-split"),
        pytest.param("pi", {"stdoutTail": "3.14\n"}, id="no-digits"),
        pytest.param("exit3", {"exitCode": 2}, id="another-exit-code"),
        pytest.param("too-big", {"phase": "Placed"}, id="too-big-was-placed"),
        pytest.param("forecast", {"attempts": [{"member": "alpha"}]}, id="simulated-work-at-a-real-centre"),
    ],
)
def test_what_is_amiss_is_said(job: str, status: dict[str, Any]) -> None:
    jobs = good()
    jobs[job]["status"] |= status

    (said,) = check(jobs, HEAT)

    assert f'"{job}"' in said


def test_jobs_that_never_came_are_all_amiss() -> None:
    said = " ".join(check({}, HEAT))

    assert all(f'"{name}"' in said for name in good())


def test_a_job_that_fits_nowhere_is_waited_for_no_longer() -> None:
    placed = {"type": "Placed", "status": "False", "reason": "NoPoolFits"}

    assert is_settled({"status": {"phase": "Queued", "conditions": [placed]}})
    assert not is_settled({"status": {"phase": "Queued"}})
    assert not is_settled({})


def test_the_forecast_belongs_to_the_tenant_whose_work_is_simulated() -> None:
    manifests = list(yaml.safe_load_all((checkout_folder(QUICKSTART) / "forecast.yaml").read_text()))
    namespace, job = manifests

    assert namespace["metadata"]["name"] == job["metadata"]["namespace"] == SANDBOX


def quoted(*members: str) -> list[dict[str, Any]]:
    return [{"status": {"receipt": {"chosen": {"member": member}}}} for member in members]


REGIONS = {"a": "CN-GS", "b": "CN-GD", "c": "CN-SC", "d": "CN-HA", "e": "CN-HA"}


def test_four_policies_in_four_provinces_are_as_promised() -> None:
    assert check_policies(quoted("a", "b", "c", "d"), REGIONS) == []


@pytest.mark.parametrize("members", ["abde", "abc"], ids=["a-province-twice", "a-quote-is-missing"])
def test_fewer_provinces_are_said(members: str) -> None:
    (said,) = check_policies(quoted(*members), REGIONS)

    assert "not 4 for 4 provinces" in said
