"""The demo: a federation comes up, jobs run on real Slurms and on simulated centres, and all is read back.

What a person would type is run as they would type it and shown with its output; nothing is read from
anywhere but the API server.
"""

import os
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from computility.lab.demo_fleet import tell_policies
from computility.lab.demo_shell import JOBS, QUICKSTART, TENANT, Shell
from computility.lab.lab import Lab, bring_up, take_down
from computility.lab.layout import checkout_folder
from computility.lab.site import SANDBOX
from computility.lab.steps import step

NAME = "demo"
SLURM_CENTRES, SIMULATED_CENTRES = 2, 3
SETTLED_SECONDS = 90.0
LOOK_SECONDS = 0.3
CHECKSUM = re.compile(r"^checksum ([0-9a-f]+)$", re.MULTILINE)
DIGITS = re.compile(r"^pi, digits [0-9]+ to [0-9]+: [0-9a-f]{50}$", re.MULTILINE)
ARRAY_NOTE = "of an array one index's output is kept: the first that failed, else any"
EXPECTED_CHECKSUM = re.compile(r"^# Its last line is `checksum ([0-9a-f]+)`", re.MULTILINE)

Job = Mapping[str, Any]


def run(console: Console) -> int:
    """Run the demo from nothing to nothing; return 0 if every job ended as it should."""
    began = time.monotonic()
    try:
        lab = bring_up(NAME, console, slurm=SLURM_CENTRES, simulated=SIMULATED_CENTRES, owner=os.getpid())
        failures = _tell(lab, console)
        _take_down(console)
        failures += tell_policies(NAME, console)
    except KeyboardInterrupt:
        console.print("\ninterrupted: taking everything down")
        failures = ["interrupted"]
    finally:
        _take_down(console)
    for failure in failures:
        console.print(f"[red]not as it should be:[/red] {failure}", highlight=False)
    console.print(f"[dim]{time.monotonic() - began:.0f} s in all[/dim]", highlight=False)
    return 1 if failures else 0


def _take_down(console: Console) -> None:
    with step(console, "everything taken down"):
        take_down(NAME)


def _tell(lab: Lab, console: Console) -> list[str]:
    shell = Shell(lab, console)
    shell("kubectl", "apply", "-f", QUICKSTART)
    jobs = _watch(lab, console)
    shell("kubectl", "get", "member,rpool,cjob", "-A")
    shell("computility", "why", "heat", "-n", TENANT)
    shell("computility", "why", "pi", "-n", TENANT)
    shell("computility", "why", "too-big", "-n", TENANT)
    shell("computility", "why", "exit3", "-n", TENANT)
    shell("computility", "why", "forecast", "-n", SANDBOX)
    console.rule("what the jobs wrote, as their status has it")
    for name in ("heat", "pi", "exit3", "forecast"):
        status = jobs[name].get("status", {})
        note = f" ({ARRAY_NOTE})" if status.get("counts") else ""
        console.print(f"[bold]{name}[/bold]{note}", highlight=False)
        for stream in ("stdoutTail", "stderrTail"):
            if status.get(stream):
                console.print(status[stream].rstrip(), style="dim", markup=False, highlight=False)
    return check(jobs, (checkout_folder(QUICKSTART) / "heat.yaml").read_text())


def _watch(lab: Lab, console: Console) -> dict[str, Job]:
    """Show the jobs until none moves any more; return them by name."""
    console.print()
    end = time.monotonic() + SETTLED_SECONDS
    with Live(console=console, refresh_per_second=8) as live:
        while True:
            listed: Any = lab.plane.admin.get(JOBS)["items"]
            live.update(_table(listed))
            if all(map(is_settled, listed)) or time.monotonic() > end:
                return {job["metadata"]["name"]: job for job in listed}
            time.sleep(LOOK_SECONDS)


def is_settled(job: Job) -> bool:
    """Say whether a job has ended, or waits for want of a pool that fits."""
    phase = job.get("status", {}).get("phase")
    return phase in {"Succeeded", "Failed", "Cancelled"} or _placed(job).get("reason") == "NoPoolFits"


def check(jobs: Mapping[str, Job], heat_manifest: str) -> list[str]:
    """Return what is not as the quickstart promises; nothing if all is."""
    statuses = {name: job.get("status", {}) for name, job in jobs.items()}
    heat, pi, exit3, big, forecast = (
        statuses.get(name, {}) for name in ("heat", "pi", "exit3", "too-big", "forecast")
    )
    promised = EXPECTED_CHECKSUM.search(heat_manifest)
    found = CHECKSUM.search(heat.get("stdoutTail", ""))
    claims = {
        f'"heat" is {heat.get("phase")}, not Succeeded': heat.get("phase") == "Succeeded",
        '"heat" did not print the checksum that its manifest promises': (
            promised is not None and found is not None and promised[1] == found[1]
        ),
        '"heat" has no cost': bool(heat.get("receipt", {}).get("actual", {}).get("cost")),
        f'"pi" is {pi.get("phase")} with {pi.get("counts")}, not Succeeded with 20 slices found': (
            pi.get("phase") == "Succeeded" and pi.get("counts") == {"succeeded": 20}
        ),
        f'"pi" ran at {sorted(_members(pi))}, not at two centres': len(_members(pi)) == 2,
        '"pi" did not print the digits of a slice': DIGITS.search(pi.get("stdoutTail", "")) is not None,
        f'"exit3" is {exit3.get("phase")} with exit code {exit3.get("exitCode")}, not Failed with 3': (
            exit3.get("phase") == "Failed" and exit3.get("exitCode") == 3
        ),
        f'"forecast" is {forecast.get("phase")}, not Succeeded on a simulated centre': (
            forecast.get("phase") == "Succeeded"
            and all(member.startswith("sim-") for member in _members(forecast))
        ),
        f'"too-big" is {big.get("phase")}, not Queued': big.get("phase") == "Queued",
    }
    return [claim for claim, holds in claims.items() if not holds]


def _members(status: Mapping[str, Any]) -> set[str]:
    """Return where the job's attempts were."""
    return {str(attempt["member"]) for attempt in status.get("attempts", [])}


def _table(jobs: Sequence[Job]) -> Table:
    table = Table("job", "phase", "where", "workload", "why", box=None, pad_edge=False)
    for job in jobs:
        status = job.get("status", {})
        attempts = status.get("attempts", [])
        where = ", ".join(f"{attempt['member']}/{attempt['pool']}" for attempt in attempts)
        native = ", ".join(attempt.get("nativeID", "") for attempt in attempts)
        table.add_row(job["metadata"]["name"], _phase(status), where, native, _why(job))
    return table


def _phase(status: Mapping[str, Any]) -> str:
    """Return the phase, and of an array how far it is."""
    phase, counts = str(status.get("phase", "")), status.get("counts")
    return f"{phase} {counts.get('succeeded', 0)}/{sum(counts.values())}" if counts else phase


def _why(job: Job) -> str:
    placed = _placed(job)
    if placed.get("status") == "False":
        return str(placed.get("message", ""))
    return str((job.get("status", {}).get("attempts") or [{}])[-1].get("reason", ""))


def _placed(job: Job) -> Mapping[str, Any]:
    conditions = job.get("status", {}).get("conditions", [])
    return next((c for c in conditions if c["type"] == "Placed"), {})
