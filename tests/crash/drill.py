"""A lab under fire: short jobs whose payloads keep their own tally, and the killing of what serves them."""

import math
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from computility.lab import hub_process
from computility.lab.lab import Lab
from computility.lab.loopback import free_ports
from computility.lab.member import AGENT, start_agent
from computility.lab.processes import find_daemon
from computility.lab.waiting import NotInTime, wait_until
from lab.jobs import TENANT
from lab.tally import FOLDER, Tally

API = "/apis/computility.io/v1alpha1"
DYING_AGENT = "/srv/agent/agent_that_dies.py"
HERE = Path(__file__).parent
SHORT = f"echo $SLURM_JOB_NAME >> {FOLDER}/starts; sleep 0.3"
LONG = f"echo $SLURM_JOB_NAME >> {FOLDER}/starts; sleep 15"
DEATH_SECONDS = 30.0
NODE_LOOKS_SECONDS = 2.0
BELIEVES_NODES_AFTER_SECONDS = 17.0
"""BatchStartTimeout and MessageTimeout: only jobs that started before are ended when their node has none."""


@dataclass
class Drill:
    """One run over a lab."""

    lab: Lab
    submitted: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    recheck_at: float | None = None
    nodes_due_at: float = math.inf

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

    def submit_array(self, script: str, **array: int) -> str:
        """Apply an array, and return its name."""
        name = f"a{len(self.submitted):03d}"
        self.submitted.append(name)
        job = _job(name, script)
        job["spec"]["array"] = array
        self.lab.kubectl.apply(job)
        return name

    def cancel(self, name: str) -> None:
        self.lab.kubectl("patch", "cjob", name, "-n", TENANT, "--type=merge", '-p={"spec":{"cancel":true}}')

    def jobs(self) -> dict[str, dict[str, Any]]:
        listed: Any = self.lab.plane.admin.get(f"{API}/namespaces/{TENANT}/computejobs")
        return {job["metadata"]["name"]: job for job in listed["items"]}

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
        self.nodes_due_at = time.monotonic()
        self.recheck_at = self.nodes_due_at + BELIEVES_NODES_AFTER_SECONDS

    def see_to_nodes(self) -> None:
        """Do what Slurm leaves to its administrator after a controller that forgot.

        It gives numbers of forgotten jobs again, and drains the node that knows such a number. And it asks
        only every minute what its nodes run: until then tasks whose end it forgot hold what others wait for.
        """
        if time.monotonic() < self.nodes_due_at:
            return
        self.nodes_due_at = time.monotonic() + NODE_LOOKS_SECONDS
        states = self.lab.centre.node_states()
        if drained := [node for node, state in states.items() if state.startswith("drain")]:
            self._scontrol("update", f"NodeName={','.join(drained)}", "State=RESUME")
        if self.recheck_at is not None and time.monotonic() >= self.recheck_at:
            self.recheck_at = None
            self._scontrol("reconfigure")

    def _scontrol(self, *words: str) -> None:
        self.lab.centre.run(["scontrol", *words], user="root").check_returncode()

    def await_starts(self, name: str, count: int) -> None:
        uid = self.uid(name)

        def have_started() -> bool:
            self.see_to_nodes()
            return self.tally.starts(uid).total() >= count

        wait_until(have_started, f"{count} starts of {name}", timeout_seconds=90)

    def starts(self) -> Counter[str]:
        """Count payload starts by attempt, as the payloads themselves wrote them."""
        return Counter(self.lab.centre.run(["cat", f"{FOLDER}/starts"], user="root").stdout.split())

    def wait_all_ended(self, seconds: float) -> dict[str, dict[str, Any]]:
        """Wait until every job has ended and nothing of them is left on the hub or at the centre."""

        def are_ended() -> bool:
            self.see_to_nodes()
            phases = {job.get("status", {}).get("phase") for job in self.jobs().values()}
            return phases <= {"Succeeded", "Failed", "Cancelled"} and not self.leftovers()

        try:
            wait_until(are_ended, "every job to end", timeout_seconds=seconds)
        except NotInTime:
            left = {n: j.get("status", {}).get("phase") for n, j in self.jobs().items()}
            open_ = {n: p for n, p in left.items() if p not in {"Succeeded", "Failed", "Cancelled"}}
            raise AssertionError(f"not ended: {open_}; left over: {self._describe_leftovers()}") from None
        return self.jobs()

    def leftovers(self) -> list[str]:
        listed: Any = self.lab.plane.admin.get(f"{API}/assignments")
        return [asg["metadata"]["name"] for asg in listed["items"]] + sorted(self.queued())

    def _describe_leftovers(self) -> str:
        """Say what is left over, and as what each side knows it."""
        listed: Any = self.lab.plane.admin.get(f"{API}/assignments")
        hubs = [(a["metadata"]["name"], a["spec"]["desired"], a.get("status")) for a in listed["items"]]
        argv = ["squeue", "--all", "--noheader", "--format=%i %j %T %r %M %N"]
        queue = self.lab.centre.run(argv, user="root").stdout.splitlines()
        log = self.lab.centre.log(AGENT).read_text().splitlines()
        names = {name for name, _, _ in hubs} | self.queued()
        told = [line for line in log if any(name in line for name in names)]
        return f"on the hub {hubs}; in the queue {queue}; the agent told {told}"

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
