"""The lab's Slurm centre, on the real daemons: who may do what in it, and that nothing is left of it."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from computility.lab.slurm_centre import Centre, CentreError, start_centre, stop_centre
from computility.lab.slurm_config import ACCOUNTS_ROOT, HELPER, HELPER_CONFIG, LIBEXEC, TABLE
from computility.lab.waiting import holds_within, wait_until
from support.slurm import Family, require_slurm

pytestmark = pytest.mark.slurm

HOST_FILES = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/sudoers", "/etc/nsswitch.conf")


@pytest.fixture(name="own")
def own_centre(tmp_path: Path) -> Iterator[Centre]:
    """A centre that the test may break."""
    require_slurm()
    running = start_centre(tmp_path / "own", "own", tied=True)
    yield running
    stop_centre(running.enclosure.root)


def submit(centre: Centre, *options: str, script: str, user: str = "alice") -> str:
    argv = ["sbatch", "--parsable", "--output=/dev/null", *options]
    answer = centre.run(argv, user=user, text=f"#!/bin/sh\n{script}\n")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def state(centre: Centre, job: str, user: str = "alice") -> str:
    return centre.run(
        ["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={job}"], user
    ).stdout.strip()


def wait_for_state(centre: Centre, job: str, wanted: str) -> None:
    wait_until(lambda: state(centre, job) == wanted, f"job {job} to be {wanted}", timeout_seconds=60)


def family(centre: Centre) -> Family:
    return Family(centre.enclosure.pid)


def test_all_nodes_are_idle_after_the_start(own: Centre) -> None:
    assert own.node_states() == {"own-c0": "idle", "own-c1": "idle", "own-c2": "idle", "own-g0": "idle"}


def test_a_job_of_a_tenant_runs_on_two_nodes(centre: Centre) -> None:
    job = submit(
        centre, "--nodes=2", script="test $(srun sh -c 'echo $SLURMD_NODENAME' | sort -u | wc -l) = 2"
    )

    wait_for_state(centre, job, "COMPLETED")


def test_a_job_gets_the_cards_that_it_asked_for(centre: Centre) -> None:
    job = submit(centre, "--partition=gpu", "--gres=gpu:3", script='test "$CUDA_VISIBLE_DEVICES" = 0,1,2')

    wait_for_state(centre, job, "COMPLETED")


@pytest.mark.parametrize("onlooker", ["csvc", "bob"])
def test_the_queue_of_a_tenant_is_hidden_from_others(centre: Centre, onlooker: str) -> None:
    job = submit(centre, "--hold", script="true")

    assert state(centre, job, "alice") == "PENDING"
    assert state(centre, job, onlooker) == ""
    centre.run(["scancel", job], "alice")


@pytest.mark.parametrize("account", ["alice", "bob"])
def test_the_agent_runs_the_helper_as_a_tenant(centre: Centre, account: str) -> None:
    answer = centre.run(["sudo", "-n", "-u", account, HELPER, "look"])

    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("user", "command"),
    [
        pytest.param("csvc", ["-u", "root", HELPER, "look"], id="helper-as-root"),
        pytest.param("csvc", ["-u", "#0", HELPER, "look"], id="helper-as-number-0"),
        pytest.param("csvc", ["-u", "slurm", HELPER, "look"], id="helper-as-slurm"),
        pytest.param("csvc", ["-u", "csvc", HELPER, "look"], id="helper-as-itself"),
        pytest.param("csvc", ["-g", "root", HELPER, "look"], id="helper-in-group-root"),
        pytest.param("csvc", ["-u", "alice", "/usr/bin/id"], id="another-program"),
        pytest.param("csvc", ["-u", "alice", "/bin/sh", HELPER], id="a-shell-with-the-helper"),
        pytest.param("csvc", ["-u", "alice", f"{HELPER}/../computility-exec"], id="a-crooked-path"),
        pytest.param("csvc", ["-u", "alice", "-s"], id="a-login"),
        pytest.param("csvc", ["/usr/bin/id"], id="root-by-default"),
        pytest.param("alice", ["-u", "bob", HELPER, "look"], id="a-tenant-as-another"),
        pytest.param("alice", ["/usr/bin/id"], id="a-tenant-as-root"),
    ],
)
def test_sudo_refuses_everything_else(centre: Centre, user: str, command: list[str]) -> None:
    answer = centre.run(["sudo", "-n", *command], user)

    assert answer.returncode == 1
    assert answer.stderr.startswith(("sudo: ", "Sorry, user ")), answer.stderr


@pytest.mark.parametrize("user", ["csvc", "alice"])
@pytest.mark.parametrize(
    "path",
    [
        HELPER,
        HELPER_CONFIG,
        TABLE,
        "/etc/sudoers",
        "/etc/passwd",
        LIBEXEC,
        f"{LIBEXEC}/computility_exec",
        f"{LIBEXEC}/computility_exec/call.py",
        "/etc",
    ],
)
def test_only_root_changes_what_decides_over_rights(centre: Centre, user: str, path: str) -> None:
    assert centre.run(["test", "-e", path], "root").returncode == 0
    assert centre.run(["test", "-w", path], user).returncode == 1


@pytest.mark.parametrize("onlooker", ["alice", "csvc"])
def test_the_directory_of_an_account_is_closed_to_others(centre: Centre, onlooker: str) -> None:
    path = f"{ACCOUNTS_ROOT}/bob"

    assert centre.run(["ls", path], "bob").returncode == 0
    assert "Permission denied" in centre.run(["ls", path], onlooker).stderr


def test_everybody_may_write_to_the_null_device(centre: Centre) -> None:
    assert centre.run(["stat", "--format=%a %F", "/dev/null"]).stdout == "666 character special file\n"


def test_the_agent_can_run_this_python_with_this_package(centre: Centre) -> None:
    answer = centre.run([sys.executable, "-c", "import computility, aiohttp, sqlite3; print('all there')"])

    assert (answer.stdout, answer.stderr) == ("all there\n", "")


def test_a_written_file_is_its_owners_alone(centre: Centre) -> None:
    centre.write("/srv/agent/token", "secret")

    assert centre.run(["cat", "/srv/agent/token"]).stdout == "secret"
    assert centre.run(["cat", "/srv/agent/token"], "alice").stdout == ""
    assert centre.run(["stat", "--format=%U %a", "/srv/agent/token"], "root").stdout == "csvc 600\n"


def test_a_written_file_does_not_follow_a_link_of_its_directorys_owner(centre: Centre) -> None:
    centre.run(["ln", "-s", "/etc/motd.computility", "/srv/agent/bait"])

    centre.write("/srv/agent/bait", "text")

    assert centre.run(["test", "-e", "/etc/motd.computility"], "root").returncode == 1


def test_a_request_that_makes_no_sense_is_refused_and_harms_nothing(centre: Centre) -> None:
    with pytest.raises(Exception, match="no-such-user"):
        centre.start("nobody", ["true"], user="no-such-user")

    assert centre.is_alive("slurmctld")


def test_the_host_stays_as_it_was(tmp_path: Path) -> None:
    require_slurm()

    def look() -> list[object]:
        digests = [hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in HOST_FILES]
        mounts = sorted(
            line.split(" ", 2)[2] for line in Path("/proc/self/mountinfo").read_text().splitlines()
        )
        return [digests, mounts, Path("/dev/null").stat().st_mode, Path(ACCOUNTS_ROOT).exists()]

    before = look()
    centre = start_centre(tmp_path / "c", "host", tied=True)
    during = look()
    centre.stop()

    assert during == before
    assert look() == before


def test_stopping_leaves_no_process_and_no_file_but_the_logs(own: Centre) -> None:
    submit(own, script="sleep 600")
    wait_until(lambda: "sleep 600" in family(own).commands(), "the payload", timeout_seconds=60)
    everything = family(own)

    own.stop()

    assert everything.survivors() == []
    assert [path.name for path in own.enclosure.root.iterdir() if path.is_dir()] == ["log"]


def test_nothing_survives_a_kill_of_the_first_process(own: Centre) -> None:
    submit(own, script="setsid sleep 601 & sleep 600")
    wait_until(lambda: "sleep 601" in family(own).commands(), "the payload", timeout_seconds=60)
    everything = family(own)

    os.kill(own.enclosure.pid, signal.SIGKILL)

    assert holds_within(lambda: not everything.survivors(), timeout_seconds=60), everything.commands()
    assert not own.enclosure.is_running()


def test_a_killed_centre_is_cleared_away_and_starts_again_in_its_place(own: Centre) -> None:
    root = own.enclosure.root
    submit(own, "--hold", script="true")
    os.kill(own.enclosure.pid, signal.SIGKILL)
    wait_until(lambda: not own.enclosure.is_running(), "its end", timeout_seconds=60)

    again = start_centre(root, "own", tied=True)

    assert submit(again, "--hold", script="true") == "1"
    again.stop()
    assert not (root / "srv").exists()


def test_a_tied_centre_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    require_slurm()
    code = "import pathlib, sys, time; from computility.lab.slurm_centre import start_centre\n"
    code += "c = start_centre(pathlib.Path(sys.argv[1]), 'tied', tied=True)\n"
    code += "print('up', flush=True); time.sleep(60)"
    starter = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"
    everything = family(Centre.attach(tmp_path))

    starter.kill()
    starter.wait()

    assert holds_within(lambda: not everything.survivors(), timeout_seconds=60), everything.commands()


def test_another_process_attaches_to_a_running_centre(own: Centre) -> None:
    code = "import pathlib, sys; from computility.lab.slurm_centre import Centre\n"
    code += "c = Centre.attach(pathlib.Path(sys.argv[1])); c.start('agent', ['sleep', '60']); c.wait_idle()"

    subprocess.run([sys.executable, "-c", code, str(own.enclosure.root)], check=True)

    assert own.is_alive("agent")


def test_there_is_nothing_to_attach_to_where_no_centre_runs(tmp_path: Path) -> None:
    with pytest.raises(CentreError, match="no Slurm centre runs"):
        Centre.attach(tmp_path)


def test_two_centres_stand_side_by_side(own: Centre, tmp_path: Path) -> None:
    other = start_centre(tmp_path / "other", "other", tied=True)
    mine, theirs = (submit(each, "--hold", script="true") for each in (own, other))

    assert (mine, theirs) == ("1", "1")
    assert set(own.node_states()).isdisjoint(other.node_states())
    other.stop()
    assert state(own, mine) == "PENDING"


def test_a_second_centre_in_the_same_place_is_refused_and_the_first_goes_on(own: Centre) -> None:
    with pytest.raises(CentreError, match="runs already"):
        start_centre(own.enclosure.root, "own")

    assert set(own.node_states().values()) == {"idle"}


def test_a_killed_controller_takes_up_its_work_again(own: Centre) -> None:
    own.kill_controller()
    assert not own.is_alive("slurmctld")

    own.start_controller()
    own.wait_idle()

    wait_for_state(own, submit(own, script="true"), "COMPLETED")


def test_a_node_that_goes_down_takes_its_payloads_along(own: Centre) -> None:
    submit(own, "--nodelist=own-c1", script="setsid sleep 601 & sleep 600")
    submit(own, "--nodelist=own-c0", script="sleep 602")
    wait_until(lambda: {"sleep 601", "sleep 602"} <= _sleeps(own), "the payloads", timeout_seconds=60)

    own.node_down(1)

    assert holds_within(lambda: _sleeps(own) == {"sleep 602"}, timeout_seconds=60), _sleeps(own)


def test_a_node_that_comes_up_again_takes_work(own: Centre) -> None:
    own.node_down(0)
    own.node_up(0)

    wait_for_state(own, submit(own, "--nodelist=own-c0", script="true"), "COMPLETED")


def test_a_daemon_is_started_and_killed_by_name(own: Centre) -> None:
    own.start("agent", ["sh", "-c", "id -un; exec sleep 603"])
    assert own.is_alive("agent")
    wait_until(lambda: own.log("agent").read_text() == "csvc\n", "its output", timeout_seconds=60)

    own.kill("agent")

    assert not own.is_alive("agent")
    assert _sleeps(own) == set()


def test_what_was_entered_dies_with_who_entered(own: Centre) -> None:
    command = subprocess.Popen(own.enter(["sleep", "604"]))
    wait_until(lambda: _sleeps(own, command.pid) == {"sleep 604"}, "the command", timeout_seconds=60)
    inside = Family(command.pid)

    command.kill()
    command.wait()

    assert holds_within(lambda: not inside.survivors(), timeout_seconds=60), inside.commands()


def test_a_directory_behind_a_closed_one_is_shown_without_its_neighbours(tmp_path: Path) -> None:
    require_slurm()
    shown = tmp_path / "closed" / "shown"
    shown.mkdir(parents=True)
    (shown / "data").write_text("for all")
    (tmp_path / "closed" / "neighbour").write_text("not for all")
    shown.parent.chmod(0o700)
    centre = start_centre(tmp_path / "c", "reveal", tied=True, reveal=[shown])

    assert centre.run(["cat", str(shown / "data")]).stdout == "for all"
    assert centre.run(["touch", str(shown / "new")], "root").returncode == 1
    assert centre.run(["ls", str(shown.parent)], "root").stdout == "shown\n"
    assert shown.parent.stat().st_mode & 0o777 == 0o700
    centre.stop()


def test_a_directory_that_is_closed_itself_is_refused_with_the_remedy(tmp_path: Path) -> None:
    require_slurm()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(CentreError, match="chmod"):
        start_centre(tmp_path / "c", "closed", tied=True, reveal=[closed])


def test_a_root_with_a_long_path_is_no_trouble(tmp_path: Path) -> None:
    require_slurm()
    centre = start_centre(tmp_path / ("a" * 60) / ("b" * 60), "long", tied=True)

    assert set(centre.node_states().values()) == {"idle"}
    centre.stop()


def _sleeps(centre: Centre, pid: int | None = None) -> set[str]:
    commands = Family(pid or centre.enclosure.pid).commands().splitlines()
    return {command.strip() for command in commands if command.startswith("sleep ")}
