"""A job applied with kubectl runs exactly once on a real Slurm centre; and the ways in which it may end."""

from collections import Counter
from collections.abc import Callable

import yaml

from computility.lab.audit import read_writes
from computility.lab.lab import Lab
from computility.lab.member import AGENT, start_agent
from computility.lab.waiting import wait_until
from lab.jobs import TENANT, Jobs, condition


def test_a_job_runs_once_and_its_receipt_says_where_and_what_it_cost(lab: Lab, jobs: Jobs) -> None:
    name = jobs.submit("echo out; echo err >&2; sleep 1")

    status = jobs.wait_end(name)

    assert status["phase"] == "Succeeded"
    assert (status["stdoutTail"], status["stderrTail"]) == ("out\n", "err\n")
    assert status["exitCode"] == 0
    assert status["receipt"]["chosen"]["pool"] == "cpu"
    assert status["receipt"]["considered"] == 2
    assert float(status["receipt"]["actual"]["cost"]) > 0
    assert len(status["attempts"]) == 1
    assert status["attempts"][0]["nativeID"].isdecimal()


def test_a_short_job_costs_at_most_seven_writes(lab: Lab, jobs: Jobs) -> None:
    name = jobs.submit("exit 0")
    uid = jobs.get(name)["metadata"]["uid"]
    jobs.wait_end(name)
    jobs.wait_nothing_left(uid)

    part = uid.replace("-", "")
    ours = Counter(
        f"{w.verb} {w.resource}{'/' + w.subresource if w.subresource else ''}"
        for w in read_writes(lab.plane.audit_log)
        if "serviceaccount" in w.user and w.code < 300 and (w.name == name or part in (w.name or ""))
    )
    # A bulk deletion names no object: this job's share of it is one.
    if not any(key.startswith("delete") for key in ours):
        ours["deletecollection assignments (share)"] = 1
    print(dict(ours))

    assert ours["patch computejobs/status"] <= 2
    assert ours["create assignments"] == 1
    assert ours["patch assignments/status"] <= 2
    assert sum(ours.values()) <= 7


def test_exit_3_is_failed_with_code_and_tail(jobs: Jobs) -> None:
    status = jobs.wait_end(jobs.submit("echo why >&2; exit 3"))

    assert (status["phase"], status["exitCode"]) == ("Failed", 3)
    assert status["stderrTail"] == "why\n"
    assert condition(status, "Failed")["reason"] == "NonZeroExitCode"


def test_a_signal_is_failed_with_its_number(jobs: Jobs) -> None:
    status = jobs.wait_end(jobs.submit("kill -KILL $$"))

    assert (status["phase"], status["signal"]) == ("Failed", 9)
    assert condition(status, "Failed")["reason"] == "KilledBySignal"


def test_a_payload_is_ended_when_its_time_is_over(jobs: Jobs) -> None:
    status = jobs.wait_end(jobs.submit("sleep 60", maxRunSeconds=4, graceSeconds=1))

    assert status["phase"] == "Failed"
    assert condition(status, "Failed")["reason"] == "MaxRunSecondsExceeded"
    assert 2 <= status["attempts"][0]["runSeconds"] <= 6


def test_what_fits_nowhere_waits_with_counted_reasons(jobs: Jobs) -> None:
    name = jobs.submit("exit 0", resources={"nodes": 64})

    status = jobs.wait_phase(name, "Queued")

    placed = condition(status, "Placed")
    assert (placed["status"], placed["reason"]) == ("False", "NoPoolFits")
    assert status["receipt"]["rejected"] == [
        {
            "reason": "TooFewNodes",
            "count": 2,
            "wanted": "64",
            "found": "3",
            "examples": [{"member": "alpha", "pool": "cpu"}, {"member": "alpha", "pool": "gpu"}],
        }
    ]
    jobs.delete(name)


def test_cards_are_given_to_the_job_that_asked_for_them(jobs: Jobs) -> None:
    status = jobs.wait_end(jobs.submit("echo $SLURM_JOB_GPUS", resources={"cards": 2}))

    assert status["phase"] == "Succeeded"
    assert status["receipt"]["chosen"]["pool"] == "gpu"
    assert len(status["stdoutTail"].strip().split(",")) == 2


def test_each_node_runs_the_command_of_a_per_node_job(lab: Lab, jobs: Jobs) -> None:
    name = "per-node"
    lab.kubectl.apply(
        {
            "apiVersion": "computility.io/v1alpha1",
            "kind": "ComputeJob",
            "metadata": {"name": name, "namespace": TENANT},
            "spec": {
                "template": {"launcher": "perNode", "command": ["sh", "-c", "echo $SLURMD_NODENAME"]},
                "resources": {"nodes": 2},
                "maxRunSeconds": 60,
            },
        }
    )

    status = jobs.wait_end(name)

    assert status["phase"] == "Succeeded", status
    assert len(set(status["stdoutTail"].split())) == 2


def test_a_running_job_that_is_cancelled_ends_at_the_centre_and_keeps_its_receipt(jobs: Jobs) -> None:
    name = jobs.submit("sleep 50")
    jobs.wait_phase(name, "Running")
    uid = jobs.get(name)["metadata"]["uid"]

    jobs.cancel(name)

    status = jobs.wait_end(name)
    assert status["phase"] == "Cancelled"
    assert "chosen" in status["receipt"]
    jobs.wait_nothing_left(uid)


def test_a_deleted_running_job_ends_at_the_centre(jobs: Jobs) -> None:
    name = jobs.submit("sleep 50")
    jobs.wait_phase(name, "Running")
    uid = jobs.get(name)["metadata"]["uid"]

    jobs.delete(name)

    jobs.wait_nothing_left(uid)


def test_a_job_deleted_while_the_hub_is_away_ends_at_the_centre(
    jobs: Jobs, lab: Lab, kill_hub: Callable[[], None]
) -> None:
    name = jobs.submit("sleep 50")
    jobs.wait_phase(name, "Running")
    uid = jobs.get(name)["metadata"]["uid"]
    kill_hub()
    jobs.delete(name)
    assert any(uid.replace("-", "") in n for n in jobs.queue())

    lab.restart_hub()

    jobs.wait_nothing_left(uid)


def test_a_job_cancelled_while_the_agent_is_away_ends_at_the_centre(
    jobs: Jobs, lab: Lab, kill_agent: Callable[[], None]
) -> None:
    name = jobs.submit("sleep 50")
    jobs.wait_phase(name, "Running")
    kill_agent()
    jobs.cancel(name)
    jobs.wait_phase(name, "Finishing")
    start_agent(lab.centre)

    assert jobs.wait_end(name)["phase"] == "Cancelled"


def test_a_job_that_ends_while_the_agent_is_away_is_reported_when_it_returns(
    jobs: Jobs, lab: Lab, kill_agent: Callable[[], None]
) -> None:
    name = jobs.submit("sleep 3; echo done")
    jobs.wait_phase(name, "Running")
    kill_agent()
    wait_until(lambda: not jobs.queue(), "the payload to end at the centre", timeout_seconds=30)
    start_agent(lab.centre)

    status = jobs.wait_end(name)
    assert (status["phase"], status["stdoutTail"]) == ("Succeeded", "done\n")


def test_a_job_of_a_deleted_ones_name_waits_for_it_and_then_runs(jobs: Jobs) -> None:
    name = jobs.submit("trap '' TERM; sleep 50", graceSeconds=3)
    jobs.wait_phase(name, "Running")
    first = jobs.get(name)["metadata"]["uid"]

    jobs.delete(name)
    jobs.submit("echo second", name=name)

    status = jobs.wait_end(name)
    assert status["stdoutTail"] == "second\n"
    assert not any(first.replace("-", "") in n for n in jobs.queue())


def test_kubectl_wait_returns_when_a_job_is_complete(lab: Lab, jobs: Jobs) -> None:
    name = jobs.submit("sleep 1")

    lab.kubectl("wait", "--for=condition=Complete", f"cjob/{name}", "-n", TENANT, "--timeout=30s")


def test_the_overview_shows_member_pools_and_why_a_job_waits(lab: Lab, jobs: Jobs) -> None:
    name = jobs.submit("exit 0", resources={"nodes": 99})
    jobs.wait_phase(name, "Queued")

    shown = lab.kubectl("get", "member,rpool,cjob", "-A")

    assert "alpha" in shown
    assert "NoPoolFits" in shown
    jobs.delete(name)


def test_a_partition_that_the_centre_does_not_have_is_the_sites_fault(lab: Lab, jobs: Jobs) -> None:
    """The centre's table maps pool gpu to a partition that is gone, and no other pool has cards."""
    table = "/etc/computility/table.yaml"
    before = lab.centre.run(["cat", table], user="root").stdout
    changed = yaml.safe_load(before)
    changed["pools"]["gpu"]["partition"] = "nowhere"
    lab.centre.write(table, yaml.safe_dump(changed), owner="root", mode=0o644)
    _restart_agent(lab)
    try:
        status = jobs.wait_end(jobs.submit("exit 0", resources={"cards": 1}))
    finally:
        lab.centre.write(table, before, owner="root", mode=0o644)
        _restart_agent(lab)

    assert status["phase"] == "Failed"
    assert condition(status, "Failed")["reason"] == "PartitionUnknown"
    assert status["attempts"][0]["fault"] == "Site"
    assert status["attempts"][0]["started"] == "No"


def test_nothing_of_ours_is_system_masters(lab: Lab) -> None:
    users = {w.user for w in read_writes(lab.plane.audit_log) if "computility" in w.user}

    assert users == {
        "system:serviceaccount:computility-system:computility-hub",
        "system:serviceaccount:member-alpha:computility-agent",
    }


def _restart_agent(lab: Lab) -> None:
    lab.centre.kill(AGENT)
    start_agent(lab.centre)


def test_a_payload_that_destroys_its_claim_is_ended_and_not_started_again(lab: Lab, jobs: Jobs) -> None:
    script = "echo $SLURM_JOB_NAME >> ../../starts; rm -f ../../claims/$SLURM_JOB_NAME; sleep 55"
    name = jobs.submit(script)
    part = jobs.get(name)["metadata"]["uid"].replace("-", "")

    status = jobs.wait_end(name)

    assert status["phase"] == "Failed"
    assert [a["started"] for a in status["attempts"]] != ["No"]
    assert len(status["attempts"]) == 1
    starts = lab.centre.run(["cat", "/srv/computility/alice/starts"], user="root").stdout
    assert starts.count(part) == 1


def test_a_cancelled_payload_that_answers_with_exit_0_is_cancelled(jobs: Jobs) -> None:
    name = jobs.submit("trap 'exit 0' TERM; while :; do sleep 0.1; done")
    jobs.wait_phase(name, "Running")

    jobs.cancel(name)

    assert jobs.wait_end(name)["phase"] == "Cancelled"
