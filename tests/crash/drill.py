"""A lab under fire: short jobs whose payloads keep their own tally, and the killing of what serves them."""

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from computility.lab import hub_process
from computility.lab.lab import Lab
from computility.lab.loopback import free_ports
from computility.lab.member import AGENT, start_agent
from computility.lab.processes import find_daemon
from computility.lab.waiting import NotInTime, wait_until
from lab.jobs import TENANT
from lab.tally import FOLDER, Tally

DYING_AGENT = "/srv/agent/agent_that_dies.py"
HERE = Path(__file__).parent
SHORT = f"echo $SLURM_JOB_NAME >> {FOLDER}/starts; sleep 0.3"
LONG = f"echo $SLURM_JOB_NAME >> {FOLDER}/starts; sleep 15"
DEATH_SECONDS = 30.0


@dataclass
class Drill:
    """One run over a lab."""

    lab: Lab
    submitted: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    @property
    def tally(self) -> Tally:
        return Tally(self.lab)

    def prepare(self) -> None:
        """Make the payloads' tally at the centre, and put the dying agent there."""
        self.tally.prepare()
        self.lab.centre.write(DYING_AGENT, (HERE / "agent_that_dies.py").read_text())

    def submit(self, script: str = SHORT) -> str:
        return self.submit_many(1, script)[0]

    def submit_many(self, count: int, script: str = SHORT) -> list[str]:
        """Apply jobs in one go, and return their names."""
        names = [f"j{len(self.submitted) + n:03d}" for n in range(count)]
        self.submitted.extend(names)
        self.lab.kubectl.apply(*(_job(name, script) for name in names))
        return names

    def submit_array(self, size: int, script: str, **spec: Any) -> str:
        """Apply an array, and return its name."""
        name = f"a{len(self.submitted):03d}"
        self.submitted.append(name)
        job = _job(name, script)
        job["spec"].update(array={"size": size, **spec.pop("array", {})}, **spec)
        self.lab.kubectl.apply(job)
        return name

    def cancel(self, name: str) -> None:
        self.lab.kubectl("patch", "cjob", name, "-n", TENANT, "--type=merge", '-p={"spec":{"cancel":true}}')

    def jobs(self) -> dict[str, dict[str, Any]]:
        listed = yaml.safe_load(self.lab.kubectl("get", "cjob", "-n", TENANT, "-o", "yaml"))["items"]
        return {job["metadata"]["name"]: job for job in listed}

    def uid(self, name: str) -> str:
        return str(self.jobs()[name]["metadata"]["uid"])

    def wait_phase(self, name: str, *phases: str) -> None:
        def is_there() -> bool:
            return self.jobs()[name].get("status", {}).get("phase") in phases

        wait_until(is_there, f"{name} to be {phases}", timeout_seconds=DEATH_SECONDS)

    def stop_agent(self) -> None:
        self.lab.centre.kill(AGENT)

    def kill_agent_after(self, step: str) -> None:
        """Run the agent until it has died after this step; then it is started whole."""
        self.stop_agent()
        start_agent(self.lab.centre, [sys.executable, DYING_AGENT], {"DIE_AFTER": step})

    def await_agents_death(self, step: str) -> None:
        """Wait for a death that was arranged, and start the agent whole."""
        self.see_agent_die(step)
        start_agent(self.lab.centre)

    def see_agent_die(self, step: str) -> None:
        gone = lambda: not self.lab.centre.is_alive(AGENT)  # noqa: E731
        wait_until(gone, f'the agent to die after "{step}"', timeout_seconds=DEATH_SECONDS)
        self.kills[f"agent after {step}"] += 1

    def kill_hub_after(self, step: str) -> None:
        """Run the hub until it has died after this write; then it is started whole."""
        daemon = find_daemon(self.lab.root, hub_process.NAME)
        assert daemon is not None
        daemon.stop()
        program = [sys.executable, str(HERE / "hub_that_dies.py")]
        (port,) = free_ports(1)
        hub_process.launch_hub(self.lab.plane, port, program, {"DIE_AFTER": step})

    def await_hubs_death(self, step: str) -> None:
        daemon = find_daemon(self.lab.root, hub_process.NAME)
        assert daemon is not None
        gone = lambda: not daemon.is_running()  # noqa: E731
        wait_until(gone, f'the hub to die after "{step}"', timeout_seconds=DEATH_SECONDS)
        self.kills[f"hub after {step}"] += 1
        self.lab.restart_hub()

    def kill_controller_after_submits(self) -> None:
        """Kill slurmctld while submits are at most moments old, and start it again."""
        before = self._queue("all")
        self.submit_many(3)

        def are_there() -> bool:
            return bool(self._queue("all") - before)

        wait_until(are_there, "the submits to arrive", timeout_seconds=DEATH_SECONDS)
        self.kill_controller("within 3 s of submits")

    def kill_controller(self, when: str) -> None:
        """Kill slurmctld now, and start it again from what it had saved."""
        self.lab.centre.kill_controller()
        self.kills[f"slurmctld {when}"] += 1
        self.lab.centre.start_controller()

    def starts(self) -> Counter[str]:
        """Count payload starts by attempt, as the payloads themselves wrote them."""
        return Counter(self.lab.centre.run(["cat", f"{FOLDER}/starts"], user="root").stdout.split())

    def wait_all_ended(self, seconds: float) -> dict[str, dict[str, Any]]:
        """Wait until every job has ended and nothing of them is left on the hub or at the centre."""

        def are_ended() -> bool:
            phases = {job.get("status", {}).get("phase") for job in self.jobs().values()}
            return phases <= {"Succeeded", "Failed", "Cancelled"} and not self.leftovers()

        try:
            wait_until(are_ended, "every job to end", timeout_seconds=seconds)
        except NotInTime:
            left = {n: j.get("status", {}).get("phase") for n, j in self.jobs().items()}
            open_ = {n: p for n, p in left.items() if p not in {"Succeeded", "Failed", "Cancelled"}}
            raise AssertionError(f"not ended: {open_}; left over: {self.leftovers()}") from None
        return self.jobs()

    def leftovers(self) -> list[str]:
        listed = self.lab.kubectl("get", "asg", "-A", "-o", "name").split()
        return listed + sorted(self.queued())

    def queued(self) -> set[str]:
        """Return the names of the workloads that have not ended at the centre."""
        return self._queue("PD,R,CG,S,CF")

    def processes(self, account: str) -> str:
        """Return the command lines of an account's processes at the centre, one a line."""
        return self.lab.centre.run(["ps", "-u", account, "-o", "args="], user="root").stdout

    def _queue(self, states: str) -> set[str]:
        argv = ["squeue", "--all", "--noheader", "--format=%j", f"--states={states}"]
        return set(self.lab.centre.run(argv, user="root").stdout.split())


def _job(name: str, script: str) -> dict[str, Any]:
    return {
        "apiVersion": "computility.io/v1alpha1",
        "kind": "ComputeJob",
        "metadata": {"name": name, "namespace": TENANT},
        "spec": {"template": {"script": f"#!/bin/sh\n{script}\n", "graceSeconds": 1}, "maxRunSeconds": 20},
    }
