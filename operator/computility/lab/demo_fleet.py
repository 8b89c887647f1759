"""The last act of the demo: one job, four policies, four provinces, over the fleet p2 of 33 centres."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from computility.lab.demo_shell import JOBS, TENANT, Shell
from computility.lab.lab import Lab, bring_up
from computility.lab.waiting import holds_within

FLEET = "p2"
TRAININGS = "manifests/fleet/jobs/train-3t.yaml"
MEMBERS = "/apis/computility.io/v1alpha1/memberclusters"
POLICIES = 4
QUOTED_SECONDS = 60.0
_HOUR = 3600

Job = Mapping[str, Any]


def tell_policies(name: str, console: Console) -> list[str]:
    """Bring the fleet up as the lab of this name, have one job quoted by each policy, and show the answers.

    Returns:
        What is not as it should be. The lab is left for the caller to take down.
    """
    console.rule("one job, four policies, four provinces")
    lab = bring_up(name, console, preset=FLEET, owner=os.getpid())
    shell = Shell(lab, console)
    shell("kubectl", "apply", "-f", TRAININGS)
    jobs = _until_quoted(lab)
    members: Any = lab.plane.admin.get(MEMBERS)
    regions = {each["metadata"]["name"]: each["spec"]["location"]["region"] for each in members["items"]}
    console.print(_table(jobs, regions))
    shell("computility", "why", "train-3t-cheapest", "-n", TENANT)
    return check_policies(jobs, regions)


def _until_quoted(lab: Lab) -> Sequence[Job]:
    """Wait until all are quoted, or for as long as that may take."""
    holds_within(lambda: _phases(lab).count("Quoted") == POLICIES, timeout_seconds=QUOTED_SECONDS)
    return _jobs(lab)


def _phases(lab: Lab) -> list[Any]:
    return [job.get("status", {}).get("phase") for job in _jobs(lab)]


def _jobs(lab: Lab) -> Sequence[Job]:
    listed: Any = lab.plane.admin.get(JOBS)
    return list(listed["items"])


def check_policies(jobs: Sequence[Job], regions: Mapping[str, str]) -> list[str]:
    """Return what is not as the act promises: each policy has another province."""
    chosen = [_chosen(job) for job in jobs]
    provinces = {regions.get(str(each.get("member"))) for each in chosen if each}
    if len(jobs) == POLICIES and len(provinces) == POLICIES:
        return []
    return [f"{len(jobs)} jobs were quoted for {sorted(map(str, provinces))}, not 4 for 4 provinces"]


def _table(jobs: Sequence[Job], regions: Mapping[str, str]) -> Table:
    heads = ("policy", "province", "centre", "cost", "done in", "kgCO2 market", "location")
    table = Table(*heads, box=None, pad_edge=False)
    for job in jobs:
        chosen = _chosen(job)
        if chosen:
            table.add_row(
                str(job["status"]["receipt"]["policy"]),
                regions[chosen["member"]],
                str(chosen["member"]),
                f"{float(chosen['cost']):,.0f} {chosen['currency']}",
                f"{chosen['doneSeconds'] / _HOUR:.1f} h",
                f"{chosen['kgCO2Market']:,.0f}",
                f"{chosen['kgCO2Location']:,.0f}",
            )
    return table


def _chosen(job: Job) -> Mapping[str, Any]:
    found: Mapping[str, Any] = job.get("status", {}).get("receipt", {}).get("chosen", {})
    return found
