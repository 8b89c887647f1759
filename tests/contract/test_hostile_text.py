"""No text of a tenant reaches a command line, a shell or a path that is not its own."""

import hashlib
import itertools
import json

import pytest

from computility.backends.protocol import Submission, Target
from computility.lab.slurm_config import HELPER
from computility.model.compute_job import EnvVar, File
from computility.model.reasons import Reason
from support.workloads import World, a_target, a_work

CANARY = "/tmp/computility-canary"

OPENERS = [
    "", ";", "&", "&&", "|", "||", "\n", "\r\n", "'", '"', "';", '";', "`", "$(", "${", "<(", ">", ">>",
    "\\", "#", "#SBATCH --wrap=", "--wrap=", "--output=", "-o", "--export=ALL,X=",
    "--", "%j", "%x;", "\t", "\x1b]0;",
]  # fmt: skip
BODIES = [
    f"touch {CANARY}", f"touch {CANARY})", f"touch {CANARY}`", f"touch {CANARY}}}", f"/bin/touch {CANARY} #",
    f"{CANARY}", f"../../../..{CANARY}", f"touch {CANARY}'", f'touch {CANARY}"', f"touch\u00a0{CANARY}\u202e",
    f"touch {CANARY}\n#SBATCH --wrap='touch {CANARY}'",
]  # fmt: skip
HOSTILE = [opener + body for opener, body in itertools.product(OPENERS, BODIES)]

MANY = [
    pytest.param("command", HOSTILE[::29], id="some-in-a-command"),
    pytest.param("script", HOSTILE[::31], id="some-in-a-script"),
    pytest.param("command", HOSTILE, id="all-in-a-command", marks=pytest.mark.slow),
    pytest.param("script", HOSTILE, id="all-in-a-script", marks=pytest.mark.slow),
]
"""Where any text may stand; with a command it stands in a file and in a variable too."""
WORDS = ["partition", "scheduler_account", "qos", "file-path", "env-name"]


def test_there_are_at_least_three_hundred_hostile_strings() -> None:
    assert len(set(HOSTILE)) >= 300


@pytest.fixture(autouse=True)
def _no_canary(world: World) -> None:
    assert not canary(world)


def canary(world: World) -> bool:
    return world.centre.run(["test", "-e", CANARY], "root").returncode == 0


def submission(target: Target, field: str, text: str) -> Submission:
    """A submission that carries the text in one field."""
    work = {
        "command": lambda: a_work(
            "true", text, files=(File(path="f", content=text),), env=(EnvVar(name="X", value=text),)
        ),
        "script": lambda: a_work(script=f"#!/bin/true\n{text}", command=()),
        "file-path": lambda: a_work(files=(File(path=text, content="x"),)),
        "env-name": lambda: a_work(env=(EnvVar(name=text, value="x"),)),
    }.get(field, a_work)()
    words = {field: text} if field in {"partition", "scheduler_account", "qos"} else {}
    return Submission(**{"target": target, "work": work, "partition": "cpu", **words})


@pytest.mark.parametrize(("field", "texts"), MANY)
async def test_hostile_text_goes_through_sbatch_and_does_nothing(
    world: World, field: str, texts: list[str]
) -> None:
    targets = [a_target() for _ in texts]

    left = {target.name: submission(target, field, text) for target, text in zip(targets, texts, strict=True)}
    while left:  # as an agent does: what a busy machine did not take, or did not answer for, is looked for
        answers = await world.backend.submit(list(left.values()))
        assert [answer.message for answer in answers.values() if answer.refused] == []
        looks = await world.backend.look([each.target for each in left.values()])
        missing = {name: each for name, each in left.items() if not looks[name].workloads}
        assert len(missing) < len(left), {answer.message for answer in answers.values()}
        left = missing

    assert not canary(world)
    await world.backend.cancel(targets)


@pytest.mark.parametrize("field", WORDS)
async def test_hostile_text_where_a_word_belongs_is_refused(world: World, field: str) -> None:
    targets = [a_target() for _ in HOSTILE]

    answers = await world.backend.submit(
        [submission(target, field, text) for target, text in zip(targets, HOSTILE, strict=True)]
    )

    assert {answer.refused for answer in answers.values()} == {Reason.INVALID}
    assert not canary(world)


async def test_hostile_arguments_and_variables_arrive_unchanged_and_unread(world: World) -> None:
    arguments = HOSTILE[:200]
    variables = tuple(EnvVar(name=f"V{n}", value=text) for n, text in enumerate(HOSTILE[200:]))
    code = (
        "import hashlib, json, os, sys;"
        f"values = sys.argv[1:] + [os.environ['V%d' % n] for n in range({len(variables)})];"
        "print(hashlib.sha256(json.dumps(values).encode()).hexdigest())"
    )

    look = await world.end(a_work("/usr/bin/python3", "-c", code, *arguments, env=variables))

    assert look.stdout_tail.strip() == hashlib.sha256(json.dumps(HOSTILE).encode()).hexdigest()
    assert not canary(world)


@pytest.mark.parametrize(
    "name",
    ["../bob", "cj-x-1", "cj-" + "0" * 32 + "-1\n", "cj-" + "0" * 32 + "-0", "", "cj-" + "0" * 32 + "-1;id"],
)
async def test_a_name_that_is_no_attempts_name_is_not_looked_at(world: World, name: str) -> None:
    look = await world.look(Target(name=name, account="alice"))

    assert not look.complete


async def test_the_agent_can_run_nothing_but_the_helper_and_not_as_root(world: World) -> None:
    helper = HELPER
    for argv in (
        ["-u", "alice", "id"],
        ["-u", "alice", "sh", "-c", "id"],
        ["-u", "root", helper, "look"],
        ["id"],
    ):
        assert world.centre.run(["sudo", "-n", *argv]).returncode != 0
    assert world.centre.run(["sudo", "-n", "-u", "alice", helper, "look"]).returncode == 0
    assert world.centre.run([helper, "look"], "root").returncode == 2
