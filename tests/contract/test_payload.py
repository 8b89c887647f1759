"""What a payload gets, and how its end is told."""

import json

import pytest

from computility.lab.member import agent_config
from computility.model.compute_job import EnvVar, File, Launcher
from support.workloads import DAEMONISES, STUBBORN, World, a_work


async def test_a_signal_is_told(world: World) -> None:
    result = (await world.end(a_work("sh", "-c", "kill -SEGV $$"))).result

    assert result is not None
    assert (result.exit_code, result.signal) == (None, 11)


async def test_a_command_that_does_not_exist_ends_as_in_a_shell(world: World) -> None:
    look = await world.end(a_work("no-such-command"))

    assert look.result is not None
    assert look.result.exit_code == 127
    assert "no-such-command" in look.stderr_tail


async def test_the_time_limit_ends_a_payload_after_its_grace_and_no_sooner(world: World) -> None:
    look = await world.end(a_work(*STUBBORN, max_run_seconds=3, grace_seconds=1))

    assert look.result is not None
    assert (look.result.signal, look.result.limit) == (9, True)
    assert look.result.run_seconds >= 3.0
    assert "asked" in look.stdout_tail


async def test_a_payload_that_obeys_the_warning_of_the_limit_keeps_its_exit_code(world: World) -> None:
    polite = ("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done")
    result = (await world.end(a_work(*polite, max_run_seconds=3, grace_seconds=1))).result

    assert result is not None
    assert (result.exit_code, result.limit, result.told) == (0, True, False)


async def test_a_script_runs_with_its_files_env_and_home_in_its_own_directory(world: World) -> None:
    script = '#!/bin/sh\nsh sub/hello "$GREETING"; echo "$USER $SECRET"; test "$PWD" = "$HOME" && echo home\n'
    look = await world.end(
        a_work(
            script=script,
            command=(),
            files=(File(path="sub/hello", content='echo "hello, $1"\n'),),
            env=(EnvVar(name="GREETING", value="你好 $(id) 'x'"),),
        )
    )

    assert look.stdout_tail == "hello, 你好 $(id) 'x'\nalice \nhome\n"


async def test_arguments_reach_the_payload_as_they_are(world: World) -> None:
    arguments = ["", " ", "a b", "$HOME", "`id`", "--", "-x", "\n", "é", "*", "'\"", "\\"]
    echo = "import json, sys; print(json.dumps(sys.argv[1:]))"
    look = await world.end(a_work("/usr/bin/python3", "-c", echo, *arguments))

    assert json.loads(look.stdout_tail) == arguments


@pytest.mark.parametrize(
    ("launcher", "lines"),
    [
        pytest.param(Launcher.SINGLE, 1, id="single-once"),
        pytest.param(Launcher.PER_NODE, 2, id="once-on-every-node"),
        pytest.param(Launcher.PER_TASK, 4, id="as-often-as-there-are-tasks"),
    ],
)
async def test_a_launcher_starts_the_command(world: World, launcher: Launcher, lines: int) -> None:
    work = a_work(
        "sh", "-c", 'echo "$SLURMD_NODENAME $MARK -x"', "--",
        launcher=launcher, env=(EnvVar(name="MARK", value="m"),), resources={"nodes": 2, "tasks_per_node": 2},
    )  # fmt: skip
    out = (await world.end(work)).stdout_tail.splitlines()

    assert len(out) == lines
    assert len(set(out)) == min(lines, 2)
    assert all(line.endswith(" m -x") for line in out)


async def test_the_ranks_of_a_launched_payload_get_their_grace_too(world: World) -> None:
    polite = ("sh", "-c", "trap 'echo saved; exit 7' TERM; while :; do sleep 0.1; done")
    work = a_work(
        *polite, launcher=Launcher.PER_NODE, resources={"nodes": 2}, max_run_seconds=6, grace_seconds=3
    )
    look = await world.end(work)

    assert look.result is not None
    assert (look.result.exit_code, look.result.limit) == (7, True)
    assert look.stdout_tail.splitlines().count("saved") == 2


async def test_ranks_that_ignore_the_warning_are_killed(world: World) -> None:
    work = a_work(*STUBBORN, launcher=Launcher.PER_NODE, max_run_seconds=4, grace_seconds=1)
    look = await world.end(work)

    assert look.result is not None
    assert look.result.limit
    assert look.stdout_tail.count("asked") == 1


async def test_cards_that_were_asked_for_are_given(world: World) -> None:
    work = a_work("sh", "-c", "echo $CUDA_VISIBLE_DEVICES", resources={"cards_per_node": 2})
    look = await world.end(work, partition="gpu")

    assert look.stdout_tail == "0,1\n"


async def test_srun_inside_a_payload_keeps_its_environment(world: World) -> None:
    script = "#!/bin/sh\nsrun sh -c 'echo $MARK; command -v sh'\n"
    look = await world.end(a_work(script=script, command=(), env=(EnvVar(name="MARK", value="m"),)))

    assert look.stdout_tail.splitlines() == ["m", "/usr/bin/sh"]


async def test_what_a_payload_leaves_behind_in_its_group_ends_with_it(world: World) -> None:
    look_for = "sleep 7193"
    await world.end(a_work("sh", "-c", f"{look_for} & exit 0"))

    assert look_for not in world.sh("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '", "root")


async def test_what_a_payload_daemonised_ends_with_it(world: World) -> None:
    await world.end(a_work(script=f"{DAEMONISES}exit 0\n", command=()))

    assert not world.has_process("daemonised")


async def test_what_a_payload_daemonised_ends_at_the_time_limit(world: World) -> None:
    work = a_work(script=f"{DAEMONISES}wait; sleep 60\n", command=(), max_run_seconds=2, grace_seconds=0)
    look = await world.end(work)

    assert look.result is not None
    assert look.result.limit
    assert not world.has_process("daemonised")


async def test_what_still_forks_when_a_payload_ends_ends_with_all_its_children(world: World) -> None:
    forks = ": > forking; for n in $(seq 200); do setsid sleep 7195 & done; wait"
    until = "while [ ! -e forking ]; do :; done"
    await world.end(a_work(script=f"#!/bin/sh\nsetsid sh -c '{forks}' &\n{until}\nexit 0\n", command=()))

    assert not world.has_process("sleep 7195")


async def test_a_payload_that_closed_its_directories_has_a_result_all_the_same(world: World) -> None:
    look = await world.end(a_work("sh", "-c", "chmod 0 ..; exit 5"))

    assert look.result is not None
    assert look.result.exit_code == 5


async def test_the_longest_run_that_a_pool_publishes_is_admitted_by_its_partition(world: World) -> None:
    pools = agent_config(world.centre, "https://hub")["pools"]
    assert pools
    for pool in pools:
        longest = pool["spec"]["limits"]["maxRunSeconds"]

        look = await world.end(a_work(max_run_seconds=longest), partition=pool["name"])

        assert look.result is not None
